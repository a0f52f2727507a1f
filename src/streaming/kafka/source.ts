import type { MarketRecord } from '../../model/records.ts';
import type { RecordSource } from '../record-source.ts';
import { Duplicates } from './duplicates.ts';
import type { MessageBatch } from './message-batch.ts';
import { MessageSource, type MessageSourceOptions } from './message-source.ts';
import type { Partition } from './reader.ts';
import { decodeRecord } from './record-json.ts';

/** Messages that are no records are told so often, then only counted. */
const MOST_NOTICES = 10;

/** Records of one partition, in their order. `offsets` has the place of each; those that are not to be kept are left out. */
export interface RecordBatch extends Partition {
  readonly topicId: string;
  readonly records: readonly MarketRecord[];
  readonly offsets: readonly number[];
  /** Offset behind the last message. */
  readonly next: number;
}

/**
 * Records of topics, as a member of a consumer group: see {@link MessageSource}. Records that producers made twice are left
 * out, by their ids; messages that are no records too, counted and told.
 */
export class KafkaSource implements RecordSource {
  readonly #options: MessageSourceOptions;
  readonly #messages: MessageSource;
  readonly #duplicates = new Duplicates();
  #notices = 0;

  constructor(options: MessageSourceOptions) {
    this.#options = options;
    this.#messages = new MessageSource(options);
  }

  get name(): string {
    return this.#messages.name;
  }

  run(write: (records: readonly MarketRecord[]) => void | Promise<void>, signal: AbortSignal): Promise<void> {
    return this.runBatches(({ records }) => (records.length === 0 ? undefined : write(records)), signal);
  }

  /** As {@link run}, with the places of the records, for those who keep them. */
  runBatches(write: (batch: RecordBatch) => void | Promise<void>, signal: AbortSignal): Promise<void> {
    return this.#messages.run(batch => write(this.#records(batch)), signal);
  }

  #records({ messages, ...batch }: MessageBatch): RecordBatch {
    const { metrics } = this.#messages;
    const { topic } = batch;
    const records: MarketRecord[] = [];
    const offsets: number[] = [];
    for (const { offset, value } of messages) {
      // A tombstone takes nothing back that was told.
      if (value === null) continue;
      const record = decodeRecord(value);
      if (typeof record === 'string') {
        metrics.invalid.inc({ topic });
        this.#tell(`${topic} ${batch.partition}, offset ${offset} is no record: ${record}`);
      } else if (this.#duplicates.has(record)) metrics.duplicates.inc({ topic });
      else {
        records.push(record);
        offsets.push(offset);
      }
    }
    return { ...batch, records, offsets };
  }

  #tell(message: string): void {
    this.#notices++;
    if (this.#notices <= MOST_NOTICES) this.#options.onNotice?.('warning', 'KAFKA_RECORD', message);
  }
}
