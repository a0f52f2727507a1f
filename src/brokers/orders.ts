import { type Arrays, NEW_ARRAYS } from '../model/array-pool.ts';
import type {
  Order,
  OrderReason,
  OrderStatus,
  OrderTerms,
  OrderType,
  Side,
  TimeInForce,
} from '../model/order.ts';
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
/** NaN for an order without one. */
const LIMIT = 10;
/** Number of the row of what few orders have, plus one; 0 for an order that has none of it. */
const RARE = 11;
const WIDTH = 12;

const STOP = 0;
const TRAIL_AMOUNT = 1;
const TRAIL_PERCENT = 2;
const VALID_UNTIL = 3;
const TRADE_ID = 4;
const PARENT_ID = 5;
const OCO_ID = 6;
const FILL_OFFSET = 7;
const FILL_OFFSET_PERCENT = 8;
const CHECK_PRICE = 9;
const RARE_WIDTH = 10;

const SELL = 1;
/** Only ever makes a position smaller. */
const REDUCE = 2;
/** Neither of the two: good till cancelled. */
const IOC = 4;
const FOK = 8;
const MAKER = 16;
/** Waits for another order of its family. */
const HELD = 32;
const DAY = 64;
const POST_ONLY = 128;
/** From here on up: the type's index. */
const TYPE = 256;

const FORCE = { GTC: 0, IOC, FOK } as const satisfies Record<TimeInForce, number>;
const TYPES: readonly OrderType[] = [
  'market',
  'close',
  'limit',
  'stop',
  'stopLimit',
  'stopTrail',
  'stopTrailLimit',
];

/**
 * All orders of a run, alive and ended, in columns; an order's id is its row + 1. Brokers and engine work on ids; an
 * {@link Order} is a view of one row, made for the strategy that placed it or for a reader of the result. What few orders
 * have (triggers, trails, families, expiry) is kept in a table of its own, so that a plain order does not pay for it.
 */
export class OrderTable implements Iterable<Order> {
  readonly #rows: Rows;
  readonly #rare: Rows;
  readonly #tags = new Map<number, string>();
  readonly #reasons = new Map<number, OrderReason>();
  readonly #symbols: readonly string[];

  constructor(symbols: readonly string[], arrays: Arrays = NEW_ARRAYS) {
    this.#rows = new Rows(WIDTH, arrays);
    this.#rare = new Rows(RARE_WIDTH, arrays);
    this.#symbols = symbols;
  }

  get length(): number {
    return this.#rows.length;
  }

  /** Adds an order as `created` and returns its id. The terms are copied: the object may be used again. */
  add(terms: OrderTerms): number {
    const row = this.#rows.add();
    const block = this.#rows.block(row);
    const at = this.#rows.offset(row);
    block[at + INSTRUMENT] = terms.instrument;
    block[at + FLAGS] =
      (terms.side === 'sell' ? SELL : 0) +
      (terms.reduce ? REDUCE : 0) +
      (terms.transmit ? 0 : HELD) +
      (terms.day ? DAY : 0) +
      (terms.postOnly ? POST_ONLY : 0) +
      FORCE[terms.timeInForce] +
      TYPE * TYPES.indexOf(terms.type);
    block[at + SIZE] = terms.size;
    block[at + QUOTE] = terms.quote;
    block[at + CREATED_AT] = terms.createdAt;
    block[at + NOT_BEFORE] = terms.notBefore;
    block[at + PRICE] = Number.NaN;
    block[at + LIMIT] = terms.limit;
    if (isRare(terms)) block[at + RARE] = this.#addRare(terms);
    if (terms.tag !== '') this.#tags.set(row + 1, terms.tag);
    return row + 1;
  }

