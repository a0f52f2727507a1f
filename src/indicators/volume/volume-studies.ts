import { int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { delay } from '../../series/operators.ts';
import { averageOf } from '../averages/average-of.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { pointwise } from '../mathematics/pointwise.ts';

/** Elder's force index: how much volume moved the price how far. */
export const forceIndex = indicator({
  name: 'forceIndex',
  label: 'Force',
  title: 'Force index',
  group: 'volume',
  formula: 'EMA(`bars`) of (close − close before) · volume; over one bar that product itself',
  source: 'Elder, Trading for a Living, 1993',
  inputs: ['close', 'volume'],
  parameters: { bars: int(13, { min: 1, max: MOST_BARS }) },
  lines: ['force'],
  build: ({ bars }, close, volume) => {
    const force = pointwise(
      'force',
      [close, delay(close, 1), volume],
      (now, before, v) => (now - before) * v,
    );
    return { force: averageOf('ema', force, bars) };
  },
});

/** Arms's ease of movement: how far the price moved for how little volume. */
export const easeOfMovement = indicator({
  name: 'easeOfMovement',
  label: 'EOM',
  title: 'Ease of movement',
  group: 'volume',
  formula:
    'SMA(`bars`) of the change of (high + low) ÷ 2 · (high − low) ÷ volume, in squared price units for one unit of volume; a bar without volume counts for 0',
  source: 'Arms, Volume Cycles in the Stock Market, 1994',
  inputs: ['high', 'low', 'volume'],
  parameters: { bars: int(14, { min: 1, max: MOST_BARS }) },
  lines: ['ease'],
  build: ({ bars }, high, low, volume) => {
    const middle = pointwise('middle', [high, low], (h, l) => (h + l) / 2);
    const change = pointwise('change', [middle, delay(middle, 1)], (now, before) => now - before);
    const ease = pointwise('ease', [change, high, low, volume], (moved, h, l, v) =>
      v === 0 ? 0 * moved * (h - l) : (moved * (h - l)) / v,
    );
    return { ease: averageOf('sma', ease, bars) };
  },
});

/** Running totals of volume by what the close did since the last bar that had values. */
class Cumulative extends Kernel<'value'> {
  private readonly of: (change: number, volume: number, volumeBefore: number) => number;
  private readonly compound: boolean;
  private total: number;
  private close = Number.NaN;
  private volume = Number.NaN;

  constructor(
    name: string,
    inputs: readonly Line[],
    begin: number,
    compound: boolean,
    of: (change: number, volume: number, volumeBefore: number) => number,
  ) {
    super({ label: name, inputs, outputs: ['value'], warmup: 0 });
    this.of = of;
    this.compound = compound;
    this.total = begin;
  }

  compute(from: number, to: number): void {
    const [close, volume] = this.inputs.map(ringOf);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const price = close[p];
      const traded = volume[p];
      out[p] = Number.NaN;
      if (i < this.start || price - price !== 0 || traded - traded !== 0) continue;
      if (this.close > 0) {
        const step = this.of((price - this.close) / this.close, traded, this.volume);
        this.total = this.compound ? this.total * (1 + step) : this.total + step;
      }
      this.close = price;
      this.volume = traded;
      out[p] = this.total;
    }
  }
}

const PASSED = 'a missing value gives NaN and is passed over';

/** Volume added up by the close's relative change. */
export const priceVolumeTrend = indicator({
  name: 'priceVolumeTrend',
  label: 'PVT',
  title: 'Price volume trend',
  group: 'volume',
  formula: `the running total of (close − close before) ÷ close before · volume, from 0 on; ${PASSED}`,
  source: 'Price and volume trend, after Granville’s on balance volume',
  inputs: ['close', 'volume'],
  parameters: {},
  lines: ['trend'],
  build: (_, ...bar) => ({
    trend: new Cumulative('PVT', bar, 0, false, (change, volume) => change * volume).outputs.value,
  }),
});

/** Dysart's index of the days on which volume fell. */
export const negativeVolumeIndex = indicator({
  name: 'negativeVolumeIndex',
  label: 'NVI',
  title: 'Negative volume index',
  group: 'volume',
  formula: `from 1000 on, grown by the close’s relative change on bars whose volume fell; ${PASSED}`,
  source: 'Dysart, 1936; Fosback, Stock Market Logic, 1976',
  inputs: ['close', 'volume'],
  parameters: {},
  lines: ['index'],
  build: (_, ...bar) => ({
    index: new Cumulative('NVI', bar, 1000, true, (change, volume, before) => (volume < before ? change : 0))
      .outputs.value,
  }),
});

/** Dysart's index of the days on which volume rose. */
export const positiveVolumeIndex = indicator({
  name: 'positiveVolumeIndex',
  label: 'PVI',
  title: 'Positive volume index',
  group: 'volume',
  formula: `from 1000 on, grown by the close’s relative change on bars whose volume rose; ${PASSED}`,
  source: 'Dysart, 1936; Fosback, Stock Market Logic, 1976',
  inputs: ['close', 'volume'],
  parameters: {},
  lines: ['index'],
  build: (_, ...bar) => ({
    index: new Cumulative('PVI', bar, 1000, true, (change, volume, before) => (volume > before ? change : 0))
      .outputs.value,
  }),
});

export const VOLUME_STUDIES = [
  forceIndex,
  easeOfMovement,
  priceVolumeTrend,
  negativeVolumeIndex,
  positiveVolumeIndex,
] as const;
