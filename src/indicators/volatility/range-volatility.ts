import { float, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { pointwise } from '../mathematics/pointwise.ts';
import { sumOf } from '../mathematics/totals.ts';
import { RollingDeviation } from '../windows/rolling-deviation.ts';

const PARAMETERS = {
  bars: int(20, { min: 2, max: MOST_BARS }),
  /** Bars a year. */
  yearly: float(365, { min: 0 }),
} as const;

const YEARLY =
  'times √`yearly`, the number of bars a year (365 for days that never close, 252 for days of an exchange, 1 for the value of a bar); a fraction: 0.5 is 50 %; NaN while a value of the window is missing or a price of it is not above 0';

class LogChange extends Kernel<'value'> {
  constructor(now: Line, before: Line) {
    super({ label: 'log change', inputs: [now, before], outputs: ['value'], warmup: 1 });
  }

  compute(from: number, to: number): void {
    const [now, before] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++)
      out[i & mask] = i <= this.start ? Number.NaN : logRatio(now[i & mask], before[(i - 1) & mask]);
  }
}

/** ln(a ÷ b), right to the last digits also where both are nearly equal. */
function logRatio(a: number, b: number): number {
  return a > 0 && b > 0 ? Math.log1p((a - b) / b) : Number.NaN;
}

class SampleDeviation extends Kernel<'value'> {
  private readonly deviation: RollingDeviation;
  private readonly scale: number;

  constructor(input: Line, bars: number, scale: number) {
    super({ label: 'volatility', inputs: [input], outputs: ['value'], warmup: bars - 1, depth: bars });
    this.deviation = new RollingDeviation(bars, this.start);
    this.scale = scale * Math.sqrt(bars / (bars - 1));
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) out[i & mask] = this.scale * this.deviation.at(x, mask, i);
  }
}

const root = (sum: Line, bars: number, yearly: number): Line =>
  pointwise('volatility', [sum], total => Math.sqrt((Math.max(0, total) / bars) * yearly));

/** The spread of the closes' log changes over a year, a fraction. */
export const historicalVolatility = indicator({
  name: 'historicalVolatility',
  label: 'HV',
  title: 'Historical volatility',
  group: 'volatility',
  formula: `the sample standard deviation of the last \`bars\` changes of ln(close), ${YEARLY}`,
  source: 'Hull, Options, Futures, and Other Derivatives',
  inputs: ['close'],
  parameters: PARAMETERS,
  lines: ['volatility'],
  build: ({ bars, yearly }, close) => ({
    volatility: new SampleDeviation(new LogChange(close, close).outputs.value, bars, Math.sqrt(yearly))
      .outputs.value,
  }),
});

/** Parkinson's volatility from the range of bars, a fraction. */
export const parkinsonVolatility = indicator({
  name: 'parkinsonVolatility',
  label: 'Parkinson',
  title: 'Parkinson volatility',
  group: 'volatility',
  formula: `√ of the mean of ln(high ÷ low)² ÷ (4 · ln 2) over the last \`bars\` bars, ${YEARLY}`,
  source: 'Parkinson, Journal of Business 53, 1980',
  inputs: ['high', 'low'],
  parameters: PARAMETERS,
  lines: ['volatility'],
  build: ({ bars, yearly }, high, low) => {
    const range = pointwise('range', [high, low], (h, l) => logRatio(h, l) ** 2 / (4 * Math.LN2));
    return { volatility: root(sumOf(range, bars), bars, yearly) };
  },
});

/** Garman and Klass's volatility from the range and the body of bars, a fraction. */
export const garmanKlassVolatility = indicator({
  name: 'garmanKlassVolatility',
  label: 'GarmanKlass',
  title: 'Garman–Klass volatility',
  group: 'volatility',
  formula: `√ of the mean of ln(high ÷ low)² ÷ 2 − (2 · ln 2 − 1) · ln(close ÷ open)² over the last \`bars\` bars, ${YEARLY}`,
  source: 'Garman and Klass, Journal of Business 53, 1980',
  inputs: ['open', 'high', 'low', 'close'],
  parameters: PARAMETERS,
  lines: ['volatility'],
  build: ({ bars, yearly }, ...bar) => {
    const share = 2 * Math.LN2 - 1;
    const range = pointwise(
      'range',
      bar,
      (o, h, l, c) => logRatio(h, l) ** 2 / 2 - share * logRatio(c, o) ** 2,
    );
    return { volatility: root(sumOf(range, bars), bars, yearly) };
  },
});

const rogersSatchell = (o: number, h: number, l: number, c: number) =>
  logRatio(h, c) * logRatio(h, o) + logRatio(l, c) * logRatio(l, o);

/** Rogers and Satchell's volatility, which a trend does not distort, a fraction. */
export const rogersSatchellVolatility = indicator({
  name: 'rogersSatchellVolatility',
  label: 'RogersSatchell',
  title: 'Rogers–Satchell volatility',
  group: 'volatility',
  formula: `√ of the mean of ln(high ÷ close) · ln(high ÷ open) + ln(low ÷ close) · ln(low ÷ open) over the last \`bars\` bars, ${YEARLY}`,
  source: 'Rogers and Satchell, Annals of Applied Probability 1, 1991',
  inputs: ['open', 'high', 'low', 'close'],
  parameters: PARAMETERS,
  lines: ['volatility'],
  build: ({ bars, yearly }, ...bar) => ({
    volatility: root(sumOf(pointwise('range', bar, rogersSatchell), bars), bars, yearly),
  }),
});

/** Yang and Zhang's volatility, which neither a trend nor gaps at the open distort, a fraction. */
export const yangZhangVolatility = indicator({
  name: 'yangZhangVolatility',
  label: 'YangZhang',
  title: 'Yang–Zhang volatility',
  group: 'volatility',
  formula: `√ of the sample variance of ln(open ÷ close before) + k · that of ln(close ÷ open) + (1 − k) · Rogers and Satchell’s, over the last \`bars\` bars, k = 0.34 ÷ (1.34 + (bars + 1) ÷ (bars − 1)), ${YEARLY}`,
  source: 'Yang and Zhang, Journal of Business 73, 2000',
  inputs: ['open', 'high', 'low', 'close'],
  parameters: PARAMETERS,
  lines: ['volatility'],
  build: ({ bars, yearly }, ...bar) => {
    const [open, , , close] = bar;
    const k = 0.34 / (1.34 + (bars + 1) / (bars - 1));
    const overnight = new SampleDeviation(new LogChange(open, close).outputs.value, bars, 1).outputs.value;
    const body = pointwise('body', [close, open], logRatio);
    const daily = new SampleDeviation(body, bars, 1).outputs.value;
    const ranges = sumOf(pointwise('range', bar, rogersSatchell), bars);
    const parts = (o: number, d: number, r: number) =>
      Math.sqrt((o * o + k * d * d + ((1 - k) * Math.max(0, r)) / bars) * yearly);
    return { volatility: pointwise('volatility', [overnight, daily, ranges], parts) };
  },
});

export const RANGE_VOLATILITY = [
  historicalVolatility,
  parkinsonVolatility,
  garmanKlassVolatility,
  rogersSatchellVolatility,
  yangZhangVolatility,
] as const;
