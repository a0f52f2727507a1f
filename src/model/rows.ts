import { type Arrays, NEW_ARRAYS } from './array-pool.ts';
import { InputError } from './errors.ts';

const SHIFT = 10;
const BLOCK_ROWS = 1 << SHIFT;
const MASK = BLOCK_ROWS - 1;

/**
 * An append-only table of numbers, `width` a row, in blocks that never move: adding a row neither copies what is
 * there nor makes an object, so a million rows cost their numbers and nothing else.
 */
export class Rows {
  readonly #width: number;
  readonly #blocks: Float64Array[] = [];
  readonly #arrays: Arrays;
  #length = 0;

  constructor(width: number, arrays = NEW_ARRAYS) {
    this.#width = width;
    this.#arrays = arrays;
  }

  get length(): number {
    return this.#length;
  }

  /** Appends a row of zeros and returns its number. */
  add(): number {
    const row = this.#length++;
    if ((row & MASK) === 0) this.#blocks.push(this.#arrays.take(BLOCK_ROWS * this.#width));
    return row;
  }

  /** Throws `ROW_UNKNOWN` unless there is a row of this number. */
  check(row: number): void {
    if (Number.isInteger(row) && row >= 0 && row < this.#length) return;
    throw new InputError('ROW_UNKNOWN', `row ${row} was asked for`, {
      value: row,
      limit: this.#length,
      fix: `the table has ${this.#length} rows, counted from 0`,
    });
  }

  /** The block that holds `row`, to write or read several of its values; they start at {@link offset}. */
  block(row: number): Float64Array {
    return this.#blocks[row >> SHIFT];
  }

  offset(row: number): number {
    return (row & MASK) * this.#width;
  }

  get(row: number, column: number): number {
    return this.#blocks[row >> SHIFT][(row & MASK) * this.#width + column];
  }

  set(row: number, column: number, value: number): void {
    this.#blocks[row >> SHIFT][(row & MASK) * this.#width + column] = value;
  }
}
