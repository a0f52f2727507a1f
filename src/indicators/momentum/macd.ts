import { choice, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import type { Line } from '../../series/line.ts';
import { sub } from '../../series/operators.ts';
import { type Average, average, averageOf, averageWarmup } from '../averages/average-of.ts';
import { AVERAGE_CONVENTIONS, type AverageConvention } from '../averages/convention.ts';
import { ExponentialMean } from '../averages/exponential-mean.ts';
import { skipped } from '../averages/skipped.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';

/** One of the averages of a MACD: over how many bars, and with which factor. */
interface Smoothing {
  readonly bars: number;
  readonly alpha: number;
}

const exponential = (bars: number): Smoothing => ({ bars, alpha: 2 / (bars + 1) });

/** MACD of exponential averages, in one pass. */
class Macd extends Kernel<'macd' | 'signal' | 'histogram'> {
  private readonly fast: ExponentialMean;
  private readonly slow: ExponentialMean;
  private readonly signal: ExponentialMean;
  /** Values that the average over fewer bars skips so that its seed ends where the other's does. */
  private readonly fastSkips: number;
  private readonly slowSkips: number;
  /** The first bar whose difference has a value. */
  private readonly first: number;
  private readonly early: boolean;

  constructor(input: Line, fast: Smoothing, slow: Smoothing, signal: number, convention: AverageConvention) {
    const longest = Math.max(fast.bars, slow.bars);
    super({
      label: `MACD(${fast.bars}, ${slow.bars}, ${signal})`,
      inputs: [input],
      outputs: ['macd', 'signal', 'histogram'],
      warmup: longest + signal - 2,
      recursive: true,
    });
    this.fast = new ExponentialMean(fast.bars, fast.alpha, convention);
    this.slow = new ExponentialMean(slow.bars, slow.alpha, convention);
    this.signal = new ExponentialMean(signal, undefined, convention);
    this.early = convention === 'backtrader';
    this.fastSkips = this.early ? 0 : longest - fast.bars;
    this.slowSkips = this.early ? 0 : longest - slow.bars;
    this.first = this.start + longest - 1;
  }

  compute(from: number, to: number): void {
    const x = this.reads[0];
    const macdRing = this.writes[0];
    const signalRing = this.writes[1];
    const histogramRing = this.writes[2];
    const { mask } = this.clock;
    const { start, first, early } = this;
    let i = from;
    for (; i < to && !(this.signal.seeded && !early); i++) {
      const p = i & mask;
      const fast = i >= start + this.fastSkips ? this.fast.next(x[p]) : Number.NaN;
      const slow = i >= start + this.slowSkips ? this.slow.next(x[p]) : Number.NaN;
      const difference = i >= first ? fast - slow : Number.NaN;
      const signal = this.signal.next(difference);
      macdRing[p] = early || i >= this.minPeriod - 1 ? difference : Number.NaN;
      signalRing[p] = signal;
      histogramRing[p] = difference - signal;
    }
    if (i < to) this.follow(x, macdRing, signalRing, histogramRing, mask, i, to);
  }

  /** The hot loop, once all three averages are seeded: TA-Lib's steps, inlined. */
  private follow(
    x: Float64Array,
    macdRing: Float64Array,
    signalRing: Float64Array,
    histogramRing: Float64Array,
    mask: number,
    from: number,
    to: number,
  ): void {
    const fastAlpha = this.fast.alpha;
    const slowAlpha = this.slow.alpha;
    const signalAlpha = this.signal.alpha;
    let fast = this.fast.value;
    let slow = this.slow.value;
    let signal = this.signal.value;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const value = x[p];
      if (Number.isNaN(value)) {
        macdRing[p] = Number.NaN;
        signalRing[p] = Number.NaN;
        histogramRing[p] = Number.NaN;
        continue;
      }
      fast += fastAlpha * (value - fast);
      slow += slowAlpha * (value - slow);
      const difference = fast - slow;
      signal += signalAlpha * (difference - signal);
      macdRing[p] = difference;
      signalRing[p] = signal;
      histogramRing[p] = difference - signal;
    }
    this.fast.value = fast;
    this.slow.value = slow;
    this.signal.value = signal;
  }
}

/** An average of a MACD of any averages. */
interface Part {
  readonly bars: number;
  readonly average: Average;
}

