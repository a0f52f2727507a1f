import type { Bars } from '../../model/bars.ts';

/** A chunk of bars in the making. */
export class BarsBuilder {
  readonly capacity: number;
  length = 0;
  time: Float64Array;
  /** open, high, low, close, volume, then the extra columns. */
  values: Float64Array[];
  readonly #extras: readonly string[];

  constructor(extras: readonly string[], capacity: number) {
    this.capacity = capacity;
    this.#extras = extras;
    this.time = new Float64Array(capacity);
    this.values = Array.from({ length: 5 + extras.length }, () => new Float64Array(capacity));
  }

  /** The bars so far, given away: the next ones go to fresh columns. */
  take(): Bars {
    const { length, capacity } = this;
    const part = (values: Float64Array) => (length === capacity ? values : values.slice(0, length));
    const [open, high, low, close, volume, ...rest] = this.values.map(part);
    const extra: Record<string, Float64Array> = {};
    for (const [i, name] of this.#extras.entries()) extra[name] = rest[i];
    const bars = { length, time: part(this.time), open, high, low, close, volume, extra };
    this.length = 0;
    if (length === capacity) {
      this.time = new Float64Array(capacity);
      this.values = this.values.map(() => new Float64Array(capacity));
    }
    return bars;
  }
}
