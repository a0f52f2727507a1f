import { bool, choice, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { sub } from '../../series/operators.ts';
import { average, averageOf } from '../averages/average-of.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';

/** Heikin-Ashi candles. Their open goes on from the candle before; a bar with a NaN gives NaN and is passed over. */
class Candles extends Kernel<'open' | 'high' | 'low' | 'close'> {
  private readonly late: boolean;
  private seeded = false;
  private lastOpen = 0;
  private lastClose = 0;

  /** `late`: backtrader begins with the second bar, but shows opens and closes of the first. */
  constructor(open: Line, high: Line, low: Line, close: Line, late: boolean) {
    super({
      label: 'Heikin-Ashi',
      inputs: [open, high, low, close],
      outputs: ['open', 'high', 'low', 'close'],
      warmup: late ? 1 : 0,
      recursive: true,
    });
    this.late = late;
  }

  compute(from: number, to: number): void {
    const open = ringOf(this.inputs[0]);
    const high = ringOf(this.inputs[1]);
    const low = ringOf(this.inputs[2]);
    const close = ringOf(this.inputs[3]);
    const candleOpen = ringOf(this.outputs.open);
    const candleHigh = ringOf(this.outputs.high);
    const candleLow = ringOf(this.outputs.low);
    const candleClose = ringOf(this.outputs.close);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const ends = (open[p] + high[p] + low[p] + close[p]) / 4;
      const known = i >= this.start && !Number.isNaN(ends);
      const begins = this.seeded ? (this.lastOpen + this.lastClose) / 2 : (open[p] + close[p]) / 2;
      const whole = known && (this.seeded || !this.late);
      candleOpen[p] = known ? begins : Number.NaN;
      candleClose[p] = known ? ends : Number.NaN;
      candleHigh[p] = whole ? Math.max(high[p], begins, ends) : Number.NaN;
      candleLow[p] = whole ? Math.min(low[p], begins, ends) : Number.NaN;
      if (!known) continue;
      this.seeded = true;
      this.lastOpen = begins;
      this.lastClose = ends;
    }
  }
}

/** A line that begins one bar later. */
class Later extends Kernel<'value'> {
  constructor(input: Line) {
    super({ label: 'later', inputs: [input], outputs: ['value'], warmup: 1, role: 'operator' });
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) out[i & mask] = i <= this.start ? Number.NaN : x[i & mask];
  }
}

const inputs = ['open', 'high', 'low', 'close'] as const;

/** Heikin-Ashi candles, in price units. */
export const heikinAshi = indicator({
  name: 'heikinAshi',
  label: 'HA',
  title: 'Heikin-Ashi',
  group: 'price',
  formula:
    'close: (open + high + low + close) ÷ 4; open: the mean of open and close of the candle before, at first of the bar’s own; high and low: the extremes of the bar’s and of these; `backtrader` has no high and low at the first bar',
  source: 'Valcu, Stocks & Commodities, 2004; backtrader HeikinAshi',
  inputs,
  parameters: { convention: choice(CONVENTIONS) },
  lines: ['open', 'high', 'low', 'close'],
  build: ({ convention }, open, high, low, close) =>
    new Candles(open, high, low, close, convention === 'backtrader').outputs,
});

/** The body of Heikin-Ashi candles, in price units. */
export const heikinAshiDelta = indicator({
  name: 'heikinAshiDelta',
  label: 'haDelta',
  title: 'Heikin-Ashi delta',
  group: 'momentum',
  formula:
    'delta: close − open of the Heikin-Ashi candle, or with `candles` false of the bars as they are, which may be such candles already; smoothed: its `average` over `bars`; `backtrader` begins with the second candle',
  source: 'Valcu, 2004; backtrader haDelta',
  inputs,
  parameters: {
    bars: int(3, { min: 1, max: MOST_BARS }),
    average: average('sma'),
    candles: bool(true),
    convention: choice(CONVENTIONS),
  },
  lines: ['delta', 'smoothed'],
  build: ({ bars, average, candles, convention }, open, high, low, close) => {
    const bodies = candles ? new Candles(open, high, low, close, false).outputs : { open, close };
    const delta =
      candles && convention === 'backtrader'
        ? new Later(sub(bodies.close, bodies.open)).outputs.value
        : sub(bodies.close, bodies.open);
    return { delta, smoothed: averageOf(average, delta, bars, convention) };
  },
});
