import { choice, float } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator } from '../definition.ts';

/** When the average begins anew. */
const ANCHORS = ['day', 'week', 'month', 'year', 'never'] as const;
type Anchor = (typeof ANCHORS)[number];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The number of the period that a moment, epoch ms UTC, belongs to. */
function periodOf(anchor: Anchor, moment: number): number {
  if (anchor === 'never') return 0;
  const day = Math.floor(moment / DAY);
  if (anchor === 'day') return day;
  // Day 0 was a Thursday; weeks begin on Monday.
  if (anchor === 'week') return Math.floor((day + 3) / 7);
  const date = new Date(moment);
  return anchor === 'year' ? date.getUTCFullYear() : date.getUTCFullYear() * 12 + date.getUTCMonth();
}

class Vwap extends Kernel<'vwap' | 'upper' | 'lower'> {
  private readonly anchor: Anchor;
  private readonly shift: number;
  private readonly width: number;
  private period = Number.NaN;
  private day = Number.NaN;
  private volume = 0;
  private mean = Number.NaN;
  /** Σ volume · squared distance from the mean (West's running form, which cancels nothing). */
  private squares = 0;

  constructor(inputs: readonly Line[], anchor: Anchor, shift: number, width: number) {
    super({ label: `VWAP(${anchor})`, inputs, outputs: ['vwap', 'upper', 'lower'], warmup: 0 });
    this.anchor = anchor;
    this.shift = shift;
    this.width = width;
  }

  compute(from: number, to: number): void {
    const [time, high, low, close, volume] = this.inputs.map(ringOf);
    const vwap = ringOf(this.outputs.vwap);
    const upper = ringOf(this.outputs.upper);
    const lower = ringOf(this.outputs.lower);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      vwap[p] = Number.NaN;
      upper[p] = Number.NaN;
      lower[p] = Number.NaN;
      if (i < this.start) continue;
      this.enter(time[p] - this.shift);
      if (!this.take((high[p] + low[p] + close[p]) / 3, volume[p])) continue;
      const distance = this.volume > 0 ? this.width * Math.sqrt(this.squares / this.volume) : 0;
      vwap[p] = this.mean;
      upper[p] = this.mean + distance;
      lower[p] = this.mean - distance;
    }
  }

  /** Begins anew where a period does. The calendar is asked once a day. */
  private enter(moment: number): void {
    const day = Math.floor(moment / DAY);
    if (day === this.day) return;
    this.day = day;
    const period = periodOf(this.anchor, moment);
    if (period === this.period) return;
    this.period = period;
    this.volume = 0;
    this.squares = 0;
  }

  /** False where a value is missing. Until something has been traded, the mean is the price. */
  private take(price: number, traded: number): boolean {
    if (price - price !== 0 || traded - traded !== 0) return false;
    if (this.volume === 0) this.mean = price;
    if (traded <= 0) return true;
    this.volume += traded;
    const distance = price - this.mean;
    const step = (distance * traded) / this.volume;
    this.squares += traded * distance * (distance - step);
    this.mean += step;
    return true;
  }
}

/** Volume-weighted average price since the session began, with bands, in price units. */
export const vwap = indicator({
  name: 'vwap',
  title: 'Volume-weighted average price',
  group: 'volume',
  formula:
    'Σ typical price · volume ÷ Σ volume since the `anchor` began, and `width` volume-weighted standard deviations above and below it. Days begin `startsAt` hours after midnight UTC, weeks on Monday; a bar belongs to the period of its open time, so data whose bars are stamped by their close says so by `stamps`. Until something has been traded it is the typical price itself; a missing value gives NaN and is passed over',
  source: 'Berkowitz, Logue and Noser, Journal of Finance 43, 1988',
  inputs: ['time', 'high', 'low', 'close', 'volume'],
  parameters: {
    anchor: choice(ANCHORS),
    startsAt: float(0, { min: -24, max: 24 }),
    stamps: choice(['open', 'close']),
    width: float(1, { min: 0 }),
  },
  lines: ['vwap', 'upper', 'lower'],
  // A bar that is stamped with its end belongs to the period of the moment before.
  build: ({ anchor, startsAt, stamps, width }, ...bar) =>
    new Vwap(bar, anchor, startsAt * HOUR + (stamps === 'close' ? 1 : 0), width).outputs,
});

export const VWAP = [vwap] as const;
