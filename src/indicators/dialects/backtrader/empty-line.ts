import { Kernel } from '../../../series/kernel.ts';
import { type Line, ringOf } from '../../../series/line.ts';

class Empty extends Kernel<'value'> {
  constructor(beside: Line) {
    super({ label: 'empty', inputs: [beside], outputs: ['value'], warmup: 0, role: 'operator' });
  }

  compute(from: number, to: number): void {
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) out[i & mask] = Number.NaN;
  }
}

/** A line that backtrader has and never fills, on the clock of another. */
export function emptyLine(beside: Line): Line {
  return new Empty(beside).outputs.value;
}
