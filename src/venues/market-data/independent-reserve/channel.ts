import type { OrderChange, OrderFeed } from '../../books/order-feed.ts';
import { FrameError } from '../../wire/json-cursor.ts';
import {
  asNumberText,
  numberText,
  objectOf,
  type TextObject,
  type Texts,
  textOf,
} from '../../wire/json-texts.ts';
import type { Gaps } from '../continuity/gaps.ts';
import { OrdersSeen } from '../continuity/orders-seen.ts';
import type { DecoderHost } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import type { Check, Counter } from '../tally.ts';

const RULE = 'Nonce == previous Nonce + 1 on the channel';
/** A nonce that goes back further than this is no repeated message: the venue has started the channel anew. */
const MOST_BACK = 1000;
/** Events that may wait for the first snapshots, and how long, µs. */
const MOST_EVENTS = 20_000;
const OLDEST_EVENT = 120_000_000;

interface Event {
  readonly kind: string;
  readonly data: TextObject;
  readonly nonce: number;
  readonly time: number;
}

/** How much of the channel a connection has brought: all between these moments, µs. */
interface Reach {
  readonly since: number;
  last: number;
}

/** A book that is made of the channel, from all that came since `since`, µs. */
interface Book {
  readonly feed: OrderFeed;
  since: number;
}

/** One channel: the changes of all orders, or the trades, of one crypto asset, whichever currency they are in. */
export class OrderChannel {
  readonly name: string;
  readonly base: string;
  /** Of a channel of one pair, as they were before 2023. */
  readonly quote: string | undefined;
  /** That were granted it; two while one replaces the other. */
  readonly connections = new Map<number, Reach>();
  /** Latest exchange time of a message of its own, whose nonce says that none is missing before it, µs. */
  #ownTime = Number.NaN;
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #instrument: Instrument;
  readonly #feeds = new Map<string, Book>();
  readonly #links: Check;
  readonly #changes: Counter;
  readonly #repeated: Counter;
  readonly #seen: OrdersSeen | undefined;
  /** Nothing is missing since then, µs by the exchange's clock; NaN while nothing has come. */
  #since = Number.NaN;
  /** What came lately, for books whose first snapshot is still to come, and since when, µs. */
  #events: Event[] = [];
  #eventsSince = Number.NaN;
  #nonce = Number.NaN;
  #wholeAt = Number.NaN;

  constructor(host: DecoderHost, gaps: Gaps, name: string) {
    this.name = name;
    const [kind, base = '', quote] = name.split('-');
    this.base = base;
    this.quote = quote;
    this.#host = host;
    this.#gaps = gaps;
    this.#instrument = host.instruments.of(name);
    const tally = host.tally.of(name);
    this.#links = tally.check('links');
    this.#changes = tally.counter(kind === 'ticker' ? 'tradeMessages' : 'bookDeltas');
    this.#repeated = tally.counter('duplicateMessages');
    this.#seen = kind === 'ticker' ? undefined : new OrdersSeen(tally);
    host.tally.rules.set('links', RULE);
  }

