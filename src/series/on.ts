import type { Clock } from './clock.ts';
import { Kernel } from './kernel.ts';
import { clockOf, crossingOf, type Line, ringOf } from './line.ts';

/** A line of one clock on another: at each of that clock's bars, what is current on its own. */
class On extends Kernel<'value'> {
  private first = Number.POSITIVE_INFINITY;

  constructor(source: Line, clock: Clock) {
    super({
      label: `${source.label} on ${clock.name}`,
      inputs: [source],
      clock,
      outputs: ['value'],
      warmup: 0,
      role: 'operator',
    });
  }

  override get firstBar(): number {
    return this.first;
  }

  compute(from: number, to: number): void {
    const [source] = this.inputs;
    const { bar, position } = clockOf(source);
    const start = crossingOf(source)?.firstBar ?? source.minPeriod - 1;
    const value = bar < start ? Number.NaN : ringOf(source)[position];
    if (bar >= start && this.first > from) this.first = from;
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) out[i & mask] = value;
  }
}

/** The line on the clock, which is that of a data; the line itself when it is its own. */
export function onClock(line: Line, clock: Clock): Line {
  return clockOf(line) === clock ? line : new On(line, clock).outputs.value;
}

/**
 * The kernels that read other clocks, in the order in which they are to be computed; to be called when the graph is complete.
 * Makes the warm-up of each clock long enough for what is computed on others from its lines.
 */
export function crossingKernels(clocks: readonly Clock[]): Kernel[] {
  const kernels = clocks.flatMap(clock => clock.crossing as Kernel[]).sort((a, b) => a.order - b.order);
  const own = new Map(clocks.map(clock => [clock, clock.warmup]));
  for (const kernel of kernels.toReversed()) {
    if (!(kernel instanceof On)) continue;
    const { clock: target } = kernel;
    const source = clockOf(kernel.inputs[0]);
    if (target.crossingWarmup === 0) continue;
    const earlier = Math.ceil((target.crossingWarmup * target.barMs) / source.barMs) + 1;
    source.warmup = Math.max(source.warmup, own.get(source)! + earlier);
    if (source.crossing.length > 0) source.crossingWarmup = Math.max(source.crossingWarmup, source.warmup);
  }
  return kernels;
}
