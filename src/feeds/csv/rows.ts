import type { BarsBuilder } from './builder.ts';
import { CR, LF, QUOTE } from './bytes.ts';
import { type CsvFormat, NUMBER, SKIP, STAMP } from './format.ts';
import type { NumberReader } from './numbers.ts';
import { ROW_LIMIT } from './window.ts';

/**
 * The loop that reads rows as almost all rows are: unquoted, the expected fields, plain numbers, a valid bar.
 * It stops at the first row that is not so, and leaves that one to the general parser, which alone decides what is
 * wrong with it, if anything. So this loop only has to be certain of what it takes.
 */
export class PlainRows {
  readonly #format: CsvFormat;
  readonly #numbers: NumberReader;
  readonly #builder: BarsBuilder;
  readonly #direction: number;
  /** Time of the last bar. */
  last: number;
  /** The line of the next row. */
  line = 1;

  constructor(
    format: CsvFormat,
    numbers: NumberReader,
    builder: BarsBuilder,
    direction: number,
    last: number,
  ) {
    this.#format = format;
    this.#numbers = numbers;
    this.#builder = builder;
    this.#direction = direction;
    this.last = last;
  }

  /** Reads rows from `at`; `to` is behind a line end (behind a CR, the
   * byte after it is known). Returns where it stopped: at a row, at `to`, or a full chunk. */
  read(bytes: Uint8Array, at: number, to: number): number {
    const { kinds, targets, separator, stamp, clock } = this.#format;
    const { values, time, capacity } = this.#builder;
    const [open, high, low, close, volume] = values;
    const numbers = this.#numbers;
    const direction = this.#direction;
    const fields = kinds.length;
    let row = this.#builder.length;
    let last = this.last;
    const firstRow = row;
    while (at < to && row < capacity) {
      let p = at;
      let moment = 0;
      let c = 0;
      let field = 0;
      for (;;) {
        const kind = kinds[field];
        if (kind === NUMBER) {
          const value = numbers.scan(bytes, p);
          if (Number.isNaN(value)) break;
          p = numbers.end;
          values[targets[field]][row] = value;
          c = bytes[p];
        } else {
          const start = p;
          c = bytes[p];
          while (c !== separator && c !== LF && c !== CR && c !== QUOTE) c = bytes[++p];
          if (kind !== SKIP) moment += (kind === STAMP ? stamp : clock!).read(bytes, start, p);
        }
        if (++field === fields || c !== separator) break;
        p++;
      }
      if (field !== fields) break;
      if (c === LF) p++;
      else if (c === CR) p += bytes[p + 1] === LF ? 2 : 1;
      else break;
      const lowest = low[row];
      const highest = high[row];
      // Each comparison is false for NaN.
      const good =
        lowest >= 0 &&
        lowest <= open[row] &&
        lowest <= close[row] &&
        open[row] <= highest &&
        close[row] <= highest &&
        volume[row] >= 0 &&
        (moment - last) * direction > 0 &&
        p - at <= ROW_LIMIT;
      if (!good) break;
      time[row++] = moment;
      last = moment;
      at = p;
    }
    this.#builder.length = row;
    this.last = last;
    this.line += row - firstRow;
    return at;
  }
}
