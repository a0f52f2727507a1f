import { StrategyError } from '../model/errors.ts';
import type { Clock, ClockKernel } from './clock.ts';
import { clockOf, Line } from './line.ts';

/** Wilder's smoothing, the slowest in use, weighs its seed by e^-1 a period: e^-20 is 2e-9. */
const SETTLING = 20;

export interface KernelOptions<Name extends string> {
  /** Shown in reports and errors: `SMA(10)`. */
  readonly label: string;
  readonly inputs: readonly Line[];
  /** One name a line that the kernel computes. */
  readonly outputs: readonly Name[];
  /** Bars needed for the first value beyond the inputs' own minimum period; 0 for an element-wise operation. */
  readonly warmup: number;
  /** How many bars back of its inputs (or outputs) the kernel reads; default `warmup`. */
  readonly depth?: number;
  /** True when the value depends on all the past, fading (an EMA): live warm-up takes a margin for it. */
  readonly recursive?: boolean;
  /** `operator`: an intermediate step, drawn only when the strategy holds it in a field. */
  readonly role?: 'indicator' | 'operator';
}

/**
 * Computes lines from lines. `compute(from, to)` is the one definition of an indicator, whether it runs over a
 * chunk or over a single bar: it reads its inputs' rings and its own O(1) state, writes its outputs' rings, and keeps
 * the state for the next call. Splitting a range into calls of any sizes gives the same bits.
 */
export abstract class Kernel<Name extends string = string> implements ClockKernel {
  readonly label: string;
  readonly inputs: readonly Line[];
  readonly outputs: Readonly<Record<Name, Line>>;
  readonly clock: Clock;
  /** The first bar, counted from 1, at which the outputs have a value. */
  readonly minPeriod: number;
  /** The first bar number at which all inputs have a value. */
  protected readonly start: number;
  /** Further bars until a recursive value has forgotten its seed (to about 1e-9); 0 for a windowed one. */
  readonly settling: number;
  /** What reports draw: an `operator` only when the strategy holds it in a field. */
  role: 'indicator' | 'operator';

  constructor(options: KernelOptions<Name>) {
    const { label, inputs, warmup } = options;
    this.label = label;
    this.inputs = inputs;
    this.clock = commonClock(label, inputs);
    const inputPeriod = Math.max(...inputs.map(line => line.minPeriod));
    this.start = inputPeriod - 1;
    this.minPeriod = inputPeriod + warmup;
    this.settling = options.recursive === true ? SETTLING * (warmup + 1) : 0;
    this.role = options.role ?? 'indicator';
    this.clock.addKernel(this, (options.depth ?? warmup) + 1);
    const outputs = {} as Record<Name, Line>;
    for (const name of options.outputs) {
      const shown = options.outputs.length === 1 ? label : `${label}.${name}`;
      outputs[name] = new Line(this.clock, shown, this.minPeriod);
    }
    this.outputs = outputs;
  }

  /** Computes the outputs of bars `from` (inclusive) to `to` (exclusive), NaN below the minimum period. */
  abstract compute(from: number, to: number): void;
}

function commonClock(label: string, inputs: readonly Line[]): Clock {
  for (const line of inputs) {
    if (!(line instanceof Line)) {
      throw new StrategyError('NOT_A_LINE', `${label} was given ${String(line)} where a line belongs`, {
        value: line,
        fix: 'pass a line such as this.data.close or another indicator',
      });
    }
  }
  const clock = clockOf(inputs[0]);
  const other = inputs.find(line => clockOf(line) !== clock);
  if (other !== undefined) {
    throw new StrategyError(
      'CLOCKS_MIXED',
      `${label} mixes lines of ${clock.name} and ${clockOf(other).name}, whose bars do not pair up`,
      {
        value: clockOf(other).name,
        limit: clock.name,
        fix: 'build one a data and combine their .now in next()',
      },
    );
  }
  return clock;
}

/** Throws `PERIOD_INVALID` unless `value` is a whole number of at least `min`. */
export function period(label: string, value: number, min = 1): number {
  if (!Number.isInteger(value) || value < min) {
    throw new StrategyError('PERIOD_INVALID', `${label} was given the period ${value}`, {
      value,
      limit: min,
      fix: `use a whole number of ${min} or more`,
    });
  }
  return value;
}
