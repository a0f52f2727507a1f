import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';

class Skipped extends Kernel<'value'> {
  private readonly bars: number;

  constructor(input: Line, bars: number) {
    super({
      label: `${input.label} without its first ${bars}`,
      inputs: [input],
      outputs: ['value'],
      warmup: bars,
      role: 'operator',
    });
    this.bars = bars;
  }

  compute(from: number, to: number): void {
    const x = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const first = this.start + this.bars;
    for (let i = from; i < to; i++) out[i & mask] = i < first ? Number.NaN : x[i & mask];
  }
}

/** The line without its first `bars` values: what follows it begins, and is seeded, that much later. */
export function skipped(line: Line, bars: number): Line {
  return bars === 0 ? line : new Skipped(line, bars).outputs.value;
}
