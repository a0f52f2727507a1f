import type { BookRecord, Level } from '../../model/records.ts';
import type { Gaps } from '../market-data/continuity/gaps.ts';
import type { BookState, DecoderHost } from '../market-data/contract.ts';
import type { Instrument } from '../market-data/instruments.ts';
import type { Check, Counter } from '../market-data/tally.ts';
import { FrameError } from '../wire/json-cursor.ts';
import { CROSSED_RULE, crossing, type OrderBook } from './book.ts';
import type { BookRules, Misfit, Sequences } from './book-rules.ts';
import { BookValidity } from './book-validity.ts';
import type { LevelChanges, PriceRange } from './level-changes.ts';
import { SortedBook } from './sorted-book.ts';
import { WaitingChanges } from './waiting-changes.ts';

/** What a book needs when it is not, or no more, what the exchange's is. */
export type NeedSnapshot = (instrument: Instrument) => void;

/** Deltas that may wait for a snapshot; a venue sends some hundred in the time that it takes to get one. */
const MOST_WAITING = 10_000;

interface Waiting {
  readonly sequences: Sequences;
  readonly changes: LevelChanges;
  readonly exchangeTime: number | null;
  readonly receiveTime: number;
}

/**
 * One instrument's book, kept in step with the exchange's: joins deltas to snapshots, checks what the venue lets be
 * checked, and is not valid from the first thing that does not fit until the next snapshot.
 */
export class BookFeed implements BookState {
  readonly instrument: Instrument;
  readonly book: OrderBook;
  readonly #rules: BookRules;
  readonly #host: DecoderHost;
  readonly #need: NeedSnapshot;
  readonly #validity: BookValidity;
  readonly #waiting: WaitingChanges<Waiting>;
  readonly #snapshots: Counter;
  readonly #deltas: Counter;
  readonly #applied: Counter;
  readonly #stale: Counter;
  readonly #duplicates: Counter;
  readonly #links: Check;
  readonly #joins: Check;
  readonly #repeated: Check;
  readonly #checksums: Check;
  /** States of the book that were looked at, and those that were not crossed. */
  readonly #states: Check;
  readonly #linksApplied: Counter;
  /** The last sequence that was received; NaN for none. */
  #received = Number.NaN;
  /** Sequence of the snapshot that no delta has joined yet; NaN where there is nothing to join. */
  #unjoined = Number.NaN;
  /** True once a delta has been applied since the snapshot. */
  #moved = false;
  /** False where the next snapshot is another connection's, and may be older or newer than the book. */
  #isComparable = true;
  /** Prices beyond which the snapshot knew nothing. */
  #known: PriceRange | undefined;
  depth = Number.POSITIVE_INFINITY;

  constructor(
    host: DecoderHost,
    gaps: Gaps,
    rules: BookRules,
    instrument: Instrument,
    need: NeedSnapshot,
    book: OrderBook = new SortedBook(),
  ) {
    this.instrument = instrument;
    this.book = book;
    this.#rules = rules;
    this.#host = host;
    this.#need = need;
    this.#validity = new BookValidity(host, gaps, 'book', instrument);
    this.#waiting = new WaitingChanges(host, `${rules.venue} ${instrument.symbol}`, MOST_WAITING);
    const tally = host.tally.of(instrument.native);
    this.#snapshots = tally.counter('bookSnapshots');
    this.#deltas = tally.counter('bookDeltas');
    this.#applied = tally.counter('bookDeltasApplied');
    this.#stale = tally.counter('bookDeltasStale');
    this.#duplicates = tally.counter('duplicateDeltas');
    this.#linksApplied = tally.counter('linksApplied');
    this.#links = tally.check(rules.link?.check ?? 'links');
    this.#repeated = tally.check('snapshotsEqualBook');
    this.#joins = tally.check('snapshotJoins');
    this.#checksums = tally.check('checksums');
    this.#states = tally.check('bookStates');
    if (rules.link !== undefined) host.tally.rules.set(rules.link.check, rules.link.rule);
    if (rules.join !== undefined) host.tally.rules.set('snapshotJoins', rules.join.rule);
    if (rules.repeated !== undefined) host.tally.rules.set('snapshotsEqualBook', rules.repeated.rule);
    if (rules.checksum !== undefined) host.tally.rules.set('checksums', rules.checksum.rule);
  }

  get isValid(): boolean {
    return this.#validity.isValid;
  }

  /** True once a delta has been applied since the snapshot. */
  get hasMoved(): boolean {
    return this.#moved;
  }

