import type { KafkaMessage, Partition } from './reader.ts';

/** Messages of one partition, in their order; `next` is the offset behind the last. */
export interface MessageBatch extends Partition {
  readonly topicId: string;
  readonly messages: readonly KafkaMessage[];
  readonly next: number;
  /** Messages before this offset were taken by the group before; only where it reads from the beginning are there any. */
  readonly taken: number;
}

export type Take = (batch: MessageBatch) => void | Promise<void>;

/** What takes the messages has failed, for the reason that is its cause: no reason to read them again. */
export class TakerFailure extends Error {}

/** Hands messages on. Throws TakerFailure. */
export async function take(write: Take, batch: MessageBatch): Promise<void> {
  try {
    await write(batch);
  } catch (error) {
    throw new TakerFailure('the messages were not taken', { cause: error });
  }
}

/** Bytes of their values. */
export function sizeOf(messages: readonly KafkaMessage[]): number {
  let bytes = 0;
  for (const { value } of messages) bytes += value?.length ?? 0;
  return bytes;
}
