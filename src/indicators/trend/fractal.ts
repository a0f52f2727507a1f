import { StrategyError } from '../../model/errors.ts';
import { float, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';

/** Whether the bar at `centre` of a window beats all before it, and is beaten by none after it. */
function stands(
  x: Float64Array,
  mask: number,
  first: number,
  bars: number,
  centre: number,
  sign: 1 | -1,
): boolean {
  const value = sign * x[(first + centre) & mask];
  for (let k = 0; k < bars; k++) {
    const other = sign * x[(first + k) & mask];
    if (k < centre ? !(other < value) : !(other <= value)) return false;
  }
  return true;
}

class Fractal extends Kernel<'bearish' | 'bullish'> {
  private readonly bars: number;
  private readonly centre: number;
  private readonly distance: number;

  constructor(high: Line, low: Line, bars: number, centre: number, distance: number) {
    super({
      label: `Fractal(${bars})`,
      inputs: [high, low],
      outputs: ['bearish', 'bullish'],
      warmup: bars - 1,
    });
    this.bars = bars;
    this.centre = centre;
    this.distance = distance;
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const bearish = ringOf(this.outputs.bearish);
    const bullish = ringOf(this.outputs.bullish);
    const { mask } = this.clock;
    const { bars, centre, distance } = this;
    for (let i = from; i < to; i++) {
      const first = i - bars + 1;
      const known = first >= this.start;
      const at = (first + centre) & mask;
      const top = known && stands(high, mask, first, bars, centre, 1);
      const bottom = known && stands(low, mask, first, bars, centre, -1);
      bearish[i & mask] = top ? high[at] * (1 + distance) : Number.NaN;
      bullish[i & mask] = bottom ? low[at] * (1 - distance) : Number.NaN;
    }
  }
}

/** Williams' fractals, in price units: tops and bottoms at the bar that proves them, NaN at all others. */
export const fractal = indicator({
  name: 'fractal',
  title: 'Fractals',
  group: 'trend',
  formula:
    'bearish: the high that stands at `centre` (counted from 0, the oldest) of the last `bars`, where no earlier one of them reaches it and no later one exceeds it, and `distance` of it above that; bullish: the same of the lows, below; NaN at bars that prove none; charts draw them 2 bars back',
  source: 'Williams, Trading Chaos, 1995; backtrader Fractal',
  inputs: ['high', 'low'],
  parameters: {
    bars: int(5, { min: 1, max: MOST_BARS }),
    distance: float(0.015, { min: 0 }),
    centre: int(2, { min: 0, max: MOST_BARS }),
  },
  lines: ['bearish', 'bullish'],
  sparse: true,
  plotShift: { bearish: -2, bullish: -2 },
  build: ({ bars, distance, centre }, high, low) => {
    if (centre >= bars) {
      throw new StrategyError('PARAMETER_INVALID', `fractal was given the centre ${centre} of ${bars} bars`, {
        value: centre,
        limit: bars - 1,
        fix: 'the centre must lie within the window',
      });
    }
    return new Fractal(high, low, bars, centre, distance).outputs;
  },
});
