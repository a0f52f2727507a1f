import type { CaptureHeader } from '../../collection/capture.ts';
import { type CaptureEvent, captureLine, type WireTap } from '../../collection/capture-writer.ts';
import type { KafkaConnection } from './connection.ts';
import type { StreamMetrics } from './metrics.ts';
import { KafkaProducer, type OutgoingMessage } from './sink.ts';
import { checkTopic } from './topics.ts';

/** Frames that may wait for the brokers, bytes. */
const MOST_WAITING = 64 * 2 ** 20;
const MOST_AT_ONCE = 2000;

export interface RawTopicOptions {
  readonly connection: KafkaConnection;
  readonly topic: string;
  readonly header: CaptureHeader;
  /** Tells the runs of a venue apart. */
  readonly run: string;
  readonly metrics?: StreamMetrics;
  onFailure(error: unknown): void;
}

/**
 * What comes over the wire of one venue, to a topic: the lines of a capture, one a message, with the key `venue run`, so that a run
 * stays in order in one partition. What finds no room, because the brokers are away for long, is left out, counted, and said by a
 * line `lost`.
 */
export class RawTopicWriter implements WireTap {
  readonly #options: RawTopicOptions;
  readonly #producer: KafkaProducer;
  #waiting: OutgoingMessage[] = [];
  #bytes = 0;
  #lost = 0;
  #failed = false;
  #writing: Promise<void> | undefined;
  /** Lines that found no room. */
  dropped = 0;

  /** Throws InputError `KAFKA_*`. */
  constructor(options: RawTopicOptions) {
    checkTopic(options.topic);
    this.#options = options;
    this.#producer = new KafkaProducer(options.connection, options.metrics);
    this.#push(JSON.stringify(options.header));
  }

  event(event: CaptureEvent, time: number, published: number): void {
    if (this.#failed) return;
    if (this.#bytes > MOST_WAITING) {
      this.#lost++;
      this.dropped++;
      return;
    }
    if (this.#lost > 0) {
      this.#push(`{"kind":"lost","lines":${this.#lost}}`);
      this.#lost = 0;
    }
    this.#push(captureLine(event, time, published));
  }

  async close(): Promise<void> {
    this.#producer.ending();
    await this.#writing;
    await this.#producer.close();
  }

  #push(line: string): void {
    const { header, run, topic } = this.#options;
    const value = Buffer.from(line);
    this.#bytes += value.length;
    const headers = { venue: header.venue, run };
    this.#waiting.push({ topic, key: `${header.venue} ${run}`, value, headers });
    this.#writing ??= Promise.resolve().then(() => this.#write());
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const messages = this.#waiting.slice(0, MOST_AT_ONCE);
        this.#waiting = this.#waiting.slice(MOST_AT_ONCE);
        await this.#producer.send(messages);
        for (const { value } of messages) this.#bytes -= value.length;
      }
    } catch (error) {
      this.#failed = true;
      this.#waiting = [];
      this.#options.onFailure(error);
    } finally {
      this.#writing = undefined;
    }
  }
}
