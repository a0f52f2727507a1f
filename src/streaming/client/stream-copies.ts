import type { Timers } from '../../net/network.ts';
import { type DataMessage, isMeant, type Topic } from '../protocol.ts';
import { StreamCopy } from './stream-copy.ts';

/** Streams that are followed; what comes of more is handed on, and not checked. */
const MOST_STREAMS = 20_000;
/** A snapshot that does not come is asked for again after so long, ms; longer every time. */
const SNAPSHOT_MS = { first: 2000, most: 30_000 };

export interface StreamCopiesOptions {
  readonly timers: Timers;
  /** Asks the server how a stream stands; without a connection the next one brings it. */
  ask(copy: StreamCopy): void;
}

/** What a client knows of all streams that it was told of. */
export class StreamCopies {
  readonly #options: StreamCopiesOptions;
  readonly #copies = new Map<string, StreamCopy>();
  /** Streams whose snapshot has been asked for. */
  readonly #asked = new Set<StreamCopy>();
  #isClosed = false;

  constructor(options: StreamCopiesOptions) {
    this.#options = options;
  }

  get(channel: string, venue: string, topic: string): StreamCopy | undefined {
    return this.#copies.get(`${channel} ${venue} ${topic}`);
  }

  /** How many records before this one never came; below 0 for one that is to be dropped, since it is known. */
  take(message: DataMessage): number {
    const name = nameOf(message);
    let copy = this.#copies.get(name);
    if (copy === undefined && this.#copies.size < MOST_STREAMS) {
      copy = new StreamCopy(message);
      this.#copies.set(name, copy);
    }
    const lost = copy?.take(message) ?? 0;
    if (lost >= 0 && copy !== undefined) {
      if (copy.needsSnapshot) this.#resync(copy);
      else this.#asked.delete(copy);
    }
    return lost;
  }

  /** Forgets what none of these means: what is not told any more grows old. */
  keep(topics: readonly Topic[]): void {
    for (const [name, copy] of this.#copies) {
      if (topics.some(one => isMeant(one, copy))) continue;
      this.#copies.delete(name);
      this.#asked.delete(copy);
    }
  }

  clear(): void {
    this.#copies.clear();
    this.#asked.clear();
  }

  /** The connection is gone: books are not to be used until they are told anew. */
  interrupt(): void {
    for (const copy of this.#copies.values()) copy.interrupt();
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Has a stream told anew, again and again until it was. */
  #resync(copy: StreamCopy): void {
    if (this.#asked.has(copy)) return;
    const ask = (times: number) => {
      if (this.#isClosed || !copy.needsSnapshot || this.#copies.get(nameOf(copy)) !== copy) {
        this.#asked.delete(copy);
        return;
      }
      this.#asked.add(copy);
      this.#options.ask(copy);
      const pause = Math.min(SNAPSHOT_MS.most, SNAPSHOT_MS.first * 2 ** Math.min(times, 10));
      this.#options.timers.after(pause, () => {
        if (this.#asked.has(copy)) ask(times + 1);
      });
    };
    ask(0);
  }
}

export function nameOf({ channel, topic, venue }: Pick<DataMessage, 'channel' | 'topic' | 'venue'>): string {
  return `${channel} ${venue} ${topic}`;
}
