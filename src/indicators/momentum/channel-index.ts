import { choice, float, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { average, averageOf } from '../averages/average-of.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { pointwise } from '../mathematics/pointwise.ts';

/**
 * The mean distance of a window's typical prices from their mean has no O(1) form, for the mean moves with every bar. Two
 * short loops over the window are what is fastest for windows of less than some hundred bars, and they round as TA-Lib does.
 */
class ChannelIndex extends Kernel<'value'> {
  private readonly bars: number;
  private readonly factor: number;
  private readonly exact: boolean;
  private readonly prices: Float64Array;
  /** How many of the latest prices are equal: a flat window has no deviation, whatever rounding leaves. */
  private equal = 0;

  constructor(high: Line, low: Line, close: Line, bars: number, factor: number, exact: boolean) {
    super({
      label: `CCI(${bars})`,
      inputs: [high, low, close],
      outputs: ['value'],
      warmup: bars - 1,
      depth: 1,
    });
    this.bars = bars;
    this.factor = factor;
    this.exact = exact;
    this.prices = new Float64Array(bars);
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const close = ringOf(this.inputs[2]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { bars, prices, start } = this;
    let { equal } = this;
    let turn = (Math.max(from, start) - start) % bars;
    let before = prices[turn === 0 ? bars - 1 : turn - 1];
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i < start) continue;
      const price = (high[p] + low[p] + close[p]) / 3;
      equal = price === before ? equal + 1 : 1;
      before = price;
      prices[turn] = price;
      turn = turn + 1 === bars ? 0 : turn + 1;
      if (i >= start + bars - 1) out[p] = this.exact && equal >= bars ? 0 : this.indexOf(price);
    }
    this.equal = equal;
  }

  private indexOf(price: number): number {
    const { bars, factor, prices } = this;
    let sum = 0;
    for (let k = 0; k < bars; k++) sum += prices[k];
    const mean = sum / bars;
    let distances = 0;
    for (let k = 0; k < bars; k++) distances += Math.abs(prices[k] - mean);
    const distance = price - mean;
    return distance === 0 || distances === 0 ? 0 : distance / (factor * (distances / bars));
  }
}

/** Lambert's commodity channel index, around 0. */
export const cci = indicator({
  name: 'cci',
  title: 'Commodity channel index',
  group: 'momentum',
  formula:
    '(price − mean) ÷ (`factor` · mean distance), of the typical price (high + low + close) ÷ 3 over `bars`, 0 where nothing moved; the distances are those of the window’s prices from its mean (`talib` rounds as TA-Lib, which on a flat window may give what rounding leaves); `backtrader` takes the simple mean of the distance of each price from its `average` at its own bar',
  source: 'Lambert, 1980; TA-Lib CCI, backtrader CommodityChannelIndex',
  inputs: ['high', 'low', 'close'],
  parameters: {
    bars: int(14, { min: 1, max: MOST_BARS }),
    factor: float(0.015, { min: 1e-9 }),
    average: average('sma'),
    convention: choice(['exact', 'talib', 'backtrader']),
  },
  lines: ['cci'],
  build: ({ bars, factor, average, convention }, high, low, close) => {
    if (convention !== 'backtrader')
      return { cci: new ChannelIndex(high, low, close, bars, factor, convention === 'exact').outputs.value };
    const price = pointwise(
      'Typical price',
      [high, low, close],
      (high, low, close) => (high + low + close) / 3,
    );
    const mean = averageOf(average, price, bars, convention);
    const distance = pointwise('Distance', [price, mean], (price, mean) => Math.abs(price - mean));
    const typical = averageOf('sma', distance, bars, convention);
    return {
      cci: pointwise('CCI', [price, mean, typical], (price, mean, typical) =>
        typical === 0 ? 0 : (price - mean) / (factor * typical),
      ),
    };
  },
});
