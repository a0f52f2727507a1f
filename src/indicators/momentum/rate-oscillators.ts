import { choice, int, numbers } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { add, mul } from '../../series/operators.ts';
import { type Average, average, averageOf } from '../averages/average-of.ts';
import { CONVENTIONS, type Convention, indicator, MOST_BARS } from '../definition.ts';

/** The change over `bars` bars in percent, 0 where it comes from 0. */
class Rate extends Kernel<'rate'> {
  private readonly bars: number;

  constructor(input: Line, bars: number) {
    super({ label: `Rate(${bars})`, inputs: [input], outputs: ['rate'], warmup: bars });
    this.bars = bars;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.rate);
    const { mask } = this.clock;
    const first = this.start + this.bars;
    for (let i = from; i < to; i++) {
      const before = x[(i - this.bars) & mask];
      out[i & mask] = i < first ? Number.NaN : before === 0 ? 0 : 100 * (x[i & mask] / before - 1);
    }
  }
}

const TRIX = {
  bars: int(30, { min: 1, max: MOST_BARS }),
  lag: int(1, { min: 1, max: MOST_BARS }),
  average: average('ema'),
  convention: choice(CONVENTIONS),
} as const;

interface TrixTerms {
  readonly bars: number;
  readonly lag: number;
  readonly average: Average;
  readonly convention: Convention;
}

function trixOf(input: Line, { bars, lag, average, convention }: TrixTerms): Line {
  const smooth = (line: Line) => averageOf(average, line, bars, convention);
  return new Rate(smooth(smooth(smooth(input))), lag).outputs.rate;
}

const CHANGE =
  'the change of an EMA of an EMA of an EMA over `lag` bars in percent, 0 where it comes from 0; `average` puts another average for all EMAs';

/** Rate of change of a triple exponential average, in percent. */
export const trix = indicator({
  name: 'trix',
  title: 'TRIX',
  group: 'momentum',
  formula: CHANGE,
  source: 'Hutson, 1983; TA-Lib TRIX, backtrader Trix',
  inputs: 'line',
  parameters: TRIX,
  lines: ['trix'],
  build: (p, input) => ({ trix: trixOf(input, p) }),
});

/** TRIX with a signal line, in percent. */
export const trixSignal = indicator({
  name: 'trixSignal',
  label: 'TRIX',
  title: 'TRIX with signal',
  group: 'momentum',
  formula: `${CHANGE}; the same average of it over \`signal\``,
  source: 'backtrader TrixSignal',
  inputs: 'line',
  parameters: { ...TRIX, signal: int(9, { min: 1, max: MOST_BARS }) },
  lines: ['trix', 'signal'],
  build: (p, input) => {
    const trix = trixOf(input, p);
    return { trix, signal: averageOf(p.average, trix, p.signal, p.convention) };
  },
});

const BARS = (value: number) => int(value, { min: 1, max: MOST_BARS });

/** Pring's know sure thing, a weighted sum of rates of change. */
export const knowSureThing = indicator({
  name: 'knowSureThing',
  label: 'KST',
  title: 'Know sure thing',
  group: 'momentum',
  formula:
    'Σ of `factors` times `average` over `bars1` … `bars4` of the change over `rate1` … `rate4` bars in percent (0 where it comes from 0), and its `signalAverage` over `signal`; missing factors are 0',
  source: 'Pring, 1992; backtrader KnowSureThing',
  inputs: 'line',
  parameters: {
    rate1: BARS(10),
    rate2: BARS(15),
    rate3: BARS(20),
    rate4: BARS(30),
    bars1: BARS(10),
    bars2: BARS(10),
    bars3: BARS(10),
    bars4: BARS(10),
    signal: BARS(9),
    factors: numbers([1, 2, 3, 4]),
    average: average('sma'),
    signalAverage: average('sma'),
    convention: choice(CONVENTIONS),
  },
  lines: ['kst', 'signal'],
  build: (p, input) => {
    const smooth = [
      [p.rate1, p.bars1],
      [p.rate2, p.bars2],
      [p.rate3, p.bars3],
      [p.rate4, p.bars4],
    ].map(([rate, bars]) => {
      const change = new Rate(input, rate).outputs.rate;
      return averageOf(p.average, change, bars, p.convention);
    });
    const kst = smooth.map((line, i) => mul(p.factors[i] ?? 0, line)).reduce((a, b) => add(a, b));
    return { kst, signal: averageOf(p.signalAverage, kst, p.signal, p.convention) };
  },
});

/** This family, for the registry. */
export const RATE_OSCILLATORS = [trix, trixSignal, knowSureThing] as const;
