import type { Bars } from '../../model/bars.ts';
import { NumberColumn } from '../../model/columns.ts';

const FIRST = 64;

/** Collects bars one by one, and gives them away in columns. */
export class BarBuilder {
  readonly #names: readonly string[];
  #time = new NumberColumn(FIRST);
  #open = new NumberColumn(FIRST);
  #high = new NumberColumn(FIRST);
  #low = new NumberColumn(FIRST);
  #close = new NumberColumn(FIRST);
  #volume = new NumberColumn(FIRST);
  #extra: NumberColumn[];

  /** `names`: of the columns beyond OHLCV. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#extra = names.map(() => new NumberColumn(FIRST));
  }

  get length(): number {
    return this.#time.length;
  }

  push(time: number, open: number, high: number, low: number, close: number, volume: number): void {
    this.#time.push(time);
    this.#open.push(open);
    this.#high.push(high);
    this.#low.push(low);
    this.#close.push(close);
    this.#volume.push(volume);
  }

  /** The value of further column number `column` of the bar that was pushed last: once each. */
  pushExtra(column: number, value: number): void {
    this.#extra[column].push(value);
  }

  /** Row `row` of `bars`, which has this builder's columns, as it is; `time` replaces its stamp. */
  pushRow(bars: Bars, row: number, time = bars.time[row]): void {
    this.push(time, bars.open[row], bars.high[row], bars.low[row], bars.close[row], bars.volume[row]);
    for (const [i, name] of this.#names.entries()) this.#extra[i].push(bars.extra[name][row]);
  }

  /** All that was pushed since the last call. */
  take(): Bars {
    const bars: Bars = {
      length: this.#time.length,
      time: this.#time.view(),
      open: this.#open.view(),
      high: this.#high.view(),
      low: this.#low.view(),
      close: this.#close.view(),
      volume: this.#volume.view(),
      extra: Object.fromEntries(this.#names.map((name, i) => [name, this.#extra[i].view()])),
    };
    this.#time = new NumberColumn(FIRST);
    this.#open = new NumberColumn(FIRST);
    this.#high = new NumberColumn(FIRST);
    this.#low = new NumberColumn(FIRST);
    this.#close = new NumberColumn(FIRST);
    this.#volume = new NumberColumn(FIRST);
    this.#extra = this.#names.map(() => new NumberColumn(FIRST));
    return bars;
  }
}
