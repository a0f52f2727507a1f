import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator } from '../definition.ts';
import { CONVENTION } from './cycle.ts';
import { HilbertCycle, type Smoothing } from './hilbert.ts';
import { CyclePhase } from './phase.ts';
import { CycleTrendline } from './trendline.ts';

const SKIPPED = 37;
const WARMUP = 63;
/** A price this far off its trendline is in a trend, whatever the cycle says. */
const APART = 0.015;

class TrendMode extends Kernel<'trend'> {
  private readonly cycle: HilbertCycle;
  private readonly phase: CyclePhase;
  private readonly trendline = new CycleTrendline();
  private sine = 0;
  private lead = 0;
  private bars = 0;

  constructor(input: Line, smoothing: Smoothing) {
    super({ label: 'Trend mode', inputs: [input], outputs: ['trend'], warmup: WARMUP, recursive: true });
    this.cycle = new HilbertCycle(SKIPPED, smoothing);
    this.phase = new CyclePhase(smoothing);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.trend);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i < this.start || Number.isNaN(x[p])) continue;
      this.trendline.take(x[p]);
      const trend = this.cycle.next(x[p]) ? this.#trend() : 0;
      if (i - this.start >= WARMUP) out[p] = trend;
    }
  }

  #trend(): 0 | 1 {
    const { cycle, phase, trendline } = this;
    const before = phase.degrees;
    phase.next(cycle);
    trendline.next(cycle);
    const { sine, lead } = phase;
    const crossed = (sine > lead && this.sine <= this.lead) || (sine < lead && this.sine >= this.lead);
    this.sine = sine;
    this.lead = lead;
    this.bars = crossed ? 1 : this.bars + 1;
    const period = cycle.smoothPeriod;
    const away = Math.abs((cycle.smoothed - trendline.value) / trendline.value);
    if (trendline.value !== 0 && away >= APART) return 1;
    const turned = phase.degrees - before;
    const step = 360 / period;
    const goesRound = turned > 0.67 * step && turned < 1.5 * step;
    return crossed || this.bars < 0.5 * period || goesRound ? 0 : 1;
  }
}

/** 1 where the price is in a trend, 0 where it is in a cycle. */
export const trendMode = indicator({
  name: 'trendMode',
  label: 'Trend mode',
  title: 'Trend or cycle mode',
  group: 'cycle',
  formula:
    '0 for half a cycle after sine and lead sine cross, and where the phase turns at the dominant cycle’s speed (0.67 to 1.5 of it); 1 elsewhere, and wherever the smoothed price is 1.5 % or more off the trendline; a NaN is passed over',
  source: 'Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_TRENDMODE',
  inputs: 'line',
  parameters: { convention: CONVENTION },
  lines: ['trend'],
  build: ({ convention }, input) => new TrendMode(input, convention).outputs,
});
