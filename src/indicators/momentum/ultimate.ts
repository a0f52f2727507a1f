import { choice, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { CONVENTIONS, type Convention, indicator, MOST_BARS } from '../definition.ts';
import { nothingOf } from '../mathematics/nothing.ts';
import { SlidingSum } from '../windows/sliding.ts';

const WEIGHTS = [4, 2, 1] as const;

class Ultimate extends Kernel<'value'> {
  private readonly periods: readonly number[];
  private readonly nothing: number;
  private readonly pressures = [new SlidingSum(), new SlidingSum(), new SlidingSum()];
  private readonly ranges = [new SlidingSum(), new SlidingSum(), new SlidingSum()];

  constructor(high: Line, low: Line, close: Line, periods: readonly number[], convention: Convention) {
    const longest = Math.max(...periods);
    super({
      label: `UO(${periods.join(', ')})`,
      inputs: [high, low, close],
      outputs: ['value'],
      warmup: longest,
      depth: longest + 1,
    });
    this.periods = convention === 'talib' ? [...periods].sort((a, b) => a - b) : periods;
    this.nothing = nothingOf(convention);
  }

  compute(from: number, to: number): void {
    const high = ringOf(this.inputs[0]);
    const low = ringOf(this.inputs[1]);
    const close = ringOf(this.inputs[2]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { periods, pressures, ranges, nothing, start, minPeriod } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i <= start) continue;
      const before = close[(i - 1) & mask];
      const bottom = Math.min(low[p], before);
      let sum = 0;
      for (let k = 0; k < 3; k++) {
        const pressure = pressures[k];
        const range = ranges[k];
        pressure.add(close[p] - bottom);
        range.add(Math.max(high[p], before) - bottom);
        const leaving = i - periods[k];
        if (leaving > start) {
          const j = leaving & mask;
          const then = close[(leaving - 1) & mask];
          const floor = Math.min(low[j], then);
          pressure.remove(close[j] - floor);
          range.remove(Math.max(high[j], then) - floor);
        }
        const whole = range.value;
        if (!(whole <= nothing)) sum += (WEIGHTS[k] * pressure.value) / whole;
      }
      if (i >= minPeriod - 1) out[p] = (100 * sum) / 7;
    }
  }
}

/** Williams' ultimate oscillator, 0 … 100. */
export const ultimateOscillator = indicator({
  name: 'ultimateOscillator',
  label: 'UO',
  title: 'Ultimate oscillator',
  group: 'momentum',
  formula:
    '100 · (4 · a + 2 · b + c) ÷ 7: buying pressure ÷ true range, each summed over `fast`, `middle` and `slow` bars; buying pressure is close − the lower of low and previous close; a part whose range is 0 counts 0; `talib` sorts the three periods, `backtrader` takes them as given',
  source: 'Williams, 1985; TA-Lib ULTOSC, backtrader UltimateOscillator',
  inputs: ['high', 'low', 'close'],
  parameters: {
    fast: int(7, { min: 1, max: MOST_BARS }),
    middle: int(14, { min: 1, max: MOST_BARS }),
    slow: int(28, { min: 1, max: MOST_BARS }),
    convention: choice(CONVENTIONS),
  },
  lines: ['ultimateOscillator'],
  build: ({ fast, middle, slow, convention }, high, low, close) => ({
    ultimateOscillator: new Ultimate(high, low, close, [fast, middle, slow], convention).outputs.value,
  }),
});