  get nonceText(): string {
    return String(this.#nonce);
  }

  /** Nothing of what comes is missing at present. */
  get isLive(): boolean {
    return !Number.isNaN(this.#since);
  }

  /** The book of another currency is made of this channel too. */
  add(quote: string, feed: OrderFeed): void {
    this.#feeds.set(quote, { feed, since: this.#eventsSince });
    for (const { data, kind, nonce, time } of this.#events)
      this.#change(feed, quote, kind, data, nonce, time);
  }

  /** From here on nothing of the channel is missing. */
  subscribed(connection: number, time: number): void {
    if (!this.connections.has(connection))
      this.connections.set(connection, { since: time, last: Number.NaN });
    if (!this.isLive) this.#begin(time);
    this.#gaps.close('trades', this.#instrument);
  }

  /** Whether a snapshot of this time, µs, misses nothing that the book is not told of. */
  covers(quote: string, time: number): boolean {
    const book = this.#feeds.get(quote);
    return book !== undefined && this.isLive && book.since <= time;
  }

  /** Whether a message goes on from the last one; false for one that has come before. */
  isNext(connection: number, text: string, time: number): boolean {
    const nonce = Number(text);
    if (!Number.isSafeInteger(nonce)) throw new FrameError(`no nonce: ${text.slice(0, 40)}`);
    if (!this.connections.has(connection))
      this.connections.set(connection, { since: time, last: Number.NaN });
    const last = this.#nonce;
    if (nonce <= last && last - nonce <= MOST_BACK) {
      this.#repeated.value++;
      return false;
    }
    this.#nonce = nonce;
    this.#changes.value++;
    if (Number.isNaN(last)) {
      if (!this.isLive) this.#begin(time);
    } else {
      this.#links.checked++;
      if (nonce === last + 1) this.#links.passed++;
      else {
        this.lose('SEQUENCE', RULE, `${nonce} after ${last}`, last, nonce);
        this.#nonce = nonce;
        this.#begin(time);
      }
    }
    this.#wholeAt = this.#host.receiveTime;
    return true;
  }

  /** Something is missing: no book that is made of the channel can be trusted. */
  lose(cause: string, rule: string, detail: string, after = Number.NaN, before = Number.NaN): void {
    this.#nonce = Number.NaN;
    this.#since = Number.NaN;
    this.#events = [];
    for (const { feed } of this.#feeds.values()) feed.lose(cause, rule, detail, after, before);
    if (this.#feeds.size > 0) return;
    const found = {
      ...({ channel: this.isOfOrders ? 'l3' : 'trades', instrument: this.#instrument } as const),
      ...{ cause, rule, detail, from: this.#wholeAt },
      ...(Number.isNaN(after) ? {} : { after: String(after), before: String(before) }),
    };
    // What was missed does not come again.
    if (cause === 'SEQUENCE') this.#gaps.lost(found);
    else this.#gaps.open(found);
  }

  /** It tells of resting orders, rather than of trades. */
  get isOfOrders(): boolean {
    return this.#seen !== undefined;
  }

  event(kind: string, data: TextObject, time: number): void {
    const id = textOf(data, 'OrderGuid');
    const nonce = this.#nonce;
    const tally = this.#host.tally.of(this.name);
    tally.counter(kind).value++;
    if (kind !== 'OrderChanged') tally.counter(`l3${kind}`).value++;
    if (kind === 'NewOrder') this.#seen?.added(id);
    else if (kind === 'OrderCanceled') this.#seen?.cancelled(id);
    else if (Number(numberText(data, 'Volume')) === 0) this.#seen?.filled(id);
    for (const [quote, { feed }] of this.#feeds) this.#change(feed, quote, kind, data, nonce, time);
    // Pairs are added one by one as their first snapshots come.
    const events = this.#events;
    events.push({ kind, data, nonce, time });
    if (events.length <= MOST_EVENTS && !(events[0].time < time - OLDEST_EVENT)) return;
    this.#events = events.slice(events.length >> 1);
    this.#eventsSince = this.#events[0].time;
  }

  /** A message of the channel's own has come. */
  seen(time: number): void {
    if (!(time <= this.#ownTime)) this.#ownTime = time;
    this.#settle();
  }

  /** Something else has come on a connection: what it brings of the channel has come up to this moment, µs. */
  seenOn(connection: number, time: number): void {
    const reach = this.connections.get(connection);
    if (reach === undefined) return;
    if (!(time <= reach.last)) reach.last = time;
    this.#settle();
  }

  /** Tells books how far the channel has come. */
  #settle(): void {
    for (const { feed } of this.#feeds.values()) this.settle(feed);
  }

  /** A connection that was granted the channel after a snapshot says nothing of what came between the two. */
  settle(feed: OrderFeed): void {
    feed.seen(this.#ownTime);
    for (const { last, since } of this.connections.values()) feed.seen(last, since);
  }

  #begin(time: number): void {
    this.#since = time;
    this.#events = [];
    this.#eventsSince = time;
    for (const book of this.#feeds.values()) book.since = time;
  }

  /** A price in one currency; undefined where there is none in it. */
  priceIn(quote: string, price: Texts | undefined): string | undefined {
    if (typeof price === 'string') return asNumberText(price, 'Price');
    const prices = objectOf(price, 'Price');
    const key = Object.keys(prices).find(one => one.toLowerCase() === quote);
    return key === undefined ? undefined : numberText(prices, key);
  }

  #change(feed: OrderFeed, quote: string, kind: string, data: TextObject, nonce: number, time: number): void {
    const change = this.#changeIn(quote, kind, data);
    if (change !== undefined) feed.delta([change], nonce, Number.isNaN(time) ? null : time);
  }

  #changeIn(quote: string, kind: string, data: TextObject): OrderChange | undefined {
    const id = textOf(data, 'OrderGuid');
    if (kind === 'OrderCanceled') return { kind: 'delete', id };
    const sizeText = numberText(data, 'Volume');
    if (data.Price === undefined || data.Price === null) return { kind: 'size', id, sizeText };
    const priceText = this.priceIn(quote, data.Price);
    if (priceText === undefined) return undefined;
    return { kind: 'set', id, side: sideOf(textOf(data, 'OrderType')), priceText, sizeText };
  }
}

function sideOf(orderType: string): 'bid' | 'ask' {
  if (orderType.endsWith('Bid')) return 'bid';
  if (orderType.endsWith('Offer')) return 'ask';
  throw new FrameError(`no side: ${orderType.slice(0, 40)}`);
}
