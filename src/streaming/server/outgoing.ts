import type { Counters } from './counters.ts';
import type { ServerLimits } from './limits.ts';

/** A client's connection, as far as a session knows of it. */
export interface ClientLink {
  /** Whole frames; the bytes are looked at until `buffered` is 0. */
  write(bytes: Buffer): void;
  /** Bytes that were written and wait for the client. */
  readonly buffered: number;
  close(code: number, reason: string): void;
  /** Without a word, where the client would not hear it. */
  terminate(): void;
}

export interface OutgoingOptions {
  readonly link: ClientLink;
  readonly limits: ServerLimits;
  readonly counters: Counters;
  /** ms. */
  readonly now: () => number;
}

/** What goes out to one client, and whether it keeps up: more than a backlog never waits for it. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  /** Since when it is behind, ms; undefined while it is not. */
  #behindSince: number | undefined;
  #missed = 0;
  /** Bytes of snapshots, which may wait beyond the limit. */
  #allowance = 0;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  get isBehind(): boolean {
    return this.#behindSince !== undefined;
  }

  /** Whether it would get nothing now. */
  get isFull(): boolean {
    return this.isBehind || this.#isOver();
  }

  /** Whether it has been behind for longer than it may, at a time in ms. */
  isTooSlow(time: number): boolean {
    return this.#behindSince !== undefined && time - this.#behindSince >= this.#options.limits.slowMs;
  }

  /** Records, which are counted and left out while it is behind; true while their bytes wait for it. */
  records(bytes: Buffer, records: number): boolean {
    const { counters } = this.#options;
    if (!this.isBehind && this.#isOver()) this.#fallBehind();
    if (this.isBehind) {
      this.#missed += records;
      counters.skipped += records;
      return false;
    }
    counters.delivered += records;
    this.#write(bytes);
    return this.#options.link.buffered > 0;
  }

  /** An answer: whoever asks and does not listen gets none. */
  answer(bytes: Buffer): void {
    if (!this.isFull) this.#write(bytes);
  }

  /** How things stand, unless it would find no room: then it comes when the client has caught up. */
  snapshot(make: () => readonly Buffer[]): void {
    const { limits, link } = this.#options;
    // Snapshots may wait beyond the limit, but not on top of each other.
    if (this.isBehind || link.buffered > limits.backlogBytes) {
      this.#fallBehind();
      return;
    }
    for (const bytes of make()) {
      this.#allowance += bytes.length;
      this.#write(bytes);
    }
  }

  /** Everything that was written has gone out. */
  drained(): void {
    this.#allowance = 0;
  }

  /** Begins to give it records again; says how many it has missed. */
  caughtUp(): number {
    const missed = this.#missed;
    this.#behindSince = undefined;
    this.#missed = 0;
    return missed;
  }

  #fallBehind(): void {
    if (this.isBehind) return;
    this.#behindSince = this.#options.now();
    this.#options.counters.lagged++;
  }

  /** Whether more waits for it than may. */
  #isOver(): boolean {
    const { limits, link } = this.#options;
    const { buffered } = link;
    if (buffered === 0) this.#allowance = 0;
    return buffered > limits.backlogBytes + this.#allowance;
  }

  #write(bytes: Buffer): void {
    const { counters, link } = this.#options;
    counters.bytes += bytes.length;
    link.write(bytes);
  }
}
