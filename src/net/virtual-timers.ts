import { setImmediate } from 'node:timers/promises';
import type { Timer, Timers } from './network.ts';

interface Entry extends Timer {
  readonly at: number;
  readonly sequence: number;
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * Time that passes only when it is told to: what is due runs in the order of its time, then of its making, and promises
 * settle in between. Two runs of the same program are the same.
 */
export class VirtualTimers implements Timers {
  #now: number;
  #sequence = 0;
  /** A binary heap, earliest first. */
  readonly #heap: Entry[] = [];
  /** Timers that are neither due nor cancelled. */
  pending = 0;

  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Timer {
    const entry: Entry = {
      at: this.#now + Math.max(0, ms),
      sequence: this.#sequence++,
      run,
      cancelled: false,
      cancel: () => {
        if (entry.cancelled) return;
        entry.cancelled = true;
        this.pending--;
      },
    };
    this.pending++;
    this.#push(entry);
    return entry;
  }

  /** Lets time pass until `done` says so, nothing is left to do, or `until` (epoch ms UTC) is reached. */
  async run(options: { until?: number; done?: () => boolean } = {}): Promise<void> {
    const { until = Number.POSITIVE_INFINITY, done = () => false } = options;
    await setImmediate();
    while (!done()) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) break;
      this.#pop();
      if (next.cancelled) continue;
      next.cancelled = true;
      this.pending--;
      this.#now = next.at;
      next.run();
      await setImmediate();
    }
    if (until !== Number.POSITIVE_INFINITY && !done()) this.#now = Math.max(this.#now, until);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      if (!before(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
