import { Kernel } from '../../series/kernel.ts';
import { Line, ringOf } from '../../series/line.ts';
import { indicator } from '../definition.ts';

/**
 * Crosses of a line over another line or a level. The side a line was on is remembered through ties: touching and
 * coming back is no cross, touching and going through is one, on the bar that leaves the tie.
 */
class Cross extends Kernel<'cross'> {
  private readonly up: number;
  private readonly down: number;
  /** A ring of one value that stands for the level at every bar. */
  private readonly level: Float64Array | undefined;
  /** The last non-zero sign of the difference; 0 before there was one. */
  private side = 0;

  constructor(name: string, a: Line, b: Line | number, up: number, down: number) {
    const other = b instanceof Line ? b.label : String(b);
    super({
      label: `${name}(${a.label}, ${other})`,
      inputs: typeof b === 'number' ? [a] : [a, b],
      outputs: ['cross'],
      warmup: 1,
      role: 'operator',
    });
    this.up = up;
    this.down = down;
    this.level = typeof b === 'number' ? Float64Array.of(b) : undefined;
  }

  compute(from: number, to: number): void {
    const { mask } = this.clock;
    const a = ringOf(this.inputs[0]);
    const b = this.level ?? ringOf(this.inputs[1]);
    const bMask = this.level === undefined ? mask : 0;
    const out = ringOf(this.outputs.cross);
    const start = this.start;
    const up = this.up;
    const down = this.down;
    let side = this.side;
    let i = from;
    for (; i < to && i <= start; i++) {
      out[i & mask] = Number.NaN;
      if (i === start) side = Math.sign(a[i & mask] - b[i & bMask]) || 0;
    }
    for (; i < to; i++) {
      const p = i & mask;
      const difference = a[p] - b[i & bMask];
      out[p] = 0;
      if (difference > 0) {
        if (side < 0) out[p] = up;
        side = 1;
      } else if (difference < 0) {
        if (side > 0) out[p] = down;
        side = -1;
      }
    }
    this.side = side;
  }
}

/** The difference of two lines or, where they are equal, the last one that was not 0. */
class NonZeroDifference extends Kernel<'difference'> {
  private readonly level: Float64Array | undefined;
  private last = 0;

  constructor(a: Line, b: Line | number) {
    super({
      label: 'NonZeroDifference',
      inputs: typeof b === 'number' ? [a] : [a, b],
      outputs: ['difference'],
      warmup: 0,
    });
    this.level = typeof b === 'number' ? Float64Array.of(b) : undefined;
  }

  compute(from: number, to: number): void {
    const { mask } = this.clock;
    const a = ringOf(this.inputs[0]);
    const b = this.level ?? ringOf(this.inputs[1]);
    const bMask = this.level === undefined ? mask : 0;
    const out = ringOf(this.outputs.difference);
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const difference = i < this.start ? Number.NaN : a[p] - b[i & bMask];
      if (difference > 0 || difference < 0) this.last = difference;
      out[p] = Number.isNaN(difference) ? Number.NaN : this.last;
    }
  }
}

/** 1 on the bar where `a` crosses above `b`, -1 where it crosses below, else 0. */
export const crossOver = indicator({
  name: 'crossOver',
  label: 'CrossOver',
  title: 'Cross in either direction',
  group: 'crosses',
  formula:
    '1 on the bar where `a` crosses above `b`, -1 where it crosses below, else 0; a touch is no cross, nor is a missing value',
  source: 'backtrader CrossOver',
  inputs: 'line and level',
  parameters: {},
  lines: ['cross'],
  build: (_, a, b) => new Cross('CrossOver', a, b, 1, -1).outputs,
});

/** 1 on the bar where `a` crosses above `b`, else 0. */
export const crossUp = indicator({
  name: 'crossUp',
  label: 'CrossUp',
  title: 'Cross upwards',
  group: 'crosses',
  formula: '1 on the bar where `a` crosses above `b`, else 0; a touch is no cross, nor is a missing value',
  source: 'backtrader CrossUp',
  inputs: 'line and level',
  parameters: {},
  lines: ['cross'],
  build: (_, a, b) => new Cross('CrossUp', a, b, 1, 0).outputs,
});

/** 1 on the bar where `a` crosses below `b`, else 0. */
export const crossDown = indicator({
  name: 'crossDown',
  label: 'CrossDown',
  title: 'Cross downwards',
  group: 'crosses',
  formula: '1 on the bar where `a` crosses below `b`, else 0; a touch is no cross, nor is a missing value',
  source: 'backtrader CrossDown',
  inputs: 'line and level',
  parameters: {},
  lines: ['cross'],
  build: (_, a, b) => new Cross('CrossDown', a, b, 0, 1).outputs,
});

/** How far `a` is above `b`, or where they are equal the last distance that was not 0. */
export const nonZeroDifference = indicator({
  name: 'nonZeroDifference',
  label: 'NonZeroDifference',
  title: 'Difference that is not zero',
  group: 'crosses',
  formula:
    'a − b; where that is 0, the last value that was not (0 before there was one); NaN where a value is missing',
  source: 'backtrader NonZeroDifference',
  inputs: 'line and level',
  parameters: {},
  lines: ['difference'],
  build: (_, a, b) => new NonZeroDifference(a, b).outputs,
});

export const CROSSES = [nonZeroDifference, crossOver, crossUp, crossDown] as const;
