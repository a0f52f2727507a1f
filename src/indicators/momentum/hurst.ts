import { StrategyError } from '../../model/errors.ts';
import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { MISSING, RESTART, WindowSums } from '../windows/window-sums.ts';

/** What a window tells nothing about: neither trending nor returning. */
const UNKNOWN = 0.5;

/**
 * For each lag the variance of the differences between values that far apart, from sums that slide: O(lags) a bar. Sums
 * of d and d² are taken around an anchor that is renewed with them, so that nothing cancels where a price drifts.
 */
class Hurst extends Kernel<'value'> {
  private readonly bars: number;
  private readonly shortest: number;
  private readonly windows: WindowSums;
  /** How much the logarithm of each variance counts in the slope. */
  private readonly weights: Float64Array;
  private readonly anchors: Float64Array;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;

  constructor(input: Line, bars: number, shortest: number, end: number) {
    super({ label: `Hurst(${bars})`, inputs: [input], outputs: ['value'], warmup: bars - 1, depth: bars });
    this.bars = bars;
    this.shortest = shortest;
    this.windows = new WindowSums(bars, this.start);
    this.weights = slopeWeights(shortest, end);
    const lags = end - shortest;
    this.anchors = new Float64Array(lags);
    this.sums = new Float64Array(lags);
    this.squares = new Float64Array(lags);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      out[i & mask] = Number.NaN;
      if (i < this.start) continue;
      const step = this.windows.next(i, x[i & mask]);
      if (step === MISSING) continue;
      if (step === RESTART) this.restart(x, mask, i);
      else this.slide(x, mask, i);
      out[i & mask] = this.exponent();
    }
  }

  private restart(x: Float64Array, mask: number, last: number): void {
    const { bars, shortest, anchors, sums, squares } = this;
    const first = last - bars + 1;
    for (let k = 0; k < sums.length; k++) {
      const lag = shortest + k;
      // The differences over a window add up to few terms, whose mean is the anchor.
      let total = 0;
      for (let j = first + lag; j <= last; j++) total += x[j & mask] - x[(j - lag) & mask];
      anchors[k] = total / (bars - lag);
      sums[k] = 0;
      squares[k] = 0;
      for (let j = first + lag; j <= last; j++) {
        const d = x[j & mask] - x[(j - lag) & mask] - anchors[k];
        sums[k] += d;
        squares[k] += d * d;
      }
    }
  }

  private slide(x: Float64Array, mask: number, last: number): void {
    const { bars, shortest, anchors, sums, squares } = this;
    const value = x[last & mask];
    const leaving = last - bars;
    const left = x[leaving & mask];
    for (let k = 0; k < sums.length; k++) {
      const lag = shortest + k;
      const entered = value - x[(last - lag) & mask] - anchors[k];
      const gone = x[(leaving + lag) & mask] - left - anchors[k];
      sums[k] += entered - gone;
      squares[k] += entered * entered - gone * gone;
    }
  }

  private exponent(): number {
    const { bars, shortest, weights, sums, squares } = this;
    let slope = 0;
    for (let k = 0; k < sums.length; k++) {
      const count = bars - shortest - k;
      const variance = squares[k] / count - (sums[k] / count) ** 2;
      if (!(variance > 0)) return UNKNOWN;
      slope += weights[k] * Math.log10(variance);
    }
    // The root of a deviation is the fourth root of its variance, and the exponent is twice the slope.
    return slope / 2;
  }
}

/** What a value counts in the slope of a straight line fitted to values over the logarithms of the lags. */
function slopeWeights(shortest: number, end: number): Float64Array {
  const logs = Float64Array.from({ length: end - shortest }, (_, k) => Math.log10(shortest + k));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const spread = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  return logs.map(log => (log - mean) / spread);
}

/** The Hurst exponent: about 0.5 for a random walk, above for a trend, below for what returns to its mean. */
export const hurst = indicator({
  name: 'hurst',
  title: 'Hurst exponent',
  group: 'statistics',
  formula:
    'twice the slope of log √(deviation of the differences of values `lag` bars apart) over log `lag`, for the lags from `shortest` to below `end` (0: half of `bars`), within the last `bars` values; 0.5 where one of the deviations is 0, as on a flat window',
  source: 'Hurst, 1951; Chan, Algorithmic Trading, 2013; backtrader HurstExponent',
  inputs: 'line',
  parameters: {
    bars: int(40, { min: 4, max: MOST_BARS }),
    shortest: int(2, { min: 1, max: MOST_BARS }),
    end: int(0, { min: 0, max: MOST_BARS }),
  },
  lines: ['hurst'],
  build: ({ bars, shortest, end }, input) => {
    const until = end === 0 ? Math.floor(bars / 2) : end;
    if (until - shortest < 2 || until > bars) {
      throw new StrategyError(
        'PARAMETER_INVALID',
        `hurst was given lags from ${shortest} to below ${until} within ${bars} bars`,
        {
          value: until,
          limit: `${shortest + 2} to ${bars}`,
          fix: 'two lags at least, all of them shorter than the window',
        },
      );
    }
    return { hurst: new Hurst(input, bars, shortest, until).outputs.value };
  },
});
