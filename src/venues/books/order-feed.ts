import type { BookSide, OrderRecord } from '../../model/records.ts';
import type { Gaps } from '../market-data/continuity/gaps.ts';
import type { DecoderHost, OrderBookState } from '../market-data/contract.ts';
import type { Instrument } from '../market-data/instruments.ts';
import { head } from '../market-data/records/heads.ts';
import type { Check, Counter } from '../market-data/tally.ts';
import { FrameError } from '../wire/json-cursor.ts';
import { CROSSED_RULE, crossing } from './book.ts';
import type { NeedSnapshot } from './book-feed.ts';
import type { ChecksumRule } from './book-rules.ts';
import { BookValidity } from './book-validity.ts';
import { OrderByOrderBook, type RestingOrder } from './order-by-order.ts';
import { WaitingChanges } from './waiting-changes.ts';

/** An order as a venue tells of it; prices and sizes in the words of the wire. */
export interface WireOrder {
  readonly id: string;
  readonly side: BookSide;
  readonly priceText: string;
  readonly sizeText: string;
}

/** What a message says of one order: that it is there like this, what is left of it, or that it is gone. */
export type OrderChange =
  | ({ readonly kind: 'set' } & WireOrder)
  | { readonly kind: 'size'; readonly id: string; readonly sizeText: string }
  | { readonly kind: 'delete'; readonly id: string };

/** How the changes of a venue's books of orders hang together. NaN stands for a sequence that the venue does not send. */
export interface OrderRules {
  readonly venue: string;
  /** How one follows another. */
  readonly link?: {
    /** What it is counted under. */
    readonly check: string;
    readonly rule: string;
    follows(last: number, sequence: number): boolean;
    /** It brings nothing new: it has come before. */
    repeats(last: number, sequence: number): boolean;
  };
  /** How they join a snapshot that came by another way; without it snapshots come in the same stream as changes. */
  readonly join?: {
    readonly rule: string;
    /**
     * Changes that the snapshot has already are applied to it once more: one that would make an order larger is such a one,
     * since orders of the venue only shrink, and must not cost it its place in the queue.
     */
    readonly isAppliedTwice?: true;
    isStale(snapshot: number, sequence: number): boolean;
    joins(snapshot: number, sequence: number): boolean;
  };
  readonly checksum?: ChecksumRule<OrderByOrderBook>;
}

/** Changes that may wait for a snapshot. */
const MOST_WAITING = 20_000;

interface Waiting {
  readonly changes: readonly OrderChange[];
  readonly sequence: number;
  readonly exchangeTime: number | null;
}

/** One instrument's book of single orders, kept in step with the exchange's as a BookFeed keeps one of levels. */
export class OrderFeed implements OrderBookState {
  readonly instrument: Instrument;
  readonly book = new OrderByOrderBook();
  /** Prices a side that are kept. */
  depth = Number.POSITIVE_INFINITY;
  readonly #rules: OrderRules;
  readonly #host: DecoderHost;
  readonly #need: NeedSnapshot;
  readonly #validity: BookValidity;
  readonly #waiting: WaitingChanges<Waiting>;
  readonly #snapshots: Counter;
  readonly #deltas: Counter;
  readonly #duplicates: Counter;
  readonly #unknown: Counter;
  readonly #added: Counter;
  readonly #gone: Counter;
  readonly #links: Check;
  readonly #joins: Check;
  readonly #checksums: Check;
  #received = Number.NaN;
  #unjoined = Number.NaN;
  /** The stream lags behind the snapshot until it tells of this moment, µs; NaN where it does not. */
  #settlesAt = Number.NaN;

