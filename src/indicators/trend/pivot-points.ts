import { bool, choice, float } from '../../model/parameters.ts';
import { Kernel } from '../../series/kernel.ts';
import { type Line, ringOf } from '../../series/line.ts';
import { indicator } from '../definition.ts';

/**
 * What a pivot is made of: high, low and close; the open as well; the close twice; or DeMark's choice of what counts
 * twice, where backtrader has what belongs to a rising bar and to one that ends where it began the other way round.
 */
type Kind = 'plain' | 'open' | 'close' | 'demark' | 'backtrader';

function pivotOf(kind: Kind, open: number, high: number, low: number, close: number): number {
  if (kind === 'plain') return (high + low + close) / 3;
  if (kind === 'open') return (high + low + close + open) / 4;
  if (kind === 'close') return (high + low + close + close) / 4;
  if (close < open) return (high + low + low + close) / 4;
  return close > open === (kind === 'demark')
    ? (high + high + low + close) / 4
    : (high + low + close + close) / 4;
}

interface Bars {
  readonly open: Line;
  readonly high: Line;
  readonly low: Line;
  readonly close: Line;
}

class Pivot extends Kernel<'pivot'> {
  private readonly kind: Kind;

  constructor({ open, high, low, close }: Bars, kind: Kind) {
    super({ label: 'Pivot', inputs: [open, high, low, close], outputs: ['pivot'], warmup: 0 });
    this.kind = kind;
  }

  compute(from: number, to: number): void {
    const open = ringOf(this.inputs[0]);
    const high = ringOf(this.inputs[1]);
    const low = ringOf(this.inputs[2]);
    const close = ringOf(this.inputs[3]);
    const out = ringOf(this.outputs.pivot);
    const { mask } = this.clock;
    const { kind, start } = this;
    for (let i = from; i < to; i++) {
      const p = i & mask;
      out[p] = i < start ? Number.NaN : pivotOf(kind, open[p], high[p], low[p], close[p]);
    }
  }
}

/** A level on both sides of a pivot: so many ranges of the bar away, or the pivot mirrored at its other end. */
class Level extends Kernel<'support' | 'resistance'> {
  private readonly ranges: number;

  /** `ranges`: how many ranges away; NaN for the mirrored one, 2 · pivot − high and 2 · pivot − low. */
  constructor(pivot: Line, { high, low }: Bars, ranges: number) {
    super({ label: 'Level', inputs: [pivot, high, low], outputs: ['support', 'resistance'], warmup: 0 });
    this.ranges = ranges;
  }

  compute(from: number, to: number): void {
    const pivot = ringOf(this.inputs[0]);
    const high = ringOf(this.inputs[1]);
    const low = ringOf(this.inputs[2]);
    const support = ringOf(this.outputs.support);
    const resistance = ringOf(this.outputs.resistance);
    const { mask } = this.clock;
    const { ranges } = this;
    const mirrored = Number.isNaN(ranges);
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const span = ranges * (high[p] - low[p]);
      const known = i >= this.start;
      support[p] = !known ? Number.NaN : mirrored ? 2 * pivot[p] - high[p] : pivot[p] - span;
      resistance[p] = !known ? Number.NaN : mirrored ? 2 * pivot[p] - low[p] : pivot[p] + span;
    }
  }
}

const MIRRORED = Number.NaN;
const inputs = ['open', 'high', 'low', 'close'] as const;
const USE =
  'the levels are those of the bar itself: they belong to the next one, and on a resampled data to its next bar';
const PIVOT =
  'pivot (high + low + close) ÷ 3; with `withOpen` (high + low + close + open) ÷ 4; with `closeTwice` (high + low + 2 · close) ÷ 4';
const parameters = { withOpen: bool(false), closeTwice: bool(false) };

function kindOf({
  withOpen,
  closeTwice,
}: {
  readonly withOpen: boolean;
  readonly closeTwice: boolean;
}): Kind {
  return closeTwice ? 'close' : withOpen ? 'open' : 'plain';
}

/** Pivot points with two levels on either side, in price units. */
export const pivotPoints = indicator({
  name: 'pivotPoints',
  label: 'Pivot',
  title: 'Pivot points',
  group: 'trend',
  formula: `${PIVOT}; s1 = 2 · pivot − high, r1 = 2 · pivot − low, s2 and r2 one range (high − low) below and above the pivot; ${USE}`,
  source: 'floor traders; backtrader PivotPoint',
  inputs,
  parameters,
  lines: ['pivot', 's1', 's2', 'r1', 'r2'],
  build: (options, open, high, low, close) => {
    const bars = { open, high, low, close };
    const { pivot } = new Pivot(bars, kindOf(options)).outputs;
    const first = new Level(pivot, bars, MIRRORED).outputs;
    const second = new Level(pivot, bars, 1).outputs;
    return { pivot, s1: first.support, s2: second.support, r1: first.resistance, r2: second.resistance };
  },
});

/** Fibonacci pivot points with three levels on either side, in price units. */
export const fibonacciPivotPoints = indicator({
  name: 'fibonacciPivotPoints',
  label: 'Fibonacci pivot',
  title: 'Fibonacci pivot points',
  group: 'trend',
  formula: `${PIVOT}; supports and resistances \`level1\`, \`level2\` and \`level3\` ranges (high − low) below and above it; ${USE}`,
  source: 'floor traders; backtrader FibonacciPivotPoint',
  inputs,
  parameters: { ...parameters, level1: float(0.382), level2: float(0.618), level3: float(1) },
  lines: ['pivot', 's1', 's2', 's3', 'r1', 'r2', 'r3'],
  build: (options, open, high, low, close) => {
    const bars = { open, high, low, close };
    const { pivot } = new Pivot(bars, kindOf(options)).outputs;
    const first = new Level(pivot, bars, options.level1).outputs;
    const second = new Level(pivot, bars, options.level2).outputs;
    const third = new Level(pivot, bars, options.level3).outputs;
    return {
      pivot,
      s1: first.support,
      s2: second.support,
      s3: third.support,
      r1: first.resistance,
      r2: second.resistance,
      r3: third.resistance,
    };
  },
});

/** DeMark's pivot point with one level on either side, in price units. */
export const demarkPivotPoints = indicator({
  name: 'demarkPivotPoints',
  label: 'DeMark pivot',
  title: 'DeMark pivot points',
  group: 'trend',
  formula: `pivot x ÷ 4, x being high + 2 · low + close where the bar fell, 2 · high + low + close where it rose, else high + low + 2 · close (\`backtrader\` has the last two the other way round); s1 = x ÷ 2 − high, r1 = x ÷ 2 − low; ${USE}`,
  source: 'DeMark, The New Science of Technical Analysis, 1994; backtrader DemarkPivotPoint',
  inputs,
  parameters: { convention: choice(['demark', 'backtrader']) },
  lines: ['pivot', 's1', 'r1'],
  build: ({ convention }, open, high, low, close) => {
    const bars = { open, high, low, close };
    const { pivot } = new Pivot(bars, convention).outputs;
    const { support, resistance } = new Level(pivot, bars, MIRRORED).outputs;
    return { pivot, s1: support, r1: resistance };
  },
});
