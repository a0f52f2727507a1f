import { choice, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { ExtremeWindow } from '../windows/extreme-window.ts';

/** Which of several equal extremes is meant; TA-Lib's choice follows from how it searches. */
const TIES = ['newest', 'oldest', 'talib'] as const;
/** Bars back from the current one (0), or the bar's number from the data's first (0) on. */
const COUNTED = ['back', 'from start'] as const;

class ExtremeBar extends Kernel<'value'> {
  private readonly window: ExtremeWindow;
  private readonly bars: number;
  private readonly sign: 1 | -1;
  private readonly talib: boolean;
  private readonly back: boolean;
  /** TA-Lib keeps an extreme until it leaves the window or a value as good comes; then it takes the oldest. */
  private kept = -1;
  private keptValue = 0;

  constructor(
    name: string,
    input: Line,
    bars: number,
    sign: 1 | -1,
    ties: (typeof TIES)[number],
    counted: (typeof COUNTED)[number],
  ) {
    super({ label: `${name}(${bars})`, inputs: [input], outputs: ['value'], warmup: bars - 1 });
    this.window = new ExtremeWindow(bars, this.start, ties !== 'newest');
    this.bars = bars;
    this.sign = sign;
    this.talib = ties === 'talib';
    this.back = counted === 'back';
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { window } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i < this.start) continue;
      const value = this.sign * x[p];
      if (!window.push(i, value)) {
        this.kept = -1;
        continue;
      }
      const bar = this.talib ? this.talibBar(i, value) : window.bar;
      out[p] = this.back ? i - bar : bar;
    }
  }

  private talibBar(i: number, value: number): number {
    if (this.kept <= i - this.bars || this.kept < 0) {
      this.kept = this.window.bar;
      this.keptValue = this.window.value;
    } else if (value >= this.keptValue) {
      this.kept = i;
      this.keptValue = value;
    }
    return this.kept;
  }
}

const PARAMETERS = {
  bars: int(30, { min: 1, max: MOST_BARS }),
  ties: choice(TIES),
  counted: choice(COUNTED),
} as const;

const FORMULA =
  'of the last `bars` values, the current one (0) included: how many bars back it is, or by `counted` = from start its bar number from the data’s first bar (0) on; of equal ones the newest, or by `ties` the oldest or the one TA-Lib finds; NaN while a value of the window is missing';

/** Where the highest of the last `bars` values is. */
export const highestBar = indicator({
  name: 'highestBar',
  title: 'Bars since the highest value',
  group: 'extremes',
  formula: `the place of the largest ${FORMULA}`,
  source: 'TA-Lib MAXINDEX, backtrader FindFirstIndexHighest and FindLastIndexHighest',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['bar'],
  build: ({ bars, ties, counted }, input) => ({
    bar: new ExtremeBar('HighestBar', input, bars, 1, ties, counted).outputs.value,
  }),
});

/** Where the lowest of the last `bars` values is. */
export const lowestBar = indicator({
  name: 'lowestBar',
  title: 'Bars since the lowest value',
  group: 'extremes',
  formula: `the place of the smallest ${FORMULA}`,
  source: 'TA-Lib MININDEX, backtrader FindFirstIndexLowest and FindLastIndexLowest',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['bar'],
  build: ({ bars, ties, counted }, input) => ({
    bar: new ExtremeBar('LowestBar', input, bars, -1, ties, counted).outputs.value,
  }),
});

/** Where the lowest and the highest of the last `bars` values are. */
export const extremeBars = indicator({
  name: 'extremeBars',
  title: 'Bars since the lowest and the highest value',
  group: 'extremes',
  formula: `the places of the smallest and the largest ${FORMULA}`,
  source: 'TA-Lib MINMAXINDEX',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['lowest', 'highest'],
  build: ({ bars, ties, counted }, input) => ({
    lowest: new ExtremeBar('LowestBar', input, bars, -1, ties, counted).outputs.value,
    highest: new ExtremeBar('HighestBar', input, bars, 1, ties, counted).outputs.value,
  }),
});

export const EXTREME_BARS = [highestBar, lowestBar, extremeBars] as const;
