import { StrategyError } from '../model/errors.ts';
import { Clock, type ClockKernel } from './clock.ts';
import { type Crossing, clockOf, crossingOf, Line, ringOf } from './line.ts';
import { StateMemory } from './state.ts';

/** Wilder's smoothing, the slowest in use, weighs its seed by e^-1 a period: e^-20 is 2e-9. */
const SETTLING = 20;

export interface KernelOptions<Name extends string> {
  /** Shown in reports and errors: `SMA(10)`. */
  readonly label: string;
  readonly inputs: readonly Line[];
  /** The clock to compute on, where that is not the inputs' own. */
  readonly clock?: Clock;
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

/** How many kernels there have been: inputs come before what is made of them, also on other clocks. */
let made = 0;

/**
 * Computes lines from lines. `compute(from, to)` is the one definition of an indicator, whether it runs over a
 * chunk or over a single bar: it reads its inputs' rings and its own O(1) state, writes its outputs' rings, and keeps
 * the state for the next call. Splitting a range into calls of any sizes gives the same bits.
 *
 * While a bar grows it is computed again and again, each time from the state before it. For that the state must lie in the
 * kernel's own fields, as numbers, truth values, typed arrays, arrays, or objects of these: they are copied. Fields with `#`
 * and variables in closures are not seen.
 */
export abstract class Kernel<Name extends string = string> implements ClockKernel, Crossing {
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
  readonly crosses: boolean;
  /** Grows with every kernel that is made. */
  readonly order: number;
  key: string | undefined;
  /** The rings of the inputs, in order: there from the end of construction on, where a single bar should cost little. */
  protected reads: readonly Float64Array[] = [];
  /** The rings of the outputs, in order. */
  protected writes: readonly Float64Array[] = [];
  readonly #warmup: number;
  #firstBar = Number.POSITIVE_INFINITY;
  readonly #memory: StateMemory;

  constructor(options: KernelOptions<Name>) {
    const { label, inputs, warmup } = options;
    this.label = label;
    this.inputs = inputs;
    this.clock = options.clock ?? commonClock(label, inputs);
    const inputPeriod = options.clock === undefined ? Math.max(...inputs.map(line => line.minPeriod)) : 1;
    this.start = inputPeriod - 1;
    this.minPeriod = inputPeriod + warmup;
    this.settling = options.recursive === true ? SETTLING * (warmup + 1) : 0;
    this.role = options.role ?? 'indicator';
    this.crosses = options.clock !== undefined || inputs.some(line => crossingOf(line) !== undefined);
    this.order = made++;
    this.key = undefined;
    this.#warmup = warmup;
    this.clock.addKernel(this, (options.depth ?? warmup) + 1);
    const outputs = {} as Record<Name, Line>;
    for (const name of options.outputs) {
      const shown = options.outputs.length === 1 ? label : `${label}.${name}`;
      outputs[name] = new Line(this.clock, shown, this.minPeriod, this.crosses ? this : undefined);
    }
    this.outputs = outputs;
    // Every line has its ring by then, for those that it is made of came before it.
    this.clock.add({
      allocate: () => {
        this.reads = inputs.map(ringOf);
        this.writes = Object.values<Line>(outputs).map(ringOf);
      },
    });
    // The fields of the subclass come later: they are the state.
    this.#memory = new StateMemory(this, label, new Set(Object.keys(this)), isShared);
  }

  /** Computes the outputs of bars `from` (inclusive) to `to` (exclusive), NaN below the minimum period. */
  abstract compute(from: number, to: number): void;

  /**
   * The next output from the next input, of a kernel of one line that keeps all it needs in its own state: what `compute`
   * does for a single bar, without rings. Streams use it where it is there, which saves most of their time.
   */
  step?(value: number): number;

  /** The number of the first bar, counted from 0, at which the outputs have a value; Infinity while nobody knows. */
  get firstBar(): number {
    if (this.#firstBar === Number.POSITIVE_INFINITY) {
      let first = 0;
      for (const line of this.inputs) {
        first = Math.max(first, crossingOf(line)?.firstBar ?? line.minPeriod - 1);
      }
      this.#firstBar = first + this.#warmup;
    }
    return this.#firstBar;
  }

  /** Remembers the state, before the first computation of a bar that may be revised. */
  mark(): void {
    this.#memory.mark();
  }

  /** Takes the state back to {@link mark}; the bar's outputs are written over when it is computed anew. */
  reset(): void {
    this.#memory.reset();
  }
}

/** Lines and their clocks belong to the graph, and other kernels are marked for themselves. */
function isShared(value: object): boolean {
  return value instanceof Line || value instanceof Clock || value instanceof Kernel;
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
        fix: `put them on one clock: line.on(data) gives a line on the clock of another data`,
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
