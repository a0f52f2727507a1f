import type { BookRecord, BookSide, Level, MarketRecord, OrderRecord } from '../model/records.ts';

/** How a stream stands, for whoever comes later. */
export interface StreamState {
  see(record: MarketRecord): void;
  /** Forgets everything. */
  clear(): void;
  /** Records that bring a newcomer to where all others are; none where nothing is known. */
  snapshot(): readonly MarketRecord[];
  /** Whether this record tells everything anew. */
  isWhole(record: MarketRecord): boolean;
}

const SIDES = ['bid', 'ask'] as const;

/** Best prices first. */
const bestFirst = (side: BookSide) => (one: number, other: number) =>
  side === 'bid' ? other - one : one - other;

/** A book of levels. */
export class LevelBook implements StreamState {
  readonly #most: number;
  readonly #levels = { bid: new Map<number, Level>(), ask: new Map<number, Level>() };
  #last: BookRecord | undefined;
  /** Levels that were not kept. */
  dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  see(record: MarketRecord): void {
    if (record.kind !== 'book') return;
    if (record.type === 'snapshot') this.clear();
    // Changes of what was never told make no book.
    else if (this.#last === undefined) return;
    this.#last = record;
    this.#set('bid', record.bids);
    this.#set('ask', record.asks);
  }

  clear(): void {
    this.#levels.bid.clear();
    this.#levels.ask.clear();
    this.#last = undefined;
  }

  isWhole(record: MarketRecord): boolean {
    return record.kind === 'book' && record.type === 'snapshot';
  }

  snapshot(): readonly BookRecord[] {
    if (this.#last === undefined) return [];
    const [bids, asks] = SIDES.map(side => {
      const better = bestFirst(side);
      return [...this.#levels[side].values()].sort((one, other) => better(one[2], other[2]));
    });
    return [{ ...this.#last, type: 'snapshot', bids, asks }];
  }

  #set(side: BookSide, changes: readonly Level[]): void {
    const levels = this.#levels[side];
    for (const level of changes) {
      // Texts of one price may differ (1.0 and 1.00); its number does not.
      if (level[3] === 0) levels.delete(level[2]);
      else levels.set(level[2], level);
    }
    if (levels.size > this.#most + (this.#most >> 3)) this.#trim(side);
  }

  #trim(side: BookSide): void {
    const levels = this.#levels[side];
    const worst = [...levels.keys()].sort(bestFirst(side)).slice(this.#most);
    for (const price of worst) levels.delete(price);
    this.dropped += worst.length;
  }
}

/** A book of single orders; docs/records.md says what each action means. */
export class OrderBook implements StreamState {
  readonly #most: number;
  /** In the order of their queues: one that loses its place is put in again. */
  readonly #orders = { bid: new Map<string, OrderRecord>(), ask: new Map<string, OrderRecord>() };
  #clears: { bid?: OrderRecord; ask?: OrderRecord } = {};
  #last: OrderRecord | undefined;
  /** Orders that found no room. */
  dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  see(record: MarketRecord): void {
    if (record.kind !== 'order') return;
    const { action, side } = record;
    this.#last = record;
    const orders = this.#orders[side];
    if (action === 'clear') {
      orders.clear();
      this.#clears[side] = record;
      return;
    }
    if (this.#clears[side] === undefined) return;
    const known = orders.get(record.orderId);
    if (action === 'delete') orders.delete(record.orderId);
    else if (known !== undefined && keepsPlace(known, record)) orders.set(record.orderId, record);
    else if (known === undefined && orders.size >= this.#most) this.dropped++;
    else {
      orders.delete(record.orderId);
      orders.set(record.orderId, record);
    }
  }

  clear(): void {
    this.#orders.bid.clear();
    this.#orders.ask.clear();
    this.#clears = {};
    this.#last = undefined;
  }

  isWhole(record: MarketRecord): boolean {
    return record.kind === 'order' && record.action === 'clear';
  }

  snapshot(): readonly OrderRecord[] {
    const last = this.#last;
    if (last === undefined) return [];
    const { exchangeTime, publishTime, receiveTime, sequence } = last;
    const as = { exchangeTime, publishTime, receiveTime, sequence };
    return SIDES.flatMap(side => {
      const clear = this.#clears[side];
      if (clear === undefined) return [];
      const better = bestFirst(side);
      const orders = [...this.#orders[side].values()].sort((one, other) => better(one.price!, other.price!));
      return [{ ...clear, ...as }, ...orders.map(order => ({ ...order, action: 'open' as const }))];
    });
  }
}

function keepsPlace(known: OrderRecord, next: OrderRecord): boolean {
  return known.price === next.price && next.size! <= known.size!;
}

/** The last record of each interval (klines), or the last one of all. */
export class LastRecords implements StreamState {
  readonly #last = new Map<string, MarketRecord>();

  see(record: MarketRecord): void {
    if (record.kind === 'gap') return;
    const name = record.kind === 'kline' ? record.interval : '';
    const last = this.#last.get(name);
    // One that was missed at first comes after younger ones.
    if (record.kind === 'kline' && last?.kind === 'kline' && record.openTime < last.openTime) return;
    // Intervals are few; whoever invents more does not fill the memory.
    if (this.#last.size < 64 || this.#last.has(name)) this.#last.set(name, record);
  }

  clear(): void {}

  isWhole(): boolean {
    return true;
  }

  snapshot(): readonly MarketRecord[] {
    return [...this.#last.values()];
  }
}

/** Nothing is kept of trades and the like. */
export class Passing implements StreamState {
  see(): void {}
  clear(): void {}

  isWhole(): boolean {
    return true;
  }

  snapshot(): readonly MarketRecord[] {
    return [];
  }
}