  /** `stream`: what gaps are told of, where one stream serves several books. */
  constructor(
    host: DecoderHost,
    gaps: Gaps,
    rules: OrderRules,
    instrument: Instrument,
    need: NeedSnapshot,
    stream: Instrument = instrument,
  ) {
    this.instrument = instrument;
    this.#rules = rules;
    this.#host = host;
    this.#need = need;
    this.#validity = new BookValidity(host, gaps, 'l3', stream);
    this.#waiting = new WaitingChanges(host, `${rules.venue} ${instrument.symbol}`, MOST_WAITING);
    const tally = host.tally.of(instrument.native);
    this.#snapshots = tally.counter('l3Snapshots');
    this.#deltas = tally.counter('l3Deltas');
    this.#duplicates = tally.counter('duplicateL3Deltas');
    this.#unknown = tally.counter('unknownOrders');
    this.#added = tally.counter('ordersAdded');
    this.#gone = tally.counter('ordersGone');
    this.#links = tally.check(rules.link?.check ?? 'l3Links');
    this.#joins = tally.check('l3SnapshotJoins');
    this.#checksums = tally.check('l3Checksums');
    if (rules.link !== undefined) host.tally.rules.set(rules.link.check, rules.link.rule);
    if (rules.join !== undefined) host.tally.rules.set('l3SnapshotJoins', rules.join.rule);
    if (rules.checksum !== undefined) host.tally.rules.set('l3Checksums', rules.checksum.rule);
  }

  get isValid(): boolean {
    return this.#validity.isValid;
  }

  /**
   * A whole book, the orders at one price in the order of their queue. `sequence` is its place among the changes;
   * `settlesAt` the time that the stream must have reached before the book is that of one moment, µs.
   */
  snapshot(
    orders: readonly WireOrder[],
    sequence: number,
    exchangeTime: number | null,
    { checksum = Number.NaN, settlesAt = Number.NaN } = {},
  ): void {
    this.#snapshots.value++;
    this.book.clear();
    this.#unjoined = Number.NaN;
    try {
      for (const { id, priceText, side, sizeText } of orders) this.book.set(id, side, priceText, sizeText);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.book.truncate(this.depth);
    this.#tellWhole(sequence, exchangeTime);
    this.#settlesAt = settlesAt;
    if (this.#rules.join === undefined) {
      this.#received = sequence;
      if (this.#looksRight(checksum)) this.#validity.begin();
      return;
    }
    this.#unjoined = sequence;
    this.#validity.isValid = true;
    this.#waiting.drain(one => {
      this.#use(one.changes, one.sequence, one.exchangeTime, Number.NaN);
      return this.isValid;
    });
    if (this.isValid && Number.isNaN(settlesAt)) this.#validity.begin();
    else this.#validity.isValid = false;
  }

