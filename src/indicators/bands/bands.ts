import { choice, float, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { delay } from '../../series/operators.ts';
import { type Average, average, averageOf } from '../averages/average-of.ts';
import { skipped } from '../averages/skipped.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';
import { DEVIATIONS, type DeviationConvention, deviationOf } from '../statistics/deviation.ts';
import { RollingDeviation } from '../windows/rolling-deviation.ts';
import { RollingMean } from '../windows/rolling-mean.ts';
import { accelerationBands } from './acceleration-bands.ts';

/** Bands of a simple mean and exact deviations, in one pass. */
class SimpleBollinger extends Kernel<'upper' | 'middle' | 'lower'> {
  private readonly mean: RollingMean;
  private readonly deviation: RollingDeviation;
  private readonly up: number;
  private readonly down: number;

  constructor(input: Line, bars: number, up: number, down: number) {
    super({
      label: `BB(${bars}, ${up})`,
      inputs: [input],
      outputs: ['upper', 'middle', 'lower'],
      warmup: bars - 1,
      depth: bars,
    });
    this.mean = new RollingMean(bars, this.start);
    this.deviation = new RollingDeviation(bars, this.start);
    this.up = up;
    this.down = down;
  }

  compute(from: number, to: number): void {
    const x = this.reads[0];
    const upper = this.writes[0];
    const middle = this.writes[1];
    const lower = this.writes[2];
    const { mask } = this.clock;
    const { up, down } = this;
    this.mean.run(x, middle, mask, from, to);
    this.deviation.run(x, upper, mask, from, to);
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const deviation = upper[p];
      upper[p] = middle[p] + up * deviation;
      lower[p] = middle[p] - down * deviation;
    }
  }
}

/** `up` and `down` times one line above and below another. */
class Bands extends Kernel<'upper' | 'lower'> {
  private readonly up: number;
  private readonly down: number;

  constructor(middle: Line, distance: Line, up: number, down: number) {
    super({ label: 'Bands', inputs: [middle, distance], outputs: ['upper', 'lower'], warmup: 0 });
    this.up = up;
    this.down = down;
  }

  compute(from: number, to: number): void {
    const [middle, distance] = this.inputs.map(ringOf);
    const upper = ringOf(this.outputs.upper);
    const lower = ringOf(this.outputs.lower);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      upper[p] = i < this.start ? Number.NaN : middle[p] + this.up * distance[p];
      lower[p] = i < this.start ? Number.NaN : middle[p] - this.down * distance[p];
    }
  }
}

/** What Bollinger bands are made of; `up` and `down` are their widths, in deviations. */
export interface BollingerTerms {
  readonly bars: number;
  readonly up: number;
  readonly down: number;
  readonly average: Average;
  readonly convention: DeviationConvention;
}

export function bollingerOf(input: Line, { bars, up, down, average, convention }: BollingerTerms) {
  if (average === 'sma' && convention === 'exact') return new SimpleBollinger(input, bars, up, down).outputs;
  const ours = convention === 'talib' ? 'running' : convention === 'exact' ? 'talib' : 'backtrader';
  const mean = averageOf(average, input, bars, ours);
  const late = mean.minPeriod - input.minPeriod - bars + 1;
  const talib = convention === 'talib';
  // TA-Lib begins its sums where the average begins, which their rounding shows; and it takes an average that begins
  // before the deviation for one that begins with it.
  const middle = talib && late < 0 ? delay(mean, -late) : mean;
  const deviation = deviationOf(skipped(input, talib && late > 0 ? late : 0), bars, 1, convention, average);
  const { upper, lower } = new Bands(middle, deviation, up, down).outputs;
  return { upper, middle, lower };
}

const BOLLINGER = {
  bars: int(20, { min: 1, max: MOST_BARS }),
  width: float(2),
  average: average('sma'),
  convention: choice(DEVIATIONS),
} as const;

const BANDS =
  'the moving average, and `width` population standard deviations of the last `bars` values above and below it; `average` puts another average for the simple one, `convention` says how deviations are computed (as stdDev): `backtrader` takes them from that average of the values and of their squares';

