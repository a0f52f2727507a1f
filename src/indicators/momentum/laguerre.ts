import { float, int } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator, MOST_BARS } from '../definition.ts';

/** Ehlers' four Laguerre stages, all 0 before the first value. A NaN is passed over. */
class Laguerre extends Kernel<'value'> {
  private readonly gamma: number;
  private readonly filtered: boolean;
  private readonly stages = new Float64Array(4);

  constructor(label: string, input: Line, bars: number, gamma: number, filtered: boolean) {
    super({
      label: `${label}(${bars}, ${gamma})`,
      inputs: [input],
      outputs: ['value'],
      warmup: bars - 1,
      recursive: true,
    });
    this.gamma = gamma;
    this.filtered = filtered;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { gamma, filtered, stages, minPeriod } = this;
    let [a, b, c, d] = stages;
    for (let i = from; i < to; i++) {
      const value = x[i & mask];
      if (i < minPeriod - 1 || Number.isNaN(value)) {
        out[i & mask] = Number.NaN;
        continue;
      }
      const a1 = a;
      const b1 = b;
      const c1 = c;
      a = (1 - gamma) * value + gamma * a1;
      b = -gamma * a + a1 + gamma * b1;
      c = -gamma * b + b1 + gamma * c1;
      d = -gamma * c + c1 + gamma * d;
      if (filtered) {
        out[i & mask] = (a + 2 * b + 2 * c + d) / 6;
      } else {
        const up = Math.max(a - b, 0) + Math.max(b - c, 0) + Math.max(c - d, 0);
        const down = Math.max(b - a, 0) + Math.max(c - b, 0) + Math.max(d - c, 0);
        out[i & mask] = up + down === 0 ? 1 : up / (up + down);
      }
    }
    stages[0] = a;
    stages[1] = b;
    stages[2] = c;
    stages[3] = d;
  }
}

const STAGES =
  'four stages: l0 = (1 − γ) · value + γ · l0 before, and each further one γ · itself before + the stage above before − γ · the stage above now; all are 0 before the first of them, at bar `bars`';

/** Ehlers' Laguerre filter, in the units of its input. */
export const laguerreFilter = indicator({
  name: 'laguerreFilter',
  label: 'LAGF',
  title: 'Laguerre filter',
  group: 'moving averages',
  formula: `(l0 + 2 · l1 + 2 · l2 + l3) ÷ 6 of ${STAGES}, γ being \`gamma\``,
  source: 'Ehlers, Time Warp – Without Space Travel, 2002; backtrader LaguerreFilter',
  inputs: 'line',
  parameters: {
    bars: int(1, { min: 1, max: MOST_BARS }),
    gamma: float(0.5, { min: 0, max: 1 }),
  },
  lines: ['laguerreFilter'],
  build: ({ bars, gamma }, input) => ({
    laguerreFilter: new Laguerre('LAGF', input, bars, gamma, true).outputs.value,
  }),
});

/** Ehlers' Laguerre RSI, 0 … 1. */
export const laguerreRsi = indicator({
  name: 'laguerreRsi',
  label: 'LRSI',
  title: 'Laguerre relative strength index',
  group: 'momentum',
  formula: `up ÷ (up + down): the sums of the steps down and of the steps up from each stage to the next, 1 where all are equal, of ${STAGES}, γ being \`gamma\``,
  source: 'Ehlers, Time Warp – Without Space Travel, 2002; backtrader LaguerreRSI',
  inputs: 'line',
  parameters: {
    bars: int(6, { min: 1, max: MOST_BARS }),
    gamma: float(0.5, { min: 0, max: 1 }),
  },
  lines: ['laguerreRsi'],
  build: ({ bars, gamma }, input) => ({
    laguerreRsi: new Laguerre('LRSI', input, bars, gamma, false).outputs.value,
  }),
});
