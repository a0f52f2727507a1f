import { choice, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { add, delay, mul, sub } from '../../series/operators.ts';
import { average, averageOf } from '../averages/average-of.ts';
import { AVERAGE_CONVENTIONS, type AverageConvention } from '../averages/convention.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';

const FAST = int(12, { min: 1, max: MOST_BARS });
const SLOW = int(26, { min: 1, max: MOST_BARS });
const ORDER = 'but in `backtrader`, the smaller of `fast` and `slow` is taken for fast';
const RUNNING = '`running` is `talib` with the rounding of TA-Lib’s running sums';

interface Pair {
  readonly fast: number;
  readonly slow: number;
  readonly average: Parameters<typeof averageOf>[0];
  readonly convention: AverageConvention;
}

function averagesOf(input: Line, { fast, slow, average, convention }: Pair): readonly [Line, Line] {
  const [low, high] = convention !== 'backtrader' && fast > slow ? [slow, fast] : [fast, slow];
  return [averageOf(average, input, low, convention), averageOf(average, input, high, convention)];
}

/** Difference of two moving averages, in the units of its input. */
export const priceOscillator = indicator({
  name: 'priceOscillator',
  label: 'APO',
  title: 'Absolute price oscillator',
  group: 'momentum',
  formula: `\`average\` over \`fast\` − \`average\` over \`slow\`; ${ORDER}. ${RUNNING}`,
  source: 'TA-Lib APO, backtrader PriceOscillator',
  inputs: 'line',
  parameters: { fast: FAST, slow: SLOW, average: average('sma'), convention: choice(AVERAGE_CONVENTIONS) },
  lines: ['difference'],
  build: (p, input) => ({ difference: sub(...averagesOf(input, p)) }),
});

/** (a − b) ÷ c in percent, 0 where c is. */
class Percent extends Kernel<'percent'> {
  constructor(a: Line, b: Line, of: Line) {
    super({ label: 'PPO', inputs: [a, b, of], outputs: ['percent'], warmup: 0 });
  }

  compute(from: number, to: number): void {
    const [a, b, of] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.percent);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = i < this.start ? Number.NaN : of[p] === 0 ? 0 : ((a[p] - b[p]) / of[p]) * 100;
    }
  }
}

/** Difference of two moving averages in percent of the slow one. */
export const percentOscillator = indicator({
  name: 'percentOscillator',
  label: 'PPO',
  title: 'Percentage price oscillator',
  group: 'momentum',
  formula: `100 · (\`average\` over \`fast\` − \`average\` over \`slow\`) ÷ the latter, 0 where that is 0; ${ORDER}. ${RUNNING}`,
  source: 'TA-Lib PPO',
  inputs: 'line',
  parameters: { fast: FAST, slow: SLOW, average: average('sma'), convention: choice(AVERAGE_CONVENTIONS) },
  lines: ['percent'],
  build: (p, input) => {
    const [fast, slow] = averagesOf(input, p);
    return { percent: new Percent(fast, slow, slow).outputs.percent };
  },
});

/** The percentage price oscillator with a signal line, in percent. */
export const percentMacd = indicator({
  name: 'percentMacd',
  label: 'PPO',
  title: 'Percentage price oscillator with signal',
  group: 'momentum',
  formula: `100 · (\`average\` over \`fast\` − \`average\` over \`slow\`) ÷ the one that \`base\` names, 0 where that is 0; its \`average\` over \`signal\`; their difference. ${ORDER}`,
  source: 'backtrader PercentagePriceOscillator, PercentagePriceOscillatorShort',
  inputs: 'line',
  parameters: {
    fast: FAST,
    slow: SLOW,
    signal: int(9, { min: 1, max: MOST_BARS }),
    base: choice(['slow', 'fast']),
    average: average('ema'),
    convention: choice(CONVENTIONS),
  },
  lines: ['percent', 'signal', 'histogram'],
  build: (p, input) => {
    const [fast, slow] = averagesOf(input, p);
    const { percent } = new Percent(fast, slow, p.base === 'slow' ? slow : fast).outputs;
    const signal = averageOf(p.average, percent, p.signal, p.convention);
    return { percent, signal, histogram: sub(percent, signal) };
  },
});