function macdOf(input: Line, fast: Part, slow: Part, signal: Part, convention: AverageConvention) {
  const all = [fast, slow, signal];
  if (all.every(part => part.average === 'ema')) {
    return new Macd(input, exponential(fast.bars), exponential(slow.bars), signal.bars, convention).outputs;
  }
  const early = convention === 'backtrader';
  const warmups = [fast, slow].map(part => averageWarmup(part.average, part.bars));
  const [fastLine, slowLine] = [fast, slow].map((part, i) =>
    averageOf(
      part.average,
      early ? input : skipped(input, Math.max(...warmups) - warmups[i]),
      part.bars,
      convention,
    ),
  );
  const difference = sub(fastLine, slowLine);
  const smooth = averageOf(signal.average, difference, signal.bars, convention);
  const macd = early ? difference : skipped(difference, smooth.minPeriod - difference.minPeriod);
  return { macd, signal: smooth, histogram: sub(macd, smooth) };
}

const SEEDS =
  '`talib` begins both averages so that their first values fall on one bar, begins all lines with the signal, and takes the smaller of `fast` and `slow` for fast; `backtrader` begins each line as soon as it can';

/** Moving average convergence/divergence, in the units of its input. */
export const macd = indicator({
  name: 'macd',
  title: 'Moving average convergence/divergence',
  group: 'momentum',
  formula: `EMA(\`fast\`) − EMA(\`slow\`), its EMA(\`signal\`), and their difference; \`average\` puts another average for all EMAs. ${SEEDS}`,
  source: 'Appel, 1979; TA-Lib MACD, backtrader MACD and MACDHisto',
  inputs: 'line',
  parameters: {
    fast: int(12, { min: 1, max: MOST_BARS }),
    slow: int(26, { min: 1, max: MOST_BARS }),
    signal: int(9, { min: 1, max: MOST_BARS }),
    average: average('ema'),
    convention: choice(CONVENTIONS),
  },
  lines: ['macd', 'signal', 'histogram'],
  build: ({ fast, slow, signal, average, convention }, input) => {
    const [low, high] = convention === 'talib' && fast > slow ? [slow, fast] : [fast, slow];
    const part = (bars: number) => ({ bars, average });
    return macdOf(input, part(low), part(high), part(signal), convention);
  },
});

/** MACD with averages of its user's choice, in the units of its input. */
export const macdExtended = indicator({
  name: 'macdExtended',
  label: 'MACDEXT',
  title: 'MACD of chosen averages',
  group: 'momentum',
  formula: `\`fastAverage\` over \`fast\` − \`slowAverage\` over \`slow\`, its \`signalAverage\` over \`signal\`, and their difference. ${SEEDS}; \`running\` is \`talib\` with the rounding of TA-Lib’s running sums`,
  source: 'TA-Lib MACDEXT',
  inputs: 'line',
  parameters: {
    fast: int(12, { min: 1, max: MOST_BARS }),
    fastAverage: average('sma'),
    slow: int(26, { min: 1, max: MOST_BARS }),
    slowAverage: average('sma'),
    signal: int(9, { min: 1, max: MOST_BARS }),
    signalAverage: average('sma'),
    convention: choice(AVERAGE_CONVENTIONS),
  },
  lines: ['macd', 'signal', 'histogram'],
  build: (p, input) => {
    const fast = { bars: p.fast, average: p.fastAverage };
    const slow = { bars: p.slow, average: p.slowAverage };
    const [low, high] = p.convention !== 'backtrader' && p.fast > p.slow ? [slow, fast] : [fast, slow];
    return macdOf(input, low, high, { bars: p.signal, average: p.signalAverage }, p.convention);
  },
});

/** MACD with Appel's own factors, in the units of its input. */
export const macdFixed = indicator({
  name: 'macdFixed',
  label: 'MACDFIX',
  title: 'MACD 12/26 with fixed factors',
  group: 'momentum',
  formula:
    'as macd over 12 and 26 bars, with the factors 0.15 and 0.075 in place of 2 ÷ 13 and 2 ÷ 27; the signal is an EMA(`signal`)',
  source: 'Appel, 1979; TA-Lib MACDFIX',
  inputs: 'line',
  parameters: { signal: int(9, { min: 1, max: MOST_BARS }) },
  lines: ['macd', 'signal', 'histogram'],
  build: ({ signal }, input) =>
    new Macd(input, { bars: 12, alpha: 0.15 }, { bars: 26, alpha: 0.075 }, signal, 'talib').outputs,
});

/** This family, for the registry. */
export const MACD_INDICATORS = [macd, macdExtended, macdFixed] as const;