  delta(
    changes: readonly OrderChange[],
    sequence: number,
    exchangeTime: number | null,
    checksum = Number.NaN,
  ): void {
    const { join, link } = this.#rules;
    const received = this.#received;
    if (link !== undefined && !Number.isNaN(received)) {
      if (link.repeats(received, sequence)) {
        this.#duplicates.value++;
        return;
      }
      this.#links.checked++;
      if (link.follows(received, sequence)) this.#links.passed++;
      else this.lose('SEQUENCE', link.rule, `${sequence} after ${received}`, received, sequence);
    }
    this.#deltas.value++;
    this.#received = sequence;
    if (this.isValid || this.#isSettling) this.#use(changes, sequence, exchangeTime, checksum);
    else if (join !== undefined) this.#keep(changes, sequence, exchangeTime);
  }

  /** The stream has told of this moment, µs, and of all from `since` on. */
  seen(exchangeTime: number, since = Number.NEGATIVE_INFINITY): void {
    if (!this.#isSettling || !(exchangeTime >= this.#settlesAt) || since > this.#settlesAt) return;
    this.#settlesAt = Number.NaN;
    if (this.#looksRight(Number.NaN)) this.#validity.begin();
  }

  /** The venue's checksum of the book as it stands, where it comes by itself. */
  verify(checksum: number): void {
    if (this.isValid) this.#looksRight(checksum);
  }

  /** Nothing is known of the book any more. */
  lose(cause: string, rule: string, detail: string, after = Number.NaN, before = Number.NaN): void {
    this.#waiting.clear();
    this.#received = Number.NaN;
    this.#settlesAt = Number.NaN;
    this.#validity.end(cause, rule, detail, after, before);
    this.#need(this.instrument);
  }

  get #isSettling(): boolean {
    return !Number.isNaN(this.#settlesAt);
  }

  #use(
    changes: readonly OrderChange[],
    sequence: number,
    exchangeTime: number | null,
    checksum: number,
  ): void {
    const { join } = this.#rules;
    const unjoined = this.#unjoined;
    if (join !== undefined && !Number.isNaN(unjoined)) {
      if (join.isStale(unjoined, sequence)) return;
      this.#joins.checked++;
      if (!join.joins(unjoined, sequence)) {
        this.lose('SNAPSHOT_JOIN', join.rule, `${sequence} after ${unjoined}`, unjoined, sequence);
        this.#keep(changes, sequence, exchangeTime);
        return;
      }
      this.#joins.passed++;
      this.#unjoined = Number.NaN;
    }
    try {
      for (const change of changes) this.#apply(change, sequence, exchangeTime);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    if (this.depth !== Number.POSITIVE_INFINITY) this.book.truncate(this.depth);
    if (!this.#isSettling && this.#looksRight(checksum)) this.#validity.holds();
  }

  /** An order that no book can hold leaves one that is not the exchange's. */
  #refuse(error: unknown): void {
    if (!(error instanceof FrameError)) throw error;
    this.lose('UNREADABLE', 'orders are as the protocol says', error.message);
  }

  #apply(change: OrderChange, sequence: number, exchangeTime: number | null): void {
    const { book } = this;
    const known = book.get(change.id);
    if (change.kind !== 'set' && known === undefined) {
      this.#unknown.value++;
      return;
    }
    if (change.kind !== 'delete' && known !== undefined && this.#isSettling) {
      const isLarger = Number(change.sizeText) > Number(known.sizeText);
      if (this.#rules.join?.isAppliedTwice && isLarger) return;
    }
    if (change.kind === 'delete') book.delete(change.id);
    else {
      const { priceText, side } = change.kind === 'set' ? change : (known as RestingOrder);
      book.set(change.id, side, priceText, change.sizeText);
    }
    const now = book.get(change.id);
    const told = now ?? known;
    if (told === undefined) return;
    const action = known === undefined ? 'add' : now === undefined ? 'delete' : 'modify';
    if (action === 'add') this.#added.value++;
    else if (action === 'delete') this.#gone.value++;
    this.#tell(action, told, sequence, exchangeTime);
  }

  #keep(changes: readonly OrderChange[], sequence: number, exchangeTime: number | null): void {
    this.#waiting.push({ changes, sequence, exchangeTime });
    this.#need(this.instrument);
  }

  #looksRight(checksum: number): boolean {
    const rule = this.#rules.checksum;
    if (rule !== undefined && !Number.isNaN(checksum)) {
      this.#checksums.checked++;
      const own = rule.of(this.book, this.instrument);
      if (own !== checksum) {
        this.lose('CHECKSUM', rule.rule, `computed ${own}, sent ${checksum}`);
        return false;
      }
      this.#checksums.passed++;
    }
    const crossed = crossing(this.book);
    if (crossed === undefined) return true;
    this.lose('CROSSED', CROSSED_RULE, crossed);
    return false;
  }

  #tellWhole(sequence: number, exchangeTime: number | null): void {
    if (!this.#host.wants('l3')) return;
    for (const side of ['bid', 'ask'] as const) this.#tell('clear', { side }, sequence, exchangeTime);
    for (const levels of [this.book.bids, this.book.asks]) {
      for (const queue of levels.queues()) {
        for (const order of queue.orders()) {
          this.#tell('open', this.book.get(order.id)!, sequence, exchangeTime);
        }
      }
    }
  }

  #tell(
    action: OrderRecord['action'],
    order: Pick<RestingOrder, 'side'> & Partial<RestingOrder>,
    sequence: number,
    exchangeTime: number | null,
  ): void {
    if (!this.#host.wants('l3')) return;
    const text = Number.isNaN(sequence) ? null : String(sequence);
    this.#host.emit({
      kind: 'order',
      ...head(this.#host, this.#rules.venue, this.instrument, exchangeTime, text),
      action,
      orderId: order.id ?? '',
      side: order.side,
      priceText: order.priceText ?? null,
      price: order.price ?? null,
      sizeText: order.sizeText ?? null,
      size: order.sizeText === undefined ? null : Number(order.sizeText),
    });
  }
}
