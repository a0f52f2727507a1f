import type { Order, OrderReason, OrderStatus, OrderType, Side, TimeInForce } from '../model/order.ts';
import { Rows } from '../model/rows.ts';

/** Order statuses as the numbers that tables and events hold. */
export const Status = {
  created: 0,
  submitted: 1,
  accepted: 2,
  partial: 3,
  completed: 4,
  canceled: 5,
  expired: 6,
  margin: 7,
  rejected: 8,
} as const satisfies Record<OrderStatus, number>;

const NAMES = Object.keys(Status) as OrderStatus[];

const INSTRUMENT = 0;
/** A sum of what follows below. */
const FLAGS = 1;
const SIZE = 2;
const QUOTE = 3;
const CREATED_AT = 4;
const NOT_BEFORE = 5;
const STATUS = 6;
const FILLED = 7;
const PRICE = 8;
const FEES = 9;
/** 0 for a market order. */
const LIMIT = 10;
const WIDTH = 11;

const SELL = 1;
/** Only ever makes a position smaller. */
const REDUCE = 2;
/** Neither of the two: good till cancelled. */
const IOC = 4;
const FOK = 8;
const MAKER = 16;

const FORCE = { GTC: 0, IOC, FOK } as const satisfies Record<TimeInForce, number>;

/**
 * All orders of a run, alive and ended, in columns; an order's id is its row + 1. Brokers and engine work on ids; an
 * {@link Order} is a view of one row, made for the strategy that placed it or for a reader of the result.
 */
