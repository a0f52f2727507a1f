import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';

/** What a bar's values of one to four lines make, without a look at any other bar. */
type Formula = (a: number, b: number, c: number, d: number) => number;

class Pointwise extends Kernel<'value'> {
  private readonly formula: Formula;

  constructor(label: string, inputs: readonly Line[], formula: Formula) {
    super({ label, inputs, outputs: ['value'], warmup: 0 });
    this.formula = formula;
  }

  compute(from: number, to: number): void {
    const rings = this.inputs.map(ringOf);
    const [a, b = a, c = a, d = a] = rings;
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { formula } = this;
    let i = from;
    for (; i < to && i < this.start; i++) out[i & mask] = Number.NaN;
    for (; i < to; i++) {
      const p = i & mask;
      out[p] = formula(a[p], b[p], c[p], d[p]);
    }
  }
}

/** A line of `formula`, a pure function of one to four lines' values at the same bar. */
export function pointwise(label: string, inputs: readonly Line[], formula: Formula): Line {
  return new Pointwise(label, inputs, formula).outputs.value;
}