  #addRare(terms: OrderTerms): number {
    const row = this.#rare.add();
    const block = this.#rare.block(row);
    const at = this.#rare.offset(row);
    block[at + STOP] = terms.stop;
    block[at + CHECK_PRICE] = terms.checkPrice;
    block[at + TRAIL_AMOUNT] = terms.trailAmount;
    block[at + TRAIL_PERCENT] = terms.trailPercent;
    block[at + VALID_UNTIL] = terms.validUntil;
    block[at + TRADE_ID] = terms.tradeId;
    block[at + PARENT_ID] = terms.parentId;
    block[at + OCO_ID] = terms.ocoId;
    block[at + FILL_OFFSET] = terms.fillOffset;
    block[at + FILL_OFFSET_PERCENT] = terms.fillOffsetPercent;
    return row + 1;
  }

  /** What few orders have; `without` for one that has none of it. */
  #getRare(id: number, column: number, without: number): number {
    const rare = this.#rows.get(id - 1, RARE);
    return rare === 0 ? without : this.#rare.get(rare - 1, column);
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
  type(id: number): OrderType {
    return TYPES[Math.floor(this.#rows.get(id - 1, FLAGS) / TYPE)];
  }
  isMarket(id: number): boolean {
    return this.#rows.get(id - 1, FLAGS) < TYPE;
  }
  /** True for a market order without family, expiry or trade number, which the broker takes as it is placed. */
  isPlain(id: number): boolean {
    const block = this.#rows.block(id - 1);
    const at = this.#rows.offset(id - 1);
    return block[at + RARE] === 0 && block[at + FLAGS] < TYPE && (block[at + FLAGS] & HELD) === 0;
  }
  /** True for an order that names a parent or a partner, or waits for others to be placed. */
  hasFamily(id: number): boolean {
    const block = this.#rows.block(id - 1);
    const at = this.#rows.offset(id - 1);
    if ((block[at + FLAGS] & HELD) !== 0) return true;
    return block[at + RARE] !== 0 && (this.parentId(id) !== 0 || this.ocoId(id) !== 0);
  }
  isLimit(id: number): boolean {
    return this.type(id) === 'limit';
  }
  /** NaN for an order without one. */
  limit(id: number): number {
    return this.#rows.get(id - 1, LIMIT);
  }
  setLimit(id: number, limit: number): void {
    this.#rows.set(id - 1, LIMIT, limit);
  }
  /** The trigger; NaN for an order without one. */
  stop(id: number): number {
    return this.#getRare(id, STOP, Number.NaN);
  }
  /** Moves the trigger of an order that was placed with one, with a trail or with a price that follows from a fill. */
  setStop(id: number, stop: number): void {
    this.#rare.set(this.#rows.get(id - 1, RARE) - 1, STOP, stop);
  }
  /** What the cash is checked at for an order without a price; NaN for the last close. */
  checkPrice(id: number): number {
    return this.#getRare(id, CHECK_PRICE, Number.NaN);
  }
  trailAmount(id: number): number {
    return this.#getRare(id, TRAIL_AMOUNT, Number.NaN);
  }
  trailPercent(id: number): number {
    return this.#getRare(id, TRAIL_PERCENT, Number.NaN);
  }
  /** Epoch ms UTC; Infinity for an order that does not expire. */
  validUntil(id: number): number {
    return this.#getRare(id, VALID_UNTIL, Number.POSITIVE_INFINITY);
  }
  /** Says when the day of an order of the day ends, epoch ms UTC. */
  setValidUntil(id: number, time: number): void {
    this.#rare.set(this.#rows.get(id - 1, RARE) - 1, VALID_UNTIL, time);
  }
  /** True for an order of the day, whose end the broker has to say. */
  isOfDay(id: number): boolean {
    return (this.#rows.get(id - 1, FLAGS) & DAY) !== 0;
  }
  tradeId(id: number): number {
    return this.#getRare(id, TRADE_ID, 0);
  }
  parentId(id: number): number {
    return this.#getRare(id, PARENT_ID, 0);
  }
  ocoId(id: number): number {
    return this.#getRare(id, OCO_ID, 0);
  }
  /** How far from its parent's fill price a child's price lies, in quote; NaN when it was given as such. */
  fillOffset(id: number): number {
    return this.#getRare(id, FILL_OFFSET, Number.NaN);
  }
  fillOffsetPercent(id: number): number {
    return this.#getRare(id, FILL_OFFSET_PERCENT, Number.NaN);
  }
  /** False for an order that waits for another one of its family to be placed. */
  transmits(id: number): boolean {
    return (this.#rows.get(id - 1, FLAGS) & HELD) === 0;
  }
  timeInForce(id: number): TimeInForce {
    const flags = this.#rows.get(id - 1, FLAGS);
    return (flags & IOC) !== 0 ? 'IOC' : (flags & FOK) !== 0 ? 'FOK' : 'GTC';
  }
  isPostOnly(id: number): boolean {
    return (this.#rows.get(id - 1, FLAGS) & POST_ONLY) !== 0;
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

  /** True for an order that this table has handed out: not one of another run, nor a copy. */
  owns(order: unknown): order is Order {
    return OrderView.isOf(this, order);
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

  static isOf(table: OrderTable, order: unknown): order is OrderView {
    return typeof order === 'object' && order !== null && #table in order && order.#table === table;
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
    return this.#table.type(this.id);
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
  get stop(): number {
    return this.#table.stop(this.id);
  }
  get trailAmount(): number {
    return this.#table.trailAmount(this.id);
  }
  get trailPercent(): number {
    return this.#table.trailPercent(this.id);
  }
  get timeInForce(): TimeInForce | undefined {
    return Number.isNaN(this.limit) ? undefined : this.#table.timeInForce(this.id);
  }
  get postOnly(): boolean {
    return this.#table.isPostOnly(this.id);
  }
  get validUntil(): number {
    return this.#table.validUntil(this.id);
  }
  get tradeId(): number {
    return this.#table.tradeId(this.id);
  }
  get parentId(): number {
    return this.#table.parentId(this.id);
  }
  get ocoId(): number {
    return this.#table.ocoId(this.id);
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
    return { ...placed, ...this.#rare(), status, filled, price, fees, maker, reason };
  }

  /** What few orders have, where this one does. */
  #rare(): Record<string, number | boolean> {
    const { stop, trailAmount, trailPercent, validUntil, tradeId, parentId, ocoId } = this;
    const all = { stop, trailAmount, trailPercent, validUntil, tradeId, parentId, ocoId };
    const rare = Object.entries(all).filter(([, value]) => Number.isFinite(value) && value !== 0);
    return { ...Object.fromEntries(rare), ...(this.postOnly ? { postOnly: true } : {}) };
  }
}

function isRare(terms: OrderTerms): boolean {
  return (
    !Number.isNaN(terms.stop) ||
    !Number.isNaN(terms.checkPrice) ||
    !Number.isNaN(terms.trailAmount) ||
    !Number.isNaN(terms.trailPercent) ||
    !Number.isNaN(terms.fillOffset) ||
    !Number.isNaN(terms.fillOffsetPercent) ||
    terms.validUntil !== Number.POSITIVE_INFINITY ||
    terms.day ||
    terms.tradeId !== 0 ||
    terms.parentId !== 0 ||
    terms.ocoId !== 0
  );
}
