import { type Arrays, NEW_ARRAYS } from '../model/array-pool.ts';
import type { Fill } from '../model/order.ts';
import { Rows } from '../model/rows.ts';

const ORDER_ID = 0;
const INSTRUMENT = 1;
/** Negative for sells. */
const SIZE = 2;
const PRICE = 3;
const FEE = 4;
const TIME = 5;
/** A sum of {@link MAKER} and {@link FEE_IN_BASE}. */
const FLAGS = 6;
const WIDTH = 7;

const MAKER = 1;
const FEE_IN_BASE = 2;

/** All executions of a run in columns; an object is made only when one is read. */
export class FillTable implements Iterable<Fill> {
  readonly #rows: Rows;

  constructor(arrays: Arrays = NEW_ARRAYS) {
    this.#rows = new Rows(WIDTH, arrays);
  }

  get length(): number {
    return this.#rows.length;
  }

  /**
   * Adds a fill and returns its number; `size` is negative for a sell, and what is left of a purchase whose fee was taken
   * in base.
   */
  add(
    orderId: number,
    instrument: number,
    size: number,
    price: number,
    fee: number,
    time: number,
    maker: boolean,
    feeInBase: boolean,
  ): number {
    const row = this.#rows.add();
    const block = this.#rows.block(row);
    const at = this.#rows.offset(row);
    block[at + ORDER_ID] = orderId;
    block[at + INSTRUMENT] = instrument;
    block[at + SIZE] = size;
    block[at + PRICE] = price;
    block[at + FEE] = fee;
    block[at + TIME] = time;
    block[at + FLAGS] = (maker ? MAKER : 0) + (feeInBase ? FEE_IN_BASE : 0);
    return row;
  }

  orderId(row: number): number {
    return this.#rows.get(row, ORDER_ID);
  }
  instrument(row: number): number {
    return this.#rows.get(row, INSTRUMENT);
  }
  /** Base units by which the position moved; negative for a sell. */
  size(row: number): number {
    return this.#rows.get(row, SIZE);
  }
  price(row: number): number {
    return this.#rows.get(row, PRICE);
  }
  /** Its value in quote. */
  fee(row: number): number {
    return this.#rows.get(row, FEE);
  }
  /** Epoch ms UTC. */
  time(row: number): number {
    return this.#rows.get(row, TIME);
  }

  /** Fill number `index`, oldest first. */
  at(index: number): Fill {
    const rows = this.#rows;
    rows.check(index);
    const size = rows.get(index, SIZE);
    return {
      orderId: rows.get(index, ORDER_ID),
      instrument: rows.get(index, INSTRUMENT),
      side: size < 0 ? 'sell' : 'buy',
      size: Math.abs(size),
      price: rows.get(index, PRICE),
      fee: rows.get(index, FEE),
      feeAsset: (rows.get(index, FLAGS) & FEE_IN_BASE) === 0 ? 'quote' : 'base',
      maker: (rows.get(index, FLAGS) & MAKER) !== 0,
      time: rows.get(index, TIME),
    };
  }

  *[Symbol.iterator](): Generator<Fill> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}
