import { float } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator } from '../definition.ts';
import { CONVENTION } from './cycle.ts';
import { HilbertCycle, type Smoothing } from './hilbert.ts';

const SKIPPED = 12;
const WARMUP = 32;

class Mama extends Kernel<'mama' | 'fama'> {
  private readonly cycle: HilbertCycle;
  private readonly fast: number;
  private readonly slow: number;
  private angle = 0;
  private mama = 0;
  private fama = 0;

  constructor(input: Line, fast: number, slow: number, smoothing: Smoothing) {
    super({
      label: `MAMA(${fast}, ${slow})`,
      inputs: [input],
      outputs: ['mama', 'fama'],
      warmup: WARMUP,
      recursive: true,
    });
    this.cycle = new HilbertCycle(SKIPPED, smoothing);
    this.fast = fast;
    this.slow = slow;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const mama = ringOf(this.outputs.mama);
    const fama = ringOf(this.outputs.fama);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      mama[p] = Number.NaN;
      fama[p] = Number.NaN;
      if (i < this.start || Number.isNaN(x[p])) continue;
      if (this.cycle.next(x[p])) this.#follow(x[p]);
      if (i - this.start < WARMUP) continue;
      mama[p] = this.mama;
      fama[p] = this.fama;
    }
  }

  #follow(price: number): void {
    const { angle } = this.cycle;
    const turned = Math.max(this.angle - angle, 1);
    this.angle = angle;
    const alpha = turned > 1 ? Math.max(this.fast / turned, this.slow) : this.fast;
    this.mama = alpha * price + (1 - alpha) * this.mama;
    this.fama = 0.5 * alpha * this.mama + (1 - 0.5 * alpha) * this.fama;
  }
}

/** MESA adaptive moving average and its following average, in the units of the input. */
export const mama = indicator({
  name: 'mama',
  title: 'MESA adaptive moving average',
  group: 'moving averages',
  formula:
    'α · price + (1 − α) · average before, α = `fast` ÷ the degrees by which the phase of the price turned, within `slow` … `fast`; fama follows mama with half of α; both begin at 0, 20 bars before the first value; a NaN is passed over',
  source: 'Ehlers, MESA adaptive moving averages, 2001; TA-Lib MAMA',
  inputs: 'line',
  parameters: {
    fast: float(0.5, { min: 0.01, max: 0.99 }),
    slow: float(0.05, { min: 0.01, max: 0.99 }),
    convention: CONVENTION,
  },
  lines: ['mama', 'fama'],
  build: ({ fast, slow, convention }, input) => new Mama(input, fast, slow, convention).outputs,
});
