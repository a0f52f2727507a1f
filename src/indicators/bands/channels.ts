import { float, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { average, averageOf } from '../averages/average-of.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { highestOf, lowestOf } from '../extremes/extremes.ts';
import { pointwise } from '../mathematics/pointwise.ts';
import { averageTrueRangeOf } from '../volatility/average-true-range.ts';

const bars = (value: number) => int(value, { min: 1, max: MOST_BARS });

/** The highest high and the lowest low, and the middle between them, in price units. */
export const donchian = indicator({
  name: 'donchian',
  label: 'Donchian',
  title: 'Donchian channel',
  group: 'bands',
  formula:
    'the highest high and the lowest low of the last `bars` bars, the current one included, and their mean; NaN while a value of the window is missing',
  source: 'Donchian, 1960',
  inputs: ['high', 'low'],
  parameters: { bars: bars(20) },
  lines: ['upper', 'middle', 'lower'],
  build: ({ bars }, high, low) => {
    const upper = highestOf(high, bars);
    const lower = lowestOf(low, bars);
    return { upper, middle: pointwise('middle', [upper, lower], (h, l) => (h + l) / 2), lower };
  },
});

/** An average of the close with bands at multiples of the average true range, in price units. */
export const keltner = indicator({
  name: 'keltner',
  label: 'Keltner',
  title: 'Keltner channel',
  group: 'bands',
  formula:
    'the `average` of the close over `bars` bars, and `width` average true ranges over `rangeBars` bars above and below it',
  source: 'Keltner, How to Make Money in Commodities, 1960, as Raschke has it',
  inputs: ['high', 'low', 'close'],
  parameters: { bars: bars(20), width: float(2, { min: 0 }), rangeBars: bars(10), average: average('ema') },
  lines: ['upper', 'middle', 'lower'],
  build: ({ bars, width, rangeBars, average: kind }, high, low, close) => {
    const middle = averageOf(kind, close, bars);
    const range = averageTrueRangeOf(high, low, close, rangeBars);
    return {
      upper: pointwise('upper', [middle, range], (m, r) => m + width * r),
      middle,
      lower: pointwise('lower', [middle, range], (m, r) => m - width * r),
    };
  },
});

/** Stops that hang from the extreme of a window by multiples of the average true range, in price units. */
export const chandelierExit = indicator({
  name: 'chandelierExit',
  label: 'Chandelier',
  title: 'Chandelier exit',
  group: 'trend',
  formula:
    'for longs the highest high of the last `bars` bars − `width` average true ranges, for shorts the lowest low + as much',
  source: 'Le Beau; Elder, Come Into My Trading Room, 2002',
  inputs: ['high', 'low', 'close'],
  parameters: { bars: bars(22), width: float(3, { min: 0 }) },
  lines: ['long', 'short'],
  build: ({ bars, width }, high, low, close) => {
    const range = averageTrueRangeOf(high, low, close, bars);
    return {
      long: pointwise('long', [highestOf(high, bars), range], (h, r) => h - width * r),
      short: pointwise('short', [lowestOf(low, bars), range], (l, r) => l + width * r),
    };
  },
});

class SuperTrend extends Kernel<'superTrend' | 'direction'> {
  private readonly width: number;
  private upper = Number.NaN;
  private lower = Number.NaN;
  private direction = 1;
  private before = Number.NaN;

  constructor(high: Line, low: Line, close: Line, bars: number, width: number) {
    const range = averageTrueRangeOf(high, low, close, bars);
    super({
      label: `SuperTrend(${bars}, ${width})`,
      inputs: [high, low, close, range],
      outputs: ['superTrend', 'direction'],
      warmup: 0,
      recursive: true,
    });
    this.width = width;
  }

  compute(from: number, to: number): void {
    const [high, low, close, range] = this.inputs.map(ringOf);
    const superTrend = ringOf(this.outputs.superTrend);
    const direction = ringOf(this.outputs.direction);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      superTrend[p] = Number.NaN;
      direction[p] = Number.NaN;
      const middle = (high[p] + low[p]) / 2;
      const distance = this.width * range[p];
      const price = close[p];
      if (i < this.start || Number.isNaN(middle + distance + price)) continue;
      this.next(middle + distance, middle - distance, price);
      superTrend[p] = this.direction > 0 ? this.lower : this.upper;
      direction[p] = this.direction;
    }
  }

  /** A band moves towards the price only, until the close before was beyond it. */
  private next(upper: number, lower: number, price: number): void {
    this.upper = upper < this.upper || !(this.before <= this.upper) ? upper : this.upper;
    this.lower = lower > this.lower || !(this.before >= this.lower) ? lower : this.lower;
    if (this.direction > 0 && price < this.lower) this.direction = -1;
    else if (this.direction < 0 && price > this.upper) this.direction = 1;
    this.before = price;
  }
}

/** A stop that trails the price by multiples of the average true range and changes sides, in price units. */
export const superTrend = indicator({
  name: 'superTrend',
  label: 'SuperTrend',
  title: 'SuperTrend',
  group: 'trend',
  formula:
    'bands `width` average true ranges over `bars` bars above and below (high + low) ÷ 2, each of which moves towards the price only until a close was beyond it; direction 1 while the close has not fallen below the lower band (which is then the line), −1 while it has not risen above the upper one; begins with 1; a missing value gives NaN and is passed over',
  source: 'Olivier Seban',
  inputs: ['high', 'low', 'close'],
  parameters: { bars: bars(10), width: float(3, { min: 0 }) },
  lines: ['superTrend', 'direction'],
  build: ({ bars, width }, high, low, close) => new SuperTrend(high, low, close, bars, width).outputs,
});

export const CHANNELS = [donchian, keltner, chandelierExit, superTrend] as const;
