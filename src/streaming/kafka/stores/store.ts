import type { Partition } from '../reader.ts';
import type { RecordBatch } from '../source.ts';

/** Where records of topics are kept, together with how far they have come, so that nothing is lost and nothing is there twice. */
export interface PipeStore {
  /** As messages call it. */
  readonly name: string;
  /** Offset behind the last message that was taken; undefined where nothing was. */
  positionOf(topicId: string, partition: Partition): number | undefined;
  /** Takes a batch and its position, both or none. Returns how many records were taken. Throws QtError. */
  write(batch: RecordBatch): number;
  close(): void;
}

/** Names a partition of a topic; another topic of the same name has another id. */
export function sourceOf(topicId: string, { partition, topic }: Partition): string {
  return `kafka ${topic} ${topicId} ${partition}`;
}
