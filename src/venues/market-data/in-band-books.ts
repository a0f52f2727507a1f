import { BookFeed, type BookRules, type Sequences } from '../books/book-feed.ts';
import type { LevelChanges } from '../books/level-changes.ts';
import type { DecoderHost } from './contract.ts';
import type { Gaps } from './gaps.ts';
import type { Instrument } from './instruments.ts';

const SECOND = 1_000_000;
/** A snapshot that was asked for and has not come within this time is asked for again, µs. */
const PATIENCE = 10 * SECOND;
/** After so many requests without an answer the connection itself is given up. */
const MOST_UNANSWERED = 3;
/** A book that breaks again and again is asked for ever more rarely, up to this, µs. */
const MOST_DELAY = 300 * SECOND;
/** One that broke so long ago starts from the beginning, µs. */
const FORGOTTEN = 600 * SECOND;

const NO_SEQUENCES = { first: Number.NaN, last: Number.NaN, previous: Number.NaN };

/** Asks for the books of these symbols anew on a connection, without touching others on it. */
export type Resubscribe = (connection: number, natives: readonly string[], stream: string) => void;

interface Held {
  readonly native: string;
  readonly feed: BookFeed;
  /** The connection and the stream of the snapshot that came last; -1 for none. */
  connection: number;
  stream: string;
  /** The message that brought the last change, and where in its frame it stands. */
  frame: string;
  at: number;
  /** A snapshot is to come, or to be asked for at `due`, receive time. */
  isNeeded: boolean;
  due: number;
  askedAt: number;
  /** Requests since the book was last thought sound, and those since a snapshot last came. */
  asks: number;
  unanswered: number;
}

/**
 * The books of a venue whose snapshots come in the same stream as their changes. A book belongs to the connection that
 * sent its snapshot last: changes of another one, such as the older of two while they are exchanged, are not for it. One
 * that is broken is subscribed to again, alone.
 */
export class InBandBooks {
  readonly feeds = new Map<string, BookFeed>();
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #rules: (instrument: Instrument) => BookRules;
  readonly #resubscribe: Resubscribe;
  readonly #held = new Map<string, Held>();
  /** The earliest of all `due`. */
  #due = Number.POSITIVE_INFINITY;

  constructor(
    host: DecoderHost,
    gaps: Gaps,
    rules: (instrument: Instrument) => BookRules,
    resubscribe: Resubscribe,
  ) {
    this.#host = host;
    this.#gaps = gaps;
    this.#rules = rules;
    this.#resubscribe = resubscribe;
  }

  /** A whole book of at most `depth` levels a side. `stream` names the venue's own kind of it. */
  snapshot(
    native: string,
    connection: number,
    stream: string,
    changes: LevelChanges,
    facts: {
      readonly sequence?: number;
      readonly exchangeTime: number | null;
      readonly checksum?: number;
      readonly depth?: number;
    },
  ): void {
    const held = this.#of(native);
    const { feed } = held;
    const isOther = held.connection !== connection || held.stream !== stream;
    if (isOther && feed.isValid && connection <= held.connection) {
      this.#duplicate(native);
      return;
    }
    held.connection = connection;
    held.stream = stream;
    held.frame = '';
    answered(held);
    feed.depth = facts.depth ?? Number.POSITIVE_INFINITY;
    feed.snapshot(changes, facts.sequence ?? Number.NaN, facts.exchangeTime, facts.checksum);
  }

  /** What changed. `frame` and `at` are the text that says so and where in it this begins: sent again, it brings nothing. */
  delta(
    native: string,
    connection: number,
    stream: string,
    changes: LevelChanges,
    facts: {
      readonly sequences?: Sequences;
      readonly exchangeTime: number | null;
      readonly checksum?: number;
      readonly frame: string;
      readonly at: number;
    },
  ): void {
    const held = this.#of(native);
    if (held.connection === -1) {
      // Its snapshot was lost, or came before all that is known.
      held.connection = connection;
      held.stream = stream;
    } else if (held.connection !== connection || held.stream !== stream) {
      this.#duplicate(native);
      return;
    }
    const { at, frame } = facts;
    if (held.at === at && held.frame === frame) {
      const tally = this.#host.tally.of(native);
      tally.counter('bookDeltas').value++;
      tally.counter('duplicateDeltas').value++;
      return;
    }
    held.frame = frame;
    held.at = at;
    held.feed.delta(changes, facts.sequences ?? NO_SEQUENCES, facts.exchangeTime, facts.checksum);
    if (!held.feed.isValid) this.#need(held);
  }

