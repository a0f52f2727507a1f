import { int } from '../model/parameters.ts';
import { Kernel } from '../series/kernel.ts';
import { type Line, ringOf } from '../series/line.ts';
import { type Convention, indicator, MOST_BARS } from './definition.ts';
import { RollingMean } from './rolling-mean.ts';

class Sma extends Kernel<'sma'> {
  private readonly mean: RollingMean;

  constructor(input: Line, bars: number) {
    super({ label: `SMA(${bars})`, inputs: [input], outputs: ['sma'], warmup: bars - 1, depth: bars });
    this.mean = new RollingMean(bars, this.start);
  }

  compute(from: number, to: number): void {
    this.mean.run(ringOf(this.inputs[0]), ringOf(this.outputs.sma), this.clock.mask, from, to);
  }
}

/** Simple moving average, in the units of its input. */
export const sma = indicator({
  name: 'sma',
  title: 'Simple moving average',
  group: 'moving averages',
  formula: 'the exact sum of the last `bars` values ÷ `bars`',
  source: 'TA-Lib SMA, backtrader MovingAverageSimple',
  inputs: 'line',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }) },
  lines: ['sma'],
  build: ({ bars }, input) => new Sma(input, bars).outputs,
});

/**
 * Exponential smoothing with factor `alpha`, seeded with the simple mean of the first `bars` values.
 * Shared by everything that is such an average inside: EMA, Wilder's RSI and ATR, MACD.
 */
export class ExponentialMean {
  private readonly bars: number;
  private readonly alpha: number;
  private readonly convention: Convention;
  private seen = 0;
  private value = 0;

  constructor(bars: number, alpha: number, convention: Convention = 'talib') {
    this.bars = bars;
    this.alpha = alpha;
    this.convention = convention;
  }

  /**
   * Takes the next value and returns the mean; NaN for the first `bars` - 1 values. A NaN is passed over: it gives NaN
   * and leaves the mean as it was.
   */
  next(value: number): number {
    if (Number.isNaN(value)) return Number.NaN;
    if (this.seen < this.bars) {
      this.value += value;
      if (++this.seen < this.bars) return Number.NaN;
      this.value /= this.bars;
      return this.value;
    }
    this.value =
      this.convention === 'talib'
        ? this.value + this.alpha * (value - this.value)
        : this.value * (1 - this.alpha) + value * this.alpha;
    return this.value;
  }
}

class Ema extends Kernel<'ema'> {
  private readonly mean: ExponentialMean;

  constructor(input: Line, bars: number) {
    super({ label: `EMA(${bars})`, inputs: [input], outputs: ['ema'], warmup: bars - 1, recursive: true });
    this.mean = new ExponentialMean(bars, 2 / (bars + 1));
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.ema);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) out[i & mask] = i < this.start ? Number.NaN : this.mean.next(x[i & mask]);
  }
}

/** Exponential moving average, in the units of its input. */
export const ema = indicator({
  name: 'ema',
  title: 'Exponential moving average',
  group: 'moving averages',
  formula:
    'α · value + (1 − α) · ema before, α = 2 ÷ (`bars` + 1), seeded with the simple mean of the first `bars` values',
  source: 'TA-Lib EMA, backtrader ExponentialMovingAverage',
  inputs: 'line',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }) },
  lines: ['ema'],
  build: ({ bars }, input) => new Ema(input, bars).outputs,
});

class Wma extends Kernel<'wma'> {
  private readonly bars: number;
  private sum = 0;
  private weighted = 0;

  constructor(input: Line, bars: number) {
    super({ label: `WMA(${bars})`, inputs: [input], outputs: ['wma'], warmup: bars - 1, depth: bars });
    this.bars = bars;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.wma);
    const { mask } = this.clock;
    const n = this.bars;
    const divisor = (n * (n + 1)) / 2;
    const first = this.start + n - 1;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      if (i < first) {
        out[p] = Number.NaN;
        continue;
      }
      // Summed afresh once a window, by bar number, so that rounding cannot pile up and a NaN does not stay.
      if ((i - first) % n === 0) this.restart(x, mask, i - n + 1);
      else {
        this.weighted += n * x[p] - this.sum;
        this.sum += x[p] - x[(i - n) & mask];
      }
      out[p] = this.weighted / divisor;
    }
  }

  private restart(x: Float64Array, mask: number, oldest: number): void {
    this.sum = 0;
    this.weighted = 0;
    for (let k = 0; k < this.bars; k++) {
      const value = x[(oldest + k) & mask];
      this.sum += value;
      this.weighted += (k + 1) * value;
    }
  }
}

/** Linearly weighted moving average, in the units of its input. */
export const wma = indicator({
  name: 'wma',
  title: 'Linearly weighted moving average',
  group: 'moving averages',
  formula: 'Σ k · value ÷ Σ k, with weights k = 1 … `bars`, the newest value weighing most',
  source: 'TA-Lib WMA, backtrader WeightedMovingAverage',
  inputs: 'line',
  parameters: { bars: int(30, { min: 1, max: MOST_BARS }) },
  lines: ['wma'],
  build: ({ bars }, input) => new Wma(input, bars).outputs,
});
