import { choice } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator } from '../definition.ts';
import { HilbertCycle, SMOOTHINGS, type Smoothing } from './hilbert.ts';
import { CyclePhase } from './phase.ts';
import { CycleTrendline } from './trendline.ts';

const SOURCE = 'Ehlers, Rocket Science for Traders, 2001; TA-Lib';
const GAPS = 'a NaN is passed over';
export const CONVENTION = choice(SMOOTHINGS, {
  help: 'talib smooths the price by running sums, whose rounding errors stay',
});
/** Bars of smoothing alone before the transform starts, and bars until its values count. */
const SHORT = { skipped: 12, warmup: 32 };
const LONG = { skipped: 37, warmup: 63 };

class Period extends Kernel<'period'> {
  private readonly cycle: HilbertCycle;

  constructor(input: Line, smoothing: Smoothing) {
    super({
      label: 'Cycle period',
      inputs: [input],
      outputs: ['period'],
      warmup: SHORT.warmup,
      recursive: true,
    });
    this.cycle = new HilbertCycle(SHORT.skipped, smoothing);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.period);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i < this.start || Number.isNaN(x[p])) continue;
      this.cycle.next(x[p]);
      if (i - this.start >= SHORT.warmup) out[p] = this.cycle.smoothPeriod;
    }
  }
}

/** The dominant cycle's length, in bars. */
export const cyclePeriod = indicator({
  name: 'cyclePeriod',
  label: 'Cycle period',
  title: 'Dominant cycle period',
  group: 'cycle',
  formula: `the length in bars, 6 to 50, of the cycle whose phase turns as fast as that of the price: Ehlers’ homodyne discriminator on the Hilbert transform of the price, smoothed; ${GAPS}`,
  source: `${SOURCE} HT_DCPERIOD`,
  inputs: 'line',
  parameters: { convention: CONVENTION },
  lines: ['period'],
  build: ({ convention }, input) => new Period(input, convention).outputs,
});

class Phasor extends Kernel<'inPhase' | 'quadrature'> {
  private readonly cycle: HilbertCycle;

  constructor(input: Line, smoothing: Smoothing) {
    super({
      label: 'Phasor',
      inputs: [input],
      outputs: ['inPhase', 'quadrature'],
      warmup: SHORT.warmup,
      recursive: true,
    });
    this.cycle = new HilbertCycle(SHORT.skipped, smoothing);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const inPhase = ringOf(this.outputs.inPhase);
    const quadrature = ringOf(this.outputs.quadrature);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      inPhase[p] = Number.NaN;
      quadrature[p] = Number.NaN;
      if (i < this.start || Number.isNaN(x[p])) continue;
      this.cycle.next(x[p]);
      if (i - this.start < SHORT.warmup) continue;
      inPhase[p] = this.cycle.inPhase;
      quadrature[p] = this.cycle.quadrature;
    }
  }
}

/** The two components of the cycle, in the units of the input. */
export const phasor = indicator({
  name: 'phasor',
  label: 'Phasor',
  title: 'Phasor components',
  group: 'cycle',
  formula: `the detrended price of three bars ago, and the same a quarter of a cycle later, by the Hilbert transform; 0 where the price is flat; ${GAPS}`,
  source: `${SOURCE} HT_PHASOR`,
  inputs: 'line',
  parameters: { convention: CONVENTION },
  lines: ['inPhase', 'quadrature'],
  build: ({ convention }, input) => new Phasor(input, convention).outputs,
});

class Phase extends Kernel<'phase' | 'sine' | 'lead'> {
  private readonly cycle: HilbertCycle;
  private readonly phase: CyclePhase;

  constructor(input: Line, smoothing: Smoothing) {
    super({
      label: 'Cycle phase',
      inputs: [input],
      outputs: ['phase', 'sine', 'lead'],
      warmup: LONG.warmup,
      recursive: true,
    });
    this.cycle = new HilbertCycle(LONG.skipped, smoothing);
    this.phase = new CyclePhase(smoothing);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const phase = ringOf(this.outputs.phase);
    const sine = ringOf(this.outputs.sine);
    const lead = ringOf(this.outputs.lead);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      phase[p] = Number.NaN;
      sine[p] = Number.NaN;
      lead[p] = Number.NaN;
      if (i < this.start || Number.isNaN(x[p])) continue;
      if (this.cycle.next(x[p])) this.phase.next(this.cycle);
      if (i - this.start < LONG.warmup) continue;
      phase[p] = this.phase.degrees;
      sine[p] = this.phase.sine;
      lead[p] = this.phase.lead;
    }
  }
}

/** Where the price stands in its dominant cycle, in degrees. */
export const cyclePhase = indicator({
  name: 'cyclePhase',
  label: 'Cycle phase',
  title: 'Dominant cycle phase',
  group: 'cycle',
  formula: `the phase in degrees, −45 to 315, at which the smoothed price fits a wave of the dominant cycle’s length; on a flat price it goes on by 360 ÷ the length; ${GAPS}`,
  source: `${SOURCE} HT_DCPHASE`,
  inputs: 'line',
  parameters: { convention: CONVENTION },
  lines: ['phase'],
  build: ({ convention }, input) => ({ phase: new Phase(input, convention).outputs.phase }),
});

/** The sine of the dominant cycle's phase, and that of 45 degrees ahead: they cross at its turns. */
export const sineWave = indicator({
  name: 'sineWave',
  label: 'Sine wave',
  title: 'Sine wave',
  group: 'cycle',
  formula: `the sine of the dominant cycle’s phase, and of the phase 45 degrees ahead; on a flat price the phase goes on by 360 ÷ the length; ${GAPS}`,
  source: `${SOURCE} HT_SINE`,
  inputs: 'line',
  parameters: { convention: CONVENTION },
  lines: ['sine', 'lead'],
  build: ({ convention }, input) => {
    const { sine, lead } = new Phase(input, convention).outputs;
    return { sine, lead };
  },
});

class Trendline extends Kernel<'trendline'> {
  private readonly cycle: HilbertCycle;
  private readonly trendline = new CycleTrendline();

  constructor(input: Line, smoothing: Smoothing) {
    super({
      label: 'Trendline',
      inputs: [input],
      outputs: ['trendline'],
      warmup: LONG.warmup,
      recursive: true,
    });
    this.cycle = new HilbertCycle(LONG.skipped, smoothing);
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.trendline);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = Number.NaN;
      if (i < this.start || Number.isNaN(x[p])) continue;
      this.trendline.take(x[p]);
      if (this.cycle.next(x[p])) this.trendline.next(this.cycle);
      if (i - this.start >= LONG.warmup) out[p] = this.trendline.value;
    }
  }
}

/** The price without its dominant cycle, in the units of the input. */
export const cycleTrendline = indicator({
  name: 'cycleTrendline',
  label: 'Trendline',
  title: 'Instantaneous trendline',
  group: 'cycle',
  formula: `the mean of the price over one dominant cycle, weighted 4, 3, 2, 1 over four bars; ${GAPS}`,
  source: `${SOURCE} HT_TRENDLINE`,
  inputs: 'line',
  parameters: { convention: CONVENTION },
  lines: ['trendline'],
  build: ({ convention }, input) => new Trendline(input, convention).outputs,
});
