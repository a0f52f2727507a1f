import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';

/** The volume that a bar's close within its range counts for: all of it at the high, minus all of it at the low. */
export function moneyFlow(high: number, low: number, close: number, volume: number): number {
  const range = high - low;
  if (range > 0) return ((close - low - (high - close)) / range) * volume;
  return Number.isNaN(range + close + volume) ? Number.NaN : 0;
}

class AccumulationDistribution extends Kernel<'ad'> {
  private total = 0;

  constructor(inputs: readonly Line[]) {
    super({ label: 'AD', inputs, outputs: ['ad'], warmup: 0 });
  }

  compute(from: number, to: number): void {
    const [high, low, close, volume] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.ad);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const flow = i < this.start ? Number.NaN : moneyFlow(high[p], low[p], close[p], volume[p]);
      if (flow - flow === 0) {
        this.total += flow;
        out[p] = this.total;
      } else out[p] = Number.NaN;
    }
  }
}

/** Chaikin's accumulation/distribution line, in units of volume. */
export const ad = indicator({
  name: 'ad',
  title: 'Accumulation/distribution line',
  group: 'volume',
  formula:
    'the running total of ((close − low) − (high − close)) ÷ (high − low) · volume; a bar without range counts for 0, a missing value gives NaN and leaves the total as it was',
  source: 'Chaikin; TA-Lib AD',
  inputs: ['high', 'low', 'close', 'volume'],
  parameters: {},
  lines: ['ad'],
  build: (_, ...bar) => new AccumulationDistribution(bar).outputs,
});

class ChaikinOscillator extends Kernel<'oscillator'> {
  private readonly fastAlpha: number;
  private readonly slowAlpha: number;
  private readonly first: number;
  private total = 0;
  private fast = 0;
  private slow = 0;
  private begun = false;

  constructor(inputs: readonly Line[], fast: number, slow: number) {
    super({
      label: `ADOSC(${fast}, ${slow})`,
      inputs,
      outputs: ['oscillator'],
      warmup: Math.max(fast, slow) - 1,
      recursive: true,
    });
    this.fastAlpha = 2 / (fast + 1);
    this.slowAlpha = 2 / (slow + 1);
    this.first = this.start + Math.max(fast, slow) - 1;
  }

  compute(from: number, to: number): void {
    const [high, low, close, volume] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.oscillator);
    const { mask } = this.clock;
    const { fastAlpha, slowAlpha } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      const flow = i < this.start ? Number.NaN : moneyFlow(high[p], low[p], close[p], volume[p]);
      if (flow - flow !== 0) continue;
      this.total += flow;
      if (this.begun) {
        this.fast = fastAlpha * this.total + (1 - fastAlpha) * this.fast;
        this.slow = slowAlpha * this.total + (1 - slowAlpha) * this.slow;
      } else {
        this.fast = this.total;
        this.slow = this.total;
        this.begun = true;
      }
      if (i >= this.first) out[p] = this.fast - this.slow;
    }
  }
}

/** Chaikin's oscillator of the accumulation/distribution line, in units of volume. */
export const chaikinOscillator = indicator({
  name: 'chaikinOscillator',
  label: 'ADOSC',
  title: 'Chaikin A/D oscillator',
  group: 'volume',
  formula:
    'EMA(`fast`) − EMA(`slow`) of the accumulation/distribution line, both seeded with its first value; a missing value gives NaN and is passed over',
  source: 'Chaikin; TA-Lib ADOSC',
  inputs: ['high', 'low', 'close', 'volume'],
  parameters: { fast: int(3, { min: 1, max: MOST_BARS }), slow: int(10, { min: 1, max: MOST_BARS }) },
  lines: ['oscillator'],
  build: ({ fast, slow }, ...bar) => new ChaikinOscillator(bar, fast, slow).outputs,
});

class OnBalanceVolume extends Kernel<'obv'> {
  private total = 0;
  private before = Number.NaN;

  constructor(close: Line, volume: Line) {
    super({ label: 'OBV', inputs: [close, volume], outputs: ['obv'], warmup: 0 });
  }

  compute(from: number, to: number): void {
    const [close, volume] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.obv);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      const price = close[p];
      const traded = volume[p];
      if (i < this.start || price - price !== 0 || traded - traded !== 0) continue;
      if (Number.isNaN(this.before) || price > this.before) this.total += traded;
      else if (price < this.before) this.total -= traded;
      this.before = price;
      out[p] = this.total;
    }
  }
}

/** Granville's on balance volume, in units of volume. */
export const obv = indicator({
  name: 'obv',
  title: 'On balance volume',
  group: 'volume',
  formula:
    'the running total of volume, added where the close rose and taken off where it fell, from the first bar’s volume on; a missing value gives NaN and is passed over',
  source: 'Granville, 1963; TA-Lib OBV',
  inputs: ['close', 'volume'],
  parameters: {},
  lines: ['obv'],
  build: (_, close, volume) => new OnBalanceVolume(close, volume).outputs,
});

export const VOLUME = [ad, chaikinOscillator, obv] as const;