export class OrderTable implements Iterable<Order> {
  readonly #rows = new Rows(WIDTH);
  readonly #tags = new Map<number, string>();
  readonly #reasons = new Map<number, OrderReason>();
  readonly #symbols: readonly string[];

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
  }

  get length(): number {
    return this.#rows.length;
  }

  /**
   * Adds an order as `created` and returns its id. Either `size` (base units) or `quote` (to spend, fees included) is
   * NaN. `notBefore`: the earliest open time of a bar on which it may fill, epoch ms UTC. `reduce`: it closes what is
   * there when it fills, at most, and never opens. `limit`: 0 for a market order.
   */
  add(
    instrument: number,
    side: Side,
    size: number,
    quote: number,
    time: number,
    notBefore: number,
    tag: string,
    reduce: boolean,
    limit = 0,
    timeInForce: TimeInForce = 'GTC',
  ): number {
    const row = this.#rows.add();
    const block = this.#rows.block(row);
    const at = this.#rows.offset(row);
    block[at + INSTRUMENT] = instrument;
    block[at + FLAGS] = (side === 'sell' ? SELL : 0) + (reduce ? REDUCE : 0) + FORCE[timeInForce];
    block[at + SIZE] = size;
    block[at + QUOTE] = quote;
    block[at + CREATED_AT] = time;
    block[at + NOT_BEFORE] = notBefore;
    block[at + PRICE] = Number.NaN;
    block[at + LIMIT] = limit;
    if (tag !== '') this.#tags.set(row + 1, tag);
    return row + 1;
  }

  /** `status`: a number of {@link Status}. */
  setStatus(id: number, status: number, reason: OrderReason | undefined): void {
    this.#rows.set(id - 1, STATUS, status);
    if (reason !== undefined) this.#reasons.set(id, reason);
  }

  /** Books what has been filled so far: base units, average price, fees in quote. */
  setFilled(id: number, filled: number, price: number, fees: number): void {
    const block = this.#rows.block(id - 1);
    const at = this.#rows.offset(id - 1);
    if (Number.isNaN(block[at + SIZE])) block[at + SIZE] = filled;
    block[at + FILLED] = filled;
    block[at + PRICE] = price;
    block[at + FEES] = fees;
  }

  /** Writes what a limit order rests with, after rounding. */
  setTerms(id: number, limit: number, size: number): void {
    this.#rows.set(id - 1, LIMIT, limit);
    this.#rows.set(id - 1, SIZE, size);
  }

  /** The fill that is about to be told was made while the order rested. */
  setMaker(id: number): void {
    this.#rows.set(id - 1, FLAGS, this.#rows.get(id - 1, FLAGS) | MAKER);
  }

  instrument(id: number): number {
    return this.#rows.get(id - 1, INSTRUMENT);
  }
  isSell(id: number): boolean {
    return (this.#rows.get(id - 1, FLAGS) & SELL) !== 0;
  }
  reduces(id: number): boolean {
    return (this.#rows.get(id - 1, FLAGS) & REDUCE) !== 0;
  }
  isLimit(id: number): boolean {
    return this.#rows.get(id - 1, LIMIT) !== 0;
  }
  /** NaN for a market order. */
  limit(id: number): number {
    const limit = this.#rows.get(id - 1, LIMIT);
    return limit === 0 ? Number.NaN : limit;
  }
  timeInForce(id: number): TimeInForce {
    const flags = this.#rows.get(id - 1, FLAGS);
    return (flags & IOC) !== 0 ? 'IOC' : (flags & FOK) !== 0 ? 'FOK' : 'GTC';
  }
  isMaker(id: number): boolean {
    return this.filled(id) > 0 && (this.#rows.get(id - 1, FLAGS) & MAKER) !== 0;
  }
  size(id: number): number {
    return this.#rows.get(id - 1, SIZE);
  }
  quote(id: number): number {
    return this.#rows.get(id - 1, QUOTE);
  }
  createdAt(id: number): number {
    return this.#rows.get(id - 1, CREATED_AT);
  }
  notBefore(id: number): number {
    return this.#rows.get(id - 1, NOT_BEFORE);
  }
  status(id: number): OrderStatus {
    return NAMES[this.#rows.get(id - 1, STATUS)];
  }
  isAlive(id: number): boolean {
    return this.#rows.get(id - 1, STATUS) <= Status.partial;
  }
  filled(id: number): number {
    return this.#rows.get(id - 1, FILLED);
  }
  price(id: number): number {
    return this.#rows.get(id - 1, PRICE);
  }
  fees(id: number): number {
    return this.#rows.get(id - 1, FEES);
  }
  tag(id: number): string {
    return this.#tags.get(id) ?? '';
  }
  reason(id: number): OrderReason | undefined {
    return this.#reasons.get(id);
  }
  symbol(id: number): string {
    return this.#symbols[this.instrument(id)];
  }

  /** How many orders have this status, a number of {@link Status}. */
  count(status: number): number {
    let count = 0;
    for (let row = 0; row < this.length; row++) if (this.#rows.get(row, STATUS) === status) count++;
    return count;
  }

  /** How many orders can still change. */
  countAlive(): number {
    let count = 0;
    for (let id = 1; id <= this.length; id++) if (this.isAlive(id)) count++;
    return count;
  }

  /** Orders that ended without all of their fills, by the code of the reason. */
  refusals(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { code } of this.#reasons.values()) counts[code] = (counts[code] ?? 0) + 1;
    return counts;
  }

  /** The order number `index`, in the order in which they were placed. */
  at(index: number): Order {
    this.#rows.check(index);
    return this.view(index + 1);
  }

  view(id: number): Order {
    return new OrderView(this, id);
  }

  *[Symbol.iterator](): Generator<Order> {
    for (let id = 1; id <= this.length; id++) yield this.view(id);
  }
}

class OrderView implements Order {
  readonly #table: OrderTable;
  readonly id: number;

  constructor(table: OrderTable, id: number) {
    this.#table = table;
    this.id = id;
  }

  get instrument(): number {
    return this.#table.instrument(this.id);
  }
  get symbol(): string {
    return this.#table.symbol(this.id);
  }
  get side(): Side {
    return this.#table.isSell(this.id) ? 'sell' : 'buy';
  }
  get type(): OrderType {
    return this.#table.isLimit(this.id) ? 'limit' : 'market';
  }
  get size(): number {
    return this.#table.size(this.id);
  }
  get quote(): number {
    return this.#table.quote(this.id);
  }
  get limit(): number {
    return this.#table.limit(this.id);
  }
  get timeInForce(): TimeInForce | undefined {
    return this.#table.isLimit(this.id) ? this.#table.timeInForce(this.id) : undefined;
  }
  get tag(): string {
    return this.#table.tag(this.id);
  }
  get createdAt(): number {
    return this.#table.createdAt(this.id);
  }
  get status(): OrderStatus {
    return this.#table.status(this.id);
  }
  get alive(): boolean {
    return this.#table.isAlive(this.id);
  }
  get filled(): number {
    return this.#table.filled(this.id);
  }
  get price(): number {
    return this.#table.price(this.id);
  }
  get fees(): number {
    return this.#table.fees(this.id);
  }
  get maker(): boolean {
    return this.#table.isMaker(this.id);
  }
  get reason(): OrderReason | undefined {
    return this.#table.reason(this.id);
  }

  toJSON(): Record<string, unknown> {
    const { id, symbol, side, type, size, quote, limit, timeInForce, tag, createdAt } = this;
    const { status, filled, price, fees, maker, reason } = this;
    const placed = { id, symbol, side, type, size, quote, limit, timeInForce, tag, createdAt };
    return { ...placed, status, filled, price, fees, maker, reason };
  }
}
