import { type CompressionAlgorithmValue, compatibilityPartitioner, Producer } from '@platformatic/kafka';
import type { RecordSink } from '../../collection/sinks/sink.ts';
import { OutputError } from '../../model/errors.ts';
import type { GapRecord, MarketRecord } from '../../model/records.ts';
import { choiceOf, countOf } from './address.ts';
import { ensureTopics, isPassing, type KafkaConnection, kafkaFailure } from './connection.ts';
import { StreamMetrics } from './metrics.ts';
import { encodeRecord } from './record-json.ts';
import type { TopicNames } from './topics.ts';

/** Options of a sink's address. */
export const SINK_OPTIONS = ['compression', 'partitions', 'replicas'] as const;

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
/** Values of one topic that go together, bytes before compression: below the million that brokers take by default. */
const MOST_BYTES = 900_000;
const MOST_MESSAGES = 5000;
/** What a collection that is told to end gives the last records, ms. */
const GOODBYE_MS = 15_000;
/** Instruments of which a gap of a whole venue is told to each. */
const MOST_INSTRUMENTS = 10_000;

/** A message as it is handed to the brokers. */
export interface OutgoingMessage {
  readonly topic: string;
  /** What has the same key stays in order. */
  readonly key: string;
  readonly value: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Messages to a cluster: idempotent, so that a retry neither doubles nor reorders; one request after the other, which brokers
 * that are away hold up until they are back. What cannot be delivered at all is thrown.
 */
export class KafkaProducer {
  readonly #connection: KafkaConnection;
  readonly #producer: Producer<string, Buffer, string, string>;
  readonly #metrics: StreamMetrics;
  readonly #known = new Set<string>();
  #undelivered = 0;

  /** Throws InputError `KAFKA_ADDRESS`. */
  constructor(connection: KafkaConnection, metrics = new StreamMetrics()) {
    this.#connection = connection;
    this.#metrics = metrics;
    this.#producer = new Producer<string, Buffer, string, string>({
      ...connection.options,
      idempotent: true,
      // While brokers are away requests wait; what waits before them is bounded by the queue in front of the sink.
      retries: Number.MAX_SAFE_INTEGER,
      compression: choiceOf(
        connection.address,
        'compression',
        COMPRESSIONS,
        'lz4',
      ) as CompressionAlgorithmValue,
      // As Java's clients choose partitions.
      partitioner: compatibilityPartitioner,
      serializers: {
        key: text => Buffer.from(text ?? ''),
        value: bytes => bytes,
        headerKey: text => Buffer.from(text ?? ''),
        headerValue: text => Buffer.from(text ?? ''),
      },
    });
  }

  /** Resolves when the brokers have all of them. Throws NetworkError, OutputError, InputError `KAFKA_*`. */
  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    await this.#ensure(messages);
    let part: OutgoingMessage[] = [];
    let bytes = new Map<string, number>();
    for (const message of messages) {
      const size = (bytes.get(message.topic) ?? 0) + message.value.length;
      if (part.length >= MOST_MESSAGES || (size > MOST_BYTES && bytes.has(message.topic))) {
        await this.#sendPart(part);
        part = [];
        bytes = new Map();
      }
      part.push(message);
      bytes.set(message.topic, (bytes.get(message.topic) ?? 0) + message.value.length);
    }
    if (part.length > 0) await this.#sendPart(part);
  }

  /** From now on brokers that are away are not waited for longer than a goodbye takes. */
  ending(): void {
    setTimeout(() => void this.#producer.close(true).catch(() => {}), GOODBYE_MS).unref();
  }

  async close(): Promise<void> {
    await this.#producer.close(true);
  }

  async #ensure(messages: readonly OutgoingMessage[]): Promise<void> {
    const fresh = new Set<string>();
    for (const { topic } of messages) if (!this.#known.has(topic)) fresh.add(topic);
    if (fresh.size === 0) return;
    const { address } = this.#connection;
    const terms = { partitions: countOf(address, 'partitions'), replicas: countOf(address, 'replicas') };
    for (;;) {
      try {
        await ensureTopics(this.#connection, [...fresh], terms);
        break;
      } catch (error) {
        // The first topic shows whether there is a cluster at all; later ones wait for it as messages do.
        if (this.#known.size === 0 || !isPassing(error) || this.#producer.closed) throw error;
      }
    }
    for (const topic of fresh) this.#known.add(topic);
  }

  async #sendPart(messages: readonly OutgoingMessage[]): Promise<void> {
    this.#undelivered = messages.length;
    const timestamp = BigInt(Date.now());
    try {
      await this.#producer.send({
        messages: messages.map(({ headers, ...rest }) => ({
          ...rest,
          // By its age the cluster deletes a message: records of old captures are as young as any.
          timestamp,
          ...(headers === undefined ? {} : { headers: { ...headers } }),
        })),
      });
    } catch (error) {
      throw this.#failure(error);
    }
    this.#undelivered = 0;
    for (const { topic, value } of messages) {
      this.#metrics.produced.inc({ topic });
      this.#metrics.producedBytes.inc({ topic }, value.length);
    }
  }

  #failure(error: unknown): Error {
    const { address } = this.#connection;
    if (!this.#producer.closed) return kafkaFailure(error, address);
    return new OutputError(
      'KAFKA_NOT_DELIVERED',
      `${address.name} was away for the ${GOODBYE_MS / 1000} s that were left: the last ${this.#undelivered} messages may be missing there`,
      { value: this.#undelivered, fix: 'see why the brokers were away, and collect anew', cause: error },
    );
  }
}

/**
 * Records to topics, as JSON, with the key `venue symbol`. A gap that concerns a whole venue is told of each instrument that went
 * here before, in its own topic and order; before there is any, it goes to the topic of `all-symbols`.
 */
export class KafkaSink implements RecordSink {
  readonly name: string;
  readonly #producer: KafkaProducer;
  readonly #topics: TopicNames;
  /** Of each venue, by native symbol: a record of it. */
  readonly #instruments = new Map<string, Map<string, MarketRecord>>();

  constructor(connection: KafkaConnection, topics: TopicNames, metrics?: StreamMetrics) {
    this.name = connection.address.name;
    this.#topics = topics;
    this.#producer = new KafkaProducer(connection, metrics);
  }

  async write(records: readonly MarketRecord[]): Promise<void> {
    const messages: OutgoingMessage[] = [];
    for (const record of records) {
      if (record.kind === 'gap' && record.symbol === '') {
        for (const gap of this.#forEach(record)) messages.push(this.#message(gap));
      } else {
        this.#remember(record);
        messages.push(this.#message(record));
      }
    }
    await this.#producer.send(messages);
  }

  ending(): void {
    this.#producer.ending();
  }

  close(): Promise<void> {
    return this.#producer.close();
  }

  #message(record: MarketRecord): OutgoingMessage {
    return {
      topic: this.#topics.of(record),
      key: `${record.venue} ${record.symbol}`,
      value: encodeRecord(record),
    };
  }

  #remember(record: MarketRecord): void {
    let known = this.#instruments.get(record.venue);
    if (known === undefined) {
      known = new Map();
      this.#instruments.set(record.venue, known);
    }
    const key = record.native;
    if (!known.has(key) && known.size < MOST_INSTRUMENTS) known.set(key, record);
  }

  #forEach(gap: GapRecord): readonly GapRecord[] {
    const known = this.#instruments.get(gap.venue);
    if (known === undefined) return [gap];
    const natives = new Map([...known.values()].map(({ native, symbol }) => [native, symbol]));
    return [...natives].map(([native, symbol]) => ({ ...gap, native, symbol }));
  }
}
