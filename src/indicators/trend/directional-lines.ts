import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { type Average, averageOf } from '../averages/average-of.ts';
import type { Convention } from '../definition.ts';
import { pointwise } from '../mathematics/pointwise.ts';
import { trueRangeOf } from '../volatility/true-range.ts';
import { DirectionalMove, WilderIndex, WilderIndicator } from './directional-movement.ts';

/** The bars that everything directional is computed from. */
export interface RangeLines {
  readonly high: Line;
  readonly low: Line;
  readonly close: Line;
}

/** How the directional movement is smoothed. */
export interface DirectionalOptions {
  readonly bars: number;
  readonly average: Average;
  readonly convention: Convention;
}

/** The mean of a value and of the one some bars ago. */
class MeanWithPast extends Kernel<'value'> {
  private readonly bars: number;

  constructor(label: string, input: Line, bars: number) {
    super({ label, inputs: [input], outputs: ['value'], warmup: bars });
    this.bars = bars;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const first = this.start + this.bars;
    for (let i = from; i < to; i++)
      out[i & mask] = i < first ? Number.NaN : (x[i & mask] + x[(i - this.bars) & mask]) / 2;
  }
}

/** +DI and −DI. TA-Lib seeds Wilder's smoothing with one value less than anyone else smooths by. */
export function indicatorLines(data: RangeLines, options: DirectionalOptions): { plus: Line; minus: Line } {
  const { bars, average, convention } = options;
  const { high, low, close } = data;
  if (average === 'smma' && convention === 'talib')
    return new WilderIndicator(high, low, close, bars).outputs;
  const move = new DirectionalMove(high, low).outputs;
  const range = averageOf(average, trueRangeOf(high, low, close), bars, convention);
  const share = (label: string, line: Line) =>
    pointwise(label, [averageOf(average, line, bars, convention), range], (movement, range) =>
      range === 0 ? 0 : 100 * (movement / range),
    );
  return { plus: share(`+DI(${bars})`, move.plus), minus: share(`-DI(${bars})`, move.minus) };
}

/** ADX, of DI lines where these are there already. */
export function adxLine(
  data: RangeLines,
  options: DirectionalOptions,
  indicators?: { readonly plus: Line; readonly minus: Line },
): Line {
  const { bars, average, convention } = options;
  if (average === 'smma' && convention === 'talib')
    return new WilderIndex(data.high, data.low, data.close, bars, true).outputs.value;
  const { plus, minus } = indicators ?? indicatorLines(data, options);
  const index = pointwise(`DX(${bars})`, [plus, minus], (plus, minus) =>
    plus + minus === 0 ? 0 : 100 * (Math.abs(plus - minus) / (plus + minus)),
  );
  return averageOf(average, index, bars, convention);
}

/** ADXR of an ADX. TA-Lib looks back one bar less than backtrader. */
export function adxrLine(adx: Line, { bars, convention }: DirectionalOptions): Line {
  return new MeanWithPast(`ADXR(${bars})`, adx, convention === 'talib' ? bars - 1 : bars).outputs.value;
}
