import { type Kline, klineBars } from '../../venues/binance/kline.ts';
import type { FeedEvent } from '../feed.ts';

/** A closed bar that waits to be taken. */
interface Closed {
  readonly kind: 'closed';
  readonly kline: Kline;
  readonly phase: 'warmup' | 'run';
}

type Entry = Closed | Exclude<FeedEvent, { kind: 'bars' }>;

/** Closed bars that may wait for a slow consumer; above it the source is held back. */
const MOST_WAITING = 100_000;
/** Bars put into one event, when several are waiting. */
const MOST_TOGETHER = 4096;

export interface OutboxOptions {
  /** Whether a bar that opened at `time` is late when it is taken now. */
  isLate(time: number): boolean;
  /** Give every forming update, instead of only the newest that has not been taken. */
  readonly everyForming: boolean;
  /** Everything has been taken and more is asked for. */
  onIdle(): void;
  /** The consumer has taken half of what was too much. */
  onRoom(): void;
  /** The consumer wants no more. */
  onReturn(): void;
}

/**
 * What a feed has to say, until it is taken. Closed bars wait in order and come together when several wait; of forming
 * updates only the newest waits.
 */
export class Outbox implements AsyncIterableIterator<FeedEvent> {
  readonly #options: OutboxOptions;
  /** Entries from `#head` on are waiting. */
  #entries: Entry[] = [];
  #head = 0;
  #closed = 0;
  #full = false;
  #ended = false;
  #forming = 0;
  #error: unknown;
  #taker:
    | { resolve: (result: IteratorResult<FeedEvent>) => void; reject: (error: unknown) => void }
    | undefined;
  /** Forming updates that were left out. */
  dropped = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Nothing is waiting, and the consumer waits. */
  get idle(): boolean {
    return this.#taker !== undefined;
  }

  /** No more closed bars should be put in until the consumer has taken some. */
  get full(): boolean {
    return this.#full;
  }

  bar(kline: Kline, phase: 'warmup' | 'run'): void {
    this.#dropForming();
    this.#put({ kind: 'closed', kline, phase });
  }

  forming(event: Extract<FeedEvent, { kind: 'forming' }>): void {
    if (!this.#options.everyForming) this.#dropForming();
    this.#forming++;
    this.#put(event);
  }

  tell(event: Extract<FeedEvent, { kind: 'clock' | 'gap' | 'status' }>): void {
    this.#put(event);
  }

  /** No more comes; what is waiting can still be taken. */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker === undefined) return;
    if (error === undefined) taker.resolve({ done: true, value: undefined });
    else taker.reject(error);
  }

  /** Forgets what is waiting, and ends. */
  discard(): void {
    this.#entries = [];
    this.#head = 0;
    this.#closed = 0;
    this.#forming = 0;
    this.end();
  }

  next(): Promise<IteratorResult<FeedEvent>> {
    if (this.#head < this.#entries.length) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#ended) {
      const error = this.#error;
      this.#error = undefined;
      if (error !== undefined) return Promise.reject(error);
      return Promise.resolve({ done: true, value: undefined });
    }
    if (this.#taker !== undefined) return Promise.reject(new Error('the last event has not come yet'));
    const promise = new Promise<IteratorResult<FeedEvent>>((resolve, reject) => {
      this.#taker = { resolve, reject };
    });
    this.#options.onIdle();
    return promise;
  }

  return(): Promise<IteratorResult<FeedEvent>> {
    this.discard();
    this.#options.onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  #put(entry: Entry): void {
    if (this.#ended) return;
    const entries = this.#entries;
    entries.push(entry);
    if (entry.kind === 'closed' && ++this.#closed >= MOST_WAITING) this.#full = true;
    const taker = this.#taker;
    if (taker === undefined) return;
    this.#taker = undefined;
    taker.resolve({ done: false, value: this.#take() });
  }

  /** The next event; there is one. */
  #take(): FeedEvent {
    const entries = this.#entries;
    const first = entries[this.#head];
    if (first.kind !== 'closed') {
      if (first.kind === 'forming') this.#forming--;
      this.#advance(1);
      return first;
    }
    const { phase } = first;
    const late = phase === 'run' && this.#options.isLate(first.kline.time);
    const klines: Kline[] = [];
    for (let at = this.#head; at < entries.length && klines.length < MOST_TOGETHER; at++) {
      const entry = entries[at];
      if (entry.kind !== 'closed' || entry.phase !== phase) break;
      if (phase === 'run' && this.#options.isLate(entry.kline.time) !== late) break;
      klines.push(entry.kline);
    }
    this.#advance(klines.length);
    this.#closed -= klines.length;
    if (this.#full && this.#closed <= MOST_WAITING / 2) {
      this.#full = false;
      this.#options.onRoom();
    }
    return { kind: 'bars', bars: klineBars(klines), phase, late };
  }

  #advance(count: number): void {
    this.#head += count;
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  /** A newer forming update or its closed bar makes a waiting one superfluous. */
  #dropForming(): void {
    if (this.#forming === 0 || this.#options.everyForming) return;
    for (let at = this.#entries.length - 1; at >= this.#head; at--) {
      if (this.#entries[at].kind !== 'forming') continue;
      this.#entries.splice(at, 1);
      this.#forming = 0;
      this.dropped++;
      return;
    }
  }
}