/** Distance of a line from a moving average, in its units. */
export const averageOscillator = indicator({
  name: 'averageOscillator',
  label: 'Oscillator',
  title: 'Distance from a moving average',
  group: 'momentum',
  formula: 'value − the moving average that `average` names',
  source: 'backtrader MovingAverageSimpleOscillator and its like',
  inputs: 'line',
  parameters: {
    bars: int(30, { min: 1, max: MOST_BARS }),
    average: average('sma'),
    convention: choice(CONVENTIONS),
  },
  lines: ['distance'],
  build: ({ bars, average, convention }, input) => ({
    distance: sub(input, averageOf(average, input, bars, convention)),
  }),
});

/** Price without its trend, in the units of its input. */
export const detrendedPrice = indicator({
  name: 'detrendedPrice',
  label: 'DPO',
  title: 'Detrended price oscillator',
  group: 'momentum',
  formula: 'value − `average` over `bars` as it was ⌈`bars` ÷ 2⌉ − 1 bars ago',
  source: 'backtrader DetrendedPriceOscillator',
  inputs: 'line',
  parameters: {
    bars: int(20, { min: 1, max: MOST_BARS }),
    average: average('sma'),
    convention: choice(CONVENTIONS),
  },
  lines: ['detrended'],
  build: ({ bars, average, convention }, input) => ({
    detrended: sub(input, delay(averageOf(average, input, bars, convention), Math.ceil(bars / 2) - 1)),
  }),
});

const AWESOME = {
  fast: int(5, { min: 1, max: MOST_BARS }),
  slow: int(34, { min: 1, max: MOST_BARS }),
  average: average('sma'),
  convention: choice(CONVENTIONS),
} as const;

function awesomeOf(high: Line, low: Line, { fast, slow, average, convention }: Pair): Line {
  const middle = mul(add(high, low), 0.5);
  return sub(averageOf(average, middle, fast, convention), averageOf(average, middle, slow, convention));
}

/** Williams' awesome oscillator, a price difference. */
export const awesome = indicator({
  name: 'awesome',
  label: 'AO',
  title: 'Awesome oscillator',
  group: 'momentum',
  formula: '`average` over `fast` − `average` over `slow`, of (high + low) ÷ 2',
  source: 'Bill Williams; backtrader AwesomeOscillator',
  inputs: ['high', 'low'],
  parameters: AWESOME,
  lines: ['awesome'],
  build: (p, high, low) => ({ awesome: awesomeOf(high, low, p) }),
});

/** Williams' acceleration/deceleration oscillator, a price difference. */
export const acceleration = indicator({
  name: 'acceleration',
  label: 'AC',
  title: 'Acceleration/deceleration oscillator',
  group: 'momentum',
  formula: 'awesome(5, 34) − its `average` over `bars`',
  source: 'Bill Williams; backtrader AccelerationDecelerationOscillator',
  inputs: ['high', 'low'],
  parameters: {
    bars: int(5, { min: 1, max: MOST_BARS }),
    average: average('sma'),
    convention: choice(CONVENTIONS),
  },
  lines: ['acceleration'],
  build: ({ bars, average, convention }, high, low) => {
    const awesome = awesomeOf(high, low, { fast: 5, slow: 34, average: 'sma', convention });
    return { acceleration: sub(awesome, averageOf(average, awesome, bars, convention)) };
  },
});

/** This family, for the registry. */
export const PRICE_OSCILLATORS = [
  priceOscillator,
  percentOscillator,
  percentMacd,
  averageOscillator,
  detrendedPrice,
  awesome,
  acceleration,
] as const;
