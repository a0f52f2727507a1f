import type { DecoderHost } from '../contract.ts';

const SECOND = 1_000_000;
const CHANNELS = ['book', 'l3'] as const;
/** A snapshot that was asked for and has not come within this time is asked for again, µs. */
const PATIENCE = 10 * SECOND;
/** After so many requests without an answer the connection itself is given up. */
const MOST_UNANSWERED = 3;
/** A book that breaks again and again is asked for ever more rarely, up to this, µs. */
const MOST_DELAY = 300 * SECOND;
/** One that broke so long ago starts from the beginning, µs. */
const FORGOTTEN = 600 * SECOND;

/** Asks for the books of these symbols anew on a connection, without touching others on it. */
export type Resubscribe = (connection: number, natives: readonly string[], stream: string) => void;

/** A book that is kept, of levels or of orders. */
export interface KeptBook {
  readonly isValid: boolean;
  lose(cause: string, rule: string, detail: string): void;
}

interface Held<Feed extends KeptBook> {
  readonly native: string;
  readonly feed: Feed;
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
 * Books whose snapshots come in the same stream as their changes. A book belongs to the connection that sent its snapshot
 * last: changes of another one, such as the older of two while they are exchanged, are not for it. One that is broken is
 * subscribed to again, alone.
 */
export class BoundFeeds<Feed extends KeptBook> {
  readonly feeds = new Map<string, Feed>();
  readonly #host: DecoderHost;
  readonly #make: (native: string, need: () => void) => Feed;
  readonly #resubscribe: Resubscribe;
  readonly #held = new Map<string, Held<Feed>>();
  /** The earliest of all `due`. */
  #due = Number.POSITIVE_INFINITY;

  constructor(host: DecoderHost, make: (native: string, need: () => void) => Feed, resubscribe: Resubscribe) {
    this.#host = host;
    this.#make = make;
    this.#resubscribe = resubscribe;
  }

  /** The book that a snapshot is for; undefined where it is for none. `stream` names the venue's own kind of it. */
  forSnapshot(native: string, connection: number, stream: string): Feed | undefined {
    const held = this.#of(native);
    const { feed } = held;
    const isOther = held.connection !== connection || held.stream !== stream;
    if (isOther && feed.isValid && connection <= held.connection) {
      this.#count(native, 'duplicateMessages');
      return undefined;
    }
    held.connection = connection;
    held.stream = stream;
    held.frame = '';
    answered(held);
    return feed;
  }

  /**
   * The book that a change is for; undefined where it is for none. `frame` and `at` are the text that tells of it and where
   * in it this begins: sent again, it brings nothing, and is counted under `duplicates`.
   */
  forDelta(
    native: string,
    connection: number,
    stream: string,
    frame: string,
    at: number,
    duplicates: readonly string[],
  ): Feed | undefined {
    const held = this.#of(native);
    if (held.connection === -1) {
      // Its snapshot was lost, or came before all that is known.
      held.connection = connection;
      held.stream = stream;
    } else if (held.stream === stream && held.connection < connection) {
      // A newer connection begins with a snapshot, which was lost: whether the book goes on, its own rules say.
      held.connection = connection;
    } else if (held.connection !== connection || held.stream !== stream) {
      this.#count(native, 'duplicateMessages');
      return undefined;
    }
    if (held.at === at && held.frame === frame) {
      for (const name of duplicates) this.#count(native, name);
      return undefined;
    }
    held.frame = frame;
    held.at = at;
    if (!held.feed.isValid) this.#need(held);
    return held.feed;
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
    const late = [...this.#held.values()]
      .filter(({ due }) => due <= now)
      .filter(held => !this.#isRefused(held));
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

  /** Who was refused is asked for again by the collector, which waits longer each time. */
  #isRefused(held: Held<Feed>): boolean {
    const { connection, native } = held;
    const isRefused = CHANNELS.some(channel => this.#host.isRefused(connection, channel, native));
    if (isRefused) held.due = this.#host.receiveTime + PATIENCE;
    return isRefused;
  }

  /** The first request goes out at once; another one waits the longer, the more there were. */
  #need(held: Held<Feed>): void {
    if (held.connection === -1 || held.isNeeded) return;
    const now = this.#host.receiveTime;
    if (now - held.askedAt > FORGOTTEN) held.asks = 0;
    const delay = Math.min(PATIENCE * 2 ** (held.asks - 1), MOST_DELAY);
    this.#wait(held, held.asks === 0 ? 0 : Math.max(0, held.askedAt + delay - now));
  }

  #wait(held: Held<Feed>, delay: number): void {
    held.isNeeded = true;
    held.due = this.#host.receiveTime + delay;
    this.#due = Math.min(this.#due, held.due);
  }

  #ask(helds: readonly Held<Feed>[]): void {
    const groups = new Map<string, Held<Feed>[]>();
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

  #count(native: string, name: string): void {
    this.#host.tally.of(native).counter(name).value++;
  }

  #of(native: string): Held<Feed> {
    const known = this.#held.get(native);
    if (known !== undefined) return known;
    const feed = this.#make(native, () => this.#need(held));
    const held: Held<Feed> = {
      ...{ native, feed, connection: -1, stream: '', frame: '', at: 0, isNeeded: false },
      ...{ due: Number.POSITIVE_INFINITY, askedAt: Number.NEGATIVE_INFINITY, asks: 0, unanswered: 0 },
    };
    this.#held.set(native, held);
    this.feeds.set(native, feed);
    return held;
  }
}

function answered(held: Held<KeptBook>): void {
  held.isNeeded = false;
  held.due = Number.POSITIVE_INFINITY;
  held.unanswered = 0;
}