/** Bollinger bands, in the units of their input. */
export const bollinger = indicator({
  name: 'bollinger',
  label: 'BB',
  title: 'Bollinger bands',
  group: 'bands',
  formula: BANDS,
  source: 'Bollinger, 1983; TA-Lib BBANDS, backtrader BollingerBands',
  inputs: 'line',
  parameters: BOLLINGER,
  lines: ['upper', 'middle', 'lower'],
  build: ({ bars, width, average, convention }, input) =>
    bollingerOf(input, { bars, up: width, down: width, average, convention }),
});

class Position extends Kernel<'percent'> {
  constructor(input: Line, upper: Line, lower: Line) {
    super({ label: '%B', inputs: [input, upper, lower], outputs: ['percent'], warmup: 0 });
  }

  compute(from: number, to: number): void {
    const [x, upper, lower] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.percent);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const range = upper[p] - lower[p];
      out[p] = i < this.start ? Number.NaN : range === 0 ? 0.5 : (x[p] - lower[p]) / range;
    }
  }
}

/** Bollinger bands, and where the value is between them: 0 at the lower, 1 at the upper one. */
export const bollingerPercent = indicator({
  name: 'bollingerPercent',
  label: '%B',
  title: 'Bollinger %b',
  group: 'bands',
  formula: `${BANDS}; percent = (value − lower) ÷ (upper − lower), 0.5 where the bands meet`,
  source: 'Bollinger; backtrader BollingerBandsPct',
  inputs: 'line',
  parameters: BOLLINGER,
  lines: ['percent', 'upper', 'middle', 'lower'],
  build: ({ bars, width, average, convention }, input) => {
    const bands = bollingerOf(input, { bars, up: width, down: width, average, convention });
    return { ...bands, percent: new Position(input, bands.upper, bands.lower).outputs.percent };
  },
});

class Envelope extends Kernel<'upper' | 'middle' | 'lower'> {
  private readonly up: number;
  private readonly down: number;

  constructor(input: Line, percent: number) {
    super({
      label: `Envelope(${percent})`,
      inputs: [input],
      outputs: ['upper', 'middle', 'lower'],
      warmup: 0,
    });
    this.up = 1 + percent / 100;
    this.down = 1 - percent / 100;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const upper = ringOf(this.outputs.upper);
    const middle = ringOf(this.outputs.middle);
    const lower = ringOf(this.outputs.lower);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const value = i < this.start ? Number.NaN : x[p];
      upper[p] = value * this.up;
      middle[p] = value;
      lower[p] = value * this.down;
    }
  }
}

/** An envelope around a line, in its units. */
export const envelope = indicator({
  name: 'envelope',
  label: 'Envelope',
  title: 'Envelope',
  group: 'bands',
  formula: 'the line itself, and `percent` % of it above and below',
  source: 'backtrader Envelope',
  inputs: 'line',
  parameters: { percent: float(2.5) },
  lines: ['upper', 'middle', 'lower'],
  build: ({ percent }, input) => new Envelope(input, percent).outputs,
});

/** An envelope around a moving average, in the units of the input. */
export const averageEnvelope = indicator({
  name: 'averageEnvelope',
  label: 'Envelope',
  title: 'Moving average envelope',
  group: 'bands',
  formula: 'the moving average that `average` names, and `percent` % of it above and below',
  source: 'backtrader MovingAverageSimpleEnvelope and its like',
  inputs: 'line',
  parameters: {
    bars: int(30, { min: 1, max: MOST_BARS }),
    percent: float(2.5),
    average: average('sma'),
    convention: choice(CONVENTIONS),
  },
  lines: ['upper', 'middle', 'lower'],
  build: ({ bars, percent, average, convention }, input) =>
    new Envelope(averageOf(average, input, bars, convention), percent).outputs,
});

/** This family, for the registry. */
export const BAND_INDICATORS = [
  bollinger,
  bollingerPercent,
  envelope,
  averageEnvelope,
  accelerationBands,
] as const;
