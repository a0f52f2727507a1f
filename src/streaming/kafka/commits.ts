import { isPassing } from './connection.ts';
import type { KafkaGroup } from './group.ts';
import { keyOf, type Position } from './reader.ts';

const COMMIT_MS = 500;

/** How far this process has handed messages on, and how far its group knows of it. */
export class Commits {
  readonly #onFailure: (message: string) => void;
  /** What this process has handed on, so that no rebalance makes it do so twice. */
  readonly #written = new Map<string, Position>();
  readonly #committed = new Map<string, number>();
  #last = 0;

  /** `onFailure` hears of what brokers that are away did not take; the next commit says the same and more. */
  constructor(onFailure: (message: string) => void) {
    this.#onFailure = onFailure;
  }

  /** Offset behind the last message that was handed on; 0 where there was none. */
  writtenOf(key: string): number {
    return this.#written.get(key)?.offset ?? 0;
  }

  /** Messages before this position have been taken. */
  written(position: Position): void {
    this.#written.set(keyOf(position), position);
  }

  /** A new member of the group has committed nothing yet. */
  begin(): void {
    this.#committed.clear();
  }

  /** Tells the group, about twice a second at most unless it is the last time; `now` in ms. Throws `KAFKA_*`. */
  async commit(group: KafkaGroup, now: number, isLast: boolean): Promise<void> {
    if (!isLast && now - this.#last < COMMIT_MS) return;
    const own = new Set(group.partitions.map(keyOf));
    const moved = [...this.#written].filter(
      ([key, { offset }]) => own.has(key) && offset > (this.#committed.get(key) ?? -1),
    );
    if (moved.length === 0) return;
    this.#last = now;
    try {
      const taken = await group.commit(moved.map(([, position]) => position));
      if (taken) for (const [key, { offset }] of moved) this.#committed.set(key, offset);
    } catch (error) {
      // The last one costs whoever goes on some records that it has already.
      if (!isPassing(error)) throw error;
      this.#onFailure((error as Error).message);
    }
  }
}