  /** The subscription stands, so that a snapshot is to come. */
  awaited(native: string, connection: number, stream: string): void {
    const held = this.#of(native);
    if (held.feed.isValid) return;
    held.connection = connection;
    held.stream = stream;
    if (!held.isNeeded) this.#wait(held, PATIENCE);
  }

  /** Nothing more comes on this connection. */
  closed(connection: number, reason: string): void {
    for (const held of this.#held.values()) {
      if (held.connection !== connection) continue;
      held.connection = -1;
      answered(held);
      if (held.feed.isValid) held.feed.lose('DISCONNECTED', 'the connection stands', reason);
    }
  }

  /** Something on this connection could not be read: it may have been of any of its books, unless `native` is known. */
  unreadable(connection: number, rule: string, detail: string, native?: string): void {
    for (const held of this.#held.values()) {
      if (held.connection !== connection || (native !== undefined && held.native !== native)) continue;
      if (held.feed.isValid) held.feed.lose('UNREADABLE', rule, detail);
    }
  }

  /** To be called after each frame: asks for what broke, and again for what has not come. */
  settle(): void {
    const now = this.#host.receiveTime;
    if (now < this.#due) return;
    const late = [...this.#held.values()].filter(({ due }) => due <= now);
    const hopeless = late.filter(({ unanswered }) => unanswered >= MOST_UNANSWERED);
    for (const held of hopeless) answered(held);
    for (const connection of new Set(hopeless.map(held => held.connection))) {
      this.#host.reconnect(connection, `no snapshot after ${MOST_UNANSWERED} requests`);
    }
    const again = late.filter(held => !hopeless.includes(held));
    for (const held of again) {
      held.asks++;
      held.unanswered++;
      held.askedAt = now;
      this.#wait(held, PATIENCE);
    }
    this.#ask(again);
    this.#due = Math.min(Number.POSITIVE_INFINITY, ...[...this.#held.values()].map(({ due }) => due));
  }

  /** The first request goes out at once; another one waits the longer, the more there were. */
  #need(held: Held): void {
    if (held.connection === -1 || held.isNeeded) return;
    const now = this.#host.receiveTime;
    if (now - held.askedAt > FORGOTTEN) held.asks = 0;
    const delay = Math.min(PATIENCE * 2 ** (held.asks - 1), MOST_DELAY);
    this.#wait(held, held.asks === 0 ? 0 : Math.max(0, held.askedAt + delay - now));
  }

  #wait(held: Held, delay: number): void {
    held.isNeeded = true;
    held.due = this.#host.receiveTime + delay;
    this.#due = Math.min(this.#due, held.due);
  }

  #ask(helds: readonly Held[]): void {
    const groups = new Map<string, Held[]>();
    for (const held of helds) {
      const name = `${held.connection} ${held.stream}`;
      groups.set(name, [...(groups.get(name) ?? []), held]);
    }
    for (const group of groups.values()) {
      const [{ connection, stream }] = group;
      this.#resubscribe(
        connection,
        group.map(({ native }) => native),
        stream,
      );
    }
  }

  #duplicate(native: string): void {
    this.#host.tally.of(native).counter('duplicateMessages').value++;
  }

  #of(native: string): Held {
    const known = this.#held.get(native);
    if (known !== undefined) return known;
    const instrument = this.#host.instruments.of(native);
    const feed = new BookFeed(this.#host, this.#gaps, this.#rules(instrument), instrument, () =>
      this.#need(held),
    );
    const held: Held = {
      ...{ native, feed, connection: -1, stream: '', frame: '', at: 0, isNeeded: false },
      ...{ due: Number.POSITIVE_INFINITY, askedAt: Number.NEGATIVE_INFINITY, asks: 0, unanswered: 0 },
    };
    this.#held.set(native, held);
    this.feeds.set(native, feed);
    return held;
  }
}

function answered(held: Held): void {
  held.isNeeded = false;
  held.due = Number.POSITIVE_INFINITY;
  held.unanswered = 0;
}
