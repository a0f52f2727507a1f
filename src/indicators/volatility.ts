import type { Data } from '../series/data.ts';
import { Kernel, period } from '../series/kernel.ts';
import { type Line, ringOf } from '../series/line.ts';
import { ExponentialMean } from './moving-averages.ts';
import { RollingDeviation } from './rolling-deviation.ts';
import { RollingMean } from './rolling-mean.ts';

class Atr extends Kernel<'atr'> {
  readonly #mean: ExponentialMean;

  constructor(high: Line, low: Line, close: Line, bars: number) {
    super({
      label: `ATR(${bars})`,
      inputs: [high, low, close],
      outputs: ['atr'],
      warmup: bars,
      recursive: true,
    });
    this.#mean = new ExponentialMean(bars, 1 / bars);
  }

  compute(from: number, to: number): void {
    const [high, low, close] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.atr);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      if (i <= this.start) {
        out[p] = Number.NaN;
        continue;
      }
      const before = close[(i - 1) & mask];
      out[p] = this.#mean.next(Math.max(high[p], before) - Math.min(low[p], before));
    }
  }
}

/**
 * Wilder's average true range, in price units: max(high, previous close) − min(low, previous close), smoothed with
 * 1 / `bars` and seeded with its simple mean; first value at bar `bars` + 1.
 */
export function atr(data: Pick<Data, 'high' | 'low' | 'close'>, bars = 14): Line {
  return new Atr(data.high, data.low, data.close, period('atr', bars)).outputs.atr;
}

class StdDev extends Kernel<'stdDev'> {
  readonly #deviation: RollingDeviation;

  constructor(input: Line, bars: number) {
    super({ label: `StdDev(${bars})`, inputs: [input], outputs: ['stdDev'], warmup: bars - 1, depth: bars });
    this.#deviation = new RollingDeviation(bars, this.start);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.stdDev);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) out[i & mask] = this.#deviation.at(x, mask, i);
  }
}

/** Population standard deviation of the last `bars` values; exactly 0 on a flat window. */
export function stdDev(input: Line, bars = 20): Line {
  return new StdDev(input, period('stdDev', bars)).outputs.stdDev;
}

class Bollinger extends Kernel<'upper' | 'middle' | 'lower'> {
  readonly #mean: RollingMean;
  readonly #deviation: RollingDeviation;
  readonly #width: number;

  constructor(input: Line, bars: number, width: number) {
    super({
      label: `BB(${bars}, ${width})`,
      inputs: [input],
      outputs: ['upper', 'middle', 'lower'],
      warmup: bars - 1,
      depth: bars,
    });
    this.#mean = new RollingMean(bars, this.start);
    this.#deviation = new RollingDeviation(bars, this.start);
    this.#width = width;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const upper = ringOf(this.outputs.upper);
    const middle = ringOf(this.outputs.middle);
    const lower = ringOf(this.outputs.lower);
    const { mask } = this.clock;
    this.#mean.run(x, middle, mask, from, to);
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const distance = this.#width * this.#deviation.at(x, mask, i);
      upper[p] = middle[p] + distance;
      lower[p] = middle[p] - distance;
    }
  }
}

/** Bollinger bands: the simple moving average, and `width` population standard deviations above and below it. */
export function bollinger(
  input: Line,
  bars = 20,
  width = 2,
): { readonly upper: Line; readonly middle: Line; readonly lower: Line } {
  return new Bollinger(input, period('bollinger', bars), width).outputs;
}