  /** The sequence of the last delta or snapshot that is in the book; NaN for none. */
  get last(): number {
    return this.#received;
  }

  /**
   * A whole book. `sequence` is its place among the deltas (NaN where the venue gives none), `checksum` the venue's own
   * (NaN likewise). `known` where it has the best levels only: what lies beyond them is not taken from deltas either, so
   * that the book has no holes.
   */
  snapshot(
    changes: LevelChanges,
    sequence: number,
    exchangeTime: number | null,
    checksum = Number.NaN,
    known?: PriceRange,
  ): void {
    this.#snapshots.value++;
    const { join, link, repeated } = this.#rules;
    if (link?.holdsForSnapshots && !Number.isNaN(this.#received) && !this.#linked(sequenceOf(sequence))) {
      // What came after it is not in it. After a restart of the venue the next one is taken.
      this.#received = Number.NaN;
      return;
    }
    if (repeated !== undefined && this.isValid && this.#isComparable) {
      // One of the two is wrong, and nobody knows which: the next snapshot is the first that is trusted.
      if (!this.#equals(changes, repeated.rule)) return;
    }
    this.#isComparable = true;
    this.#known = known;
    this.book.clear();
    if (!this.#apply(changes)) return;
    this.#moved = false;
    if (join === undefined) {
      this.#received = sequence;
      this.#unjoined = Number.NaN;
      this.book.truncate(this.depth);
    } else this.#unjoined = sequence;
    this.#emit('snapshot', changes, sequence, exchangeTime, this.#host.receiveTime);
    if (join === undefined) {
      if (this.#looksRight(checksum)) this.#validity.begin();
      return;
    }
    this.#validity.begin();
    const waiting = this.#waiting;
    this.#host.tally.of(this.instrument.native).counter('bufferedAtSnapshot').value += waiting.count;
    waiting.drain(({ changes: waited, exchangeTime: time, receiveTime, sequences }) => {
      this.#use(waited, sequences, time, receiveTime, Number.NaN);
      return this.isValid;
    });
  }

  delta(
    changes: LevelChanges,
    sequences: Sequences,
    exchangeTime: number | null,
    checksum = Number.NaN,
    misfit?: Misfit,
  ): void {
    const { link } = this.#rules;
    const received = this.#received;
    if (link !== undefined && !Number.isNaN(received)) {
      if (link.repeats(received, sequences)) {
        this.#deltas.value++;
        this.#duplicates.value++;
        return;
      }
      this.#linked(sequences);
    }
    this.#deltas.value++;
    this.#received = sequences.last;
    const { receiveTime } = this.#host;
    if (this.isValid) this.#use(changes, sequences, exchangeTime, receiveTime, checksum, misfit);
    else if (this.#rules.join !== undefined) this.#keep(changes, sequences, exchangeTime, receiveTime);
  }

  /** What comes from now on is of another connection, where the same book may be a little older or newer. */
  changeConnection(): void {
    this.#received = Number.NaN;
    this.#isComparable = false;
  }

  /** The venue's checksum of the book as it stands, where it comes by itself. */
  verify(checksum: number): void {
    const rule = this.#rules.checksum;
    if (!this.isValid || rule === undefined) return;
    this.#checksums.checked++;
    const own = rule.of(this.book, this.instrument);
    if (own === checksum) this.#checksums.passed++;
    else this.lose('CHECKSUM', rule.rule, `computed ${own}, sent ${checksum}`);
  }

  /** Nothing is known of the book any more: its connection is gone, or something on it could not be read. */
  lose(cause: string, rule: string, detail: string): void {
    this.#waiting.clear();
    this.#received = Number.NaN;
    this.#broken(cause, rule, detail, Number.NaN, Number.NaN);
  }

  #linked(sequences: Sequences): boolean {
    const link = this.#rules.link!;
    const received = this.#received;
    this.#links.checked++;
    if (link.follows(received, sequences)) {
      this.#links.passed++;
      return true;
    }
    this.#waiting.clear();
    this.#broken('SEQUENCE', link.rule, link.describe(received, sequences), received, sequences.first);
    return false;
  }

  /** False when they do not go into one book, and it is lost. */
  #apply(changes: LevelChanges): boolean {
    try {
      this.book.apply(changes);
      return true;
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.lose('UNREADABLE', 'all levels fit one book', error.message);
      return false;
    }
  }

  #use(
    changes: LevelChanges,
    sequences: Sequences,
    exchangeTime: number | null,
    receiveTime: number,
    checksum: number,
    misfit?: Misfit,
  ): void {
    const { join, link } = this.#rules;
    const unjoined = this.#unjoined;
    if (join !== undefined && !Number.isNaN(unjoined)) {
      if (join.isStale(unjoined, sequences)) {
        this.#stale.value++;
        return;
      }
      this.#joins.checked++;
      if (!join.joins(unjoined, sequences)) {
        const text = join.describe(unjoined, sequences);
        this.#broken('SNAPSHOT_JOIN', join.rule, text, unjoined, sequences.first);
        this.#keep(changes, sequences, exchangeTime, receiveTime);
        return;
      }
      this.#joins.passed++;
      this.#unjoined = Number.NaN;
      if (join.isByChange) changes.filter((_, own) => own > unjoined);
    }
    if (this.#known !== undefined) changes.within(this.#known);
    if (link !== undefined && this.#moved) this.#linksApplied.value++;
    this.#moved = true;
    this.#applied.value++;
    if (!this.#apply(changes)) return;
    if (this.depth !== Number.POSITIVE_INFINITY) this.book.truncate(this.depth);
    this.#emit('delta', changes, sequences.last, exchangeTime, receiveTime);
    if (this.#looksRight(checksum, misfit)) this.#validity.holds();
  }

  /** Keeps a delta for the snapshot that is to come, and sees to it that one comes. */
  #keep(changes: LevelChanges, sequences: Sequences, exchangeTime: number | null, receiveTime: number): void {
    // The caller uses its own for the next frame.
    this.#waiting.push({ changes: changes.copy(), sequences: { ...sequences }, exchangeTime, receiveTime });
    this.#need(this.instrument);
  }

  #looksRight(checksum: number, misfit?: Misfit): boolean {
    const crossed = crossing(this.book);
    this.#states.checked++;
    if (crossed === undefined) this.#states.passed++;
    if (misfit !== undefined) {
      this.#broken(misfit.cause, misfit.rule, misfit.detail, Number.NaN, Number.NaN);
      return false;
    }
    const rule = this.#rules.checksum;
    if (rule !== undefined && !Number.isNaN(checksum)) {
      this.#checksums.checked++;
      const own = rule.of(this.book, this.instrument);
      if (own === checksum) this.#checksums.passed++;
      else {
        this.#broken('CHECKSUM', rule.rule, `computed ${own}, sent ${checksum}`, Number.NaN, Number.NaN);
        return false;
      }
    }
    if (crossed === undefined) return true;
    this.#broken('CROSSED', CROSSED_RULE, crossed, Number.NaN, Number.NaN);
    return false;
  }

  /** The book that was kept against the one that came. */
  #equals(changes: LevelChanges, rule: string): boolean {
    const other = new SortedBook();
    other.apply(changes);
    other.truncate(this.depth);
    this.#repeated.checked++;
    const difference = firstDifference(this.book, other);
    if (difference !== undefined) {
      this.#broken('SNAPSHOT_DIFFERS', rule, difference, Number.NaN, Number.NaN);
      return false;
    }
    this.#repeated.passed++;
    return true;
  }

  #broken(cause: string, rule: string, detail: string, after: number, before: number): void {
    this.#unjoined = Number.NaN;
    this.#validity.end(cause, rule, detail, after, before);
    this.#need(this.instrument);
  }

  #emit(
    type: BookRecord['type'],
    changes: LevelChanges,
    sequence: number,
    exchangeTime: number | null,
    receiveTime: number,
  ): void {
    if (!this.#host.wants('book')) return;
    this.#host.emit({
      kind: 'book',
      venue: this.#rules.venue,
      symbol: this.instrument.symbol,
      native: this.instrument.native,
      exchangeTime,
      receiveTime,
      publishTime: 0,
      sequence: Number.isNaN(sequence) ? null : String(sequence),
      type,
      bids: changes.bids.levels(),
      asks: changes.asks.levels(),
    });
  }
}

function sequenceOf(last: number): Sequences {
  return { first: last, last, previous: Number.NaN };
}

/** Where two books differ, in words; undefined where they do not. */
function firstDifference(kept: OrderBook, came: OrderBook): string | undefined {
  for (const side of ['bids', 'asks'] as const) {
    const [one, other] = [[...kept[side].levels()], [...came[side].levels()]];
    for (let at = 0; at < Math.max(one.length, other.length); at++) {
      if (one[at]?.[2] === other[at]?.[2] && one[at]?.[3] === other[at]?.[3]) continue;
      const text = (level: Level | undefined) => level?.slice(0, 2).join(' × ') ?? 'nothing';
      return `${side} ${at + 1}: kept ${text(one[at])}, came ${text(other[at])}`;
    }
  }
  return undefined;
}
