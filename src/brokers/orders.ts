import type { Order, OrderReason, OrderStatus, OrderType, Side } from '../model/order.ts';
import { Rows } from '../model/rows.ts';

const STATUSES: readonly OrderStatus[] = [
  'created',
  'submitted',
  'accepted',
  'partial',
  'completed',
  'canceled',
  'expired',
  'margin',
  'rejected',
];
const CODES = Object.fromEntries(STATUSES.map((status, code) => [status, code])) as Record<
  OrderStatus,
  number
>;
const ALIVE = CODES.partial;

/** Columns of the table. */
const INSTRUMENT = 0;
const SELL = 1;
const SIZE = 2;
const QUOTE = 3;
const CREATED_AT = 4;
const STATUS = 5;
const FILLED = 6;
const PRICE = 7;
const FEES = 8;
const WIDTH = 9;

/** What a strategy asks a broker to do. */
export interface OrderRequest {
  readonly instrument: number;
  readonly side: Side;
  /** Base units, or NaN when `quote` is given. */
  readonly size: number;
  /** Quote to spend, fees included, or NaN when `size` is given. */
  readonly quote: number;
  readonly tag: string;
}

/**
 * All orders of a run, alive and ended, in columns. An {@link Order} is a view of one row: what a strategy holds is
 * cheap, and an order nobody holds costs no object.
 */
export class OrderTable implements Iterable<Order> {
  readonly #rows = new Rows(WIDTH);
  readonly #tags = new Map<number, string>();
  readonly #reasons = new Map<number, OrderReason>();
  readonly symbols: readonly string[];

  constructor(symbols: readonly string[]) {
    this.symbols = symbols;
  }

  get length(): number {
    return this.#rows.length;
  }

  /** Adds an order as `created`; its number is its id - 1. */
  add(request: OrderRequest, time: number): Order {
    const row = this.#rows.add();
    const block = this.#rows.block(row);
    const at = this.#rows.offset(row);
    block[at + INSTRUMENT] = request.instrument;
    block[at + SELL] = request.side === 'sell' ? 1 : 0;
    block[at + SIZE] = request.size;
    block[at + QUOTE] = request.quote;
    block[at + CREATED_AT] = time;
    block[at + PRICE] = Number.NaN;
    if (request.tag !== '') this.#tags.set(row, request.tag);
    return new OrderView(this, row);
  }

  /** Brings an order up to date. */
  update(
    id: number,
    status: OrderStatus,
    size: number,
    filled: number,
    price: number,
    fees: number,
    reason: OrderReason | undefined,
  ): void {
    const row = id - 1;
    const block = this.#rows.block(row);
    const at = this.#rows.offset(row);
    block[at + SIZE] = size;
    block[at + STATUS] = CODES[status];
    block[at + FILLED] = filled;
    block[at + PRICE] = price;
    block[at + FEES] = fees;
    if (reason !== undefined) this.#reasons.set(row, reason);
  }

  /** How many orders have this status. */
  count(status: OrderStatus): number {
    const code = CODES[status];
    let count = 0;
    for (let row = 0; row < this.length; row++) if (this.#rows.get(row, STATUS) === code) count++;
    return count;
  }

  /** Orders that ended without all of their fills, by the code of the reason. */
  refusals(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { code } of this.#reasons.values()) counts[code] = (counts[code] ?? 0) + 1;
    return counts;
  }

  /** How many orders can still change. */
  get alive(): number {
    let count = 0;
    for (let row = 0; row < this.length; row++) if (this.#rows.get(row, STATUS) <= ALIVE) count++;
    return count;
  }

  /** The order number `index`, in the order in which they were placed. */
  at(index: number): Order {
    return new OrderView(this, index);
  }

  *[Symbol.iterator](): Generator<Order> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  get(row: number, column: number): number {
    return this.#rows.get(row, column);
  }

  tag(row: number): string {
    return this.#tags.get(row) ?? '';
  }

  reason(row: number): OrderReason | undefined {
    return this.#reasons.get(row);
  }
}

class OrderView implements Order {
  readonly #table: OrderTable;
  readonly #row: number;

  constructor(table: OrderTable, row: number) {
    this.#table = table;
    this.#row = row;
  }

  get id(): number {
    return this.#row + 1;
  }
  get instrument(): number {
    return this.#table.get(this.#row, INSTRUMENT);
  }
  get symbol(): string {
    return this.#table.symbols[this.instrument];
  }
  get side(): Side {
    return this.#table.get(this.#row, SELL) === 1 ? 'sell' : 'buy';
  }
  get type(): OrderType {
    return 'market';
  }
  get size(): number {
    return this.#table.get(this.#row, SIZE);
  }
  get quote(): number {
    return this.#table.get(this.#row, QUOTE);
  }
  get tag(): string {
    return this.#table.tag(this.#row);
  }
  get createdAt(): number {
    return this.#table.get(this.#row, CREATED_AT);
  }
  get status(): OrderStatus {
    return STATUSES[this.#table.get(this.#row, STATUS)];
  }
  get alive(): boolean {
    return this.#table.get(this.#row, STATUS) <= ALIVE;
  }
  get filled(): number {
    return this.#table.get(this.#row, FILLED);
  }
  get price(): number {
    return this.#table.get(this.#row, PRICE);
  }
  get fees(): number {
    return this.#table.get(this.#row, FEES);
  }
  get reason(): OrderReason | undefined {
    return this.#table.reason(this.#row);
  }

  toJSON(): Record<string, unknown> {
    const { id, symbol, side, type, size, quote, tag, createdAt, status, filled, price, fees, reason } = this;
    return { id, symbol, side, type, size, quote, tag, createdAt, status, filled, price, fees, reason };
  }
}
