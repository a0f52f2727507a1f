import { Clock, type ClockKernel } from '../../series/clock.ts';
import { Kernel } from '../../series/kernel.ts';
import { Line, ringOf } from '../../series/line.ts';
import type { Column } from '../definition.ts';
import { keep } from './kept.ts';
import type { NextArguments, OptionsOf, PerLine, StreamableFunction } from './types.ts';
import { type Places, viewOf } from './view.ts';

/** An indicator that is told one value after another. */
export interface Stream<F extends StreamableFunction = StreamableFunction> {
  /**
   * Takes the next value, pair of values or bar, and returns the indicator's value: NaN before the first. Where there
   * are several lines it returns one and the same object every time, which reads the current values: copy what you keep.
   */
  next(...args: NextArguments<F>): PerLine<F, number>;
  /**
   * What {@link next} would return, for a bar that is not complete yet: it may be asked again and again and changes nothing. Where
   * there are several lines it returns a new object.
   */
  preview(...args: NextArguments<F>): PerLine<F, number>;
  /** What {@link next} returned, again; NaN before the first. */
  readonly now: PerLine<F, number>;
  /** How many values it has taken. */
  readonly length: number;
  /** How many values it takes until every line has one. */
  readonly minPeriod: number;
}

/**
 * An indicator value by value, outside a strategy: `const average = stream(sma, 30)`, then `average.next(price)` for each
 * price; `stream(atr)` is told bars, `stream(crossOver)` pairs. The same bits as in a strategy, and a few
 * nanoseconds a value. Throws what the indicator throws.
 */
export function stream<const F extends StreamableFunction>(indicator: F, options?: OptionsOf<F>): Stream<F> {
  const { inputs } = indicator.definition;
  const clock = new Clock('stream', 0);
  const build = indicator as unknown as (...args: unknown[]) => Made;
  const line = (label: string) => new Line(clock, label, 1);
  let made: KernelStream;
  if (inputs === 'line') {
    const values = line('values');
    const lines = build(values, options);
    const step = stepOf(clock, lines, values);
    made =
      step === undefined ? new ValueStream(clock, lines, values) : new StepStream(clock, lines, values, step);
  } else if (typeof inputs === 'string') {
    const [a, b] = [line('a'), line('b')];
    made = new PairStream(clock, build(a, b, options), a, b);
  } else {
    const columns = Object.fromEntries(inputs.map(column => [column, line(column)]));
    made = new BarStream(clock, build(columns, options), columns);
  }
  keep(indicator, clock);
  return made as unknown as Stream<F>;
}

type Made = Line | Readonly<Record<string, Line>>;
type Answer = number | Readonly<Record<string, number>>;

/** What all streams share: the kernels, and where their values are read. */
abstract class KernelStream implements Places {
  protected readonly kernel: ClockKernel | Clock;
  protected readonly mask: number;
  /** The ring of the only line; undefined where there are several. */
  protected readonly ring: Float64Array | undefined;
  protected readonly view: Readonly<Record<string, number>>;
  readonly minPeriod: number;
  length = 0;
  position = 0;
  readonly rings: readonly Float64Array[];
  /** How many values there were when the kernels' state was marked. */
  private marked = -1;

  constructor(clock: Clock, made: Made) {
    clock.seal(1);
    this.kernel = clock.kernels.length === 1 ? clock.kernels[0] : clock;
    this.mask = clock.mask;
    this.minPeriod = clock.minPeriod;
    this.position = this.mask;
    this.ring = made instanceof Line ? ringOf(made) : undefined;
    const lines = made instanceof Line ? {} : made;
    this.rings = Object.values(lines).map(ringOf);
    this.view = viewOf(Object.keys(lines), this);
  }

  get now(): Answer {
    return this.ring === undefined ? this.view : this.ring[this.position];
  }

  /** What the kernels make of the inputs that have been written after the latest bar; then they forget it. */
  protected peek(): Answer {
    const { kernel, length, ring, position } = this;
    if (this.marked !== length) {
      kernel.mark();
      this.marked = length;
    }
    kernel.compute(length, length + 1);
    kernel.reset();
    const next = length & this.mask;
    if (ring !== undefined) return ring[next];
    this.position = next;
    const values = { ...this.view };
    this.position = position;
    return values;
  }
}

class ValueStream extends KernelStream {
  private readonly input: Float64Array;

  constructor(clock: Clock, made: Made, input: Line) {
    super(clock, made);
    this.input = ringOf(input);
  }

  next(value: number): Answer {
    const { length, ring } = this;
    const position = length & this.mask;
    this.input[position] = value;
    this.kernel.compute(length, length + 1);
    this.length = length + 1;
    this.position = position;
    return ring === undefined ? this.view : ring[position];
  }

  preview(value: number): Answer {
    this.input[this.length & this.mask] = value;
    return this.peek();
  }
}

/** A stream of the one kernel that makes its line, where that can be told a value without rings. */
class StepStream extends KernelStream {
  private readonly input: Float64Array;
  private readonly single: Stepping;
  private last = Number.NaN;

  constructor(clock: Clock, made: Made, input: Line, single: Stepping) {
    super(clock, made);
    this.input = ringOf(input);
    this.single = single;
  }

  override get now(): Answer {
    return this.last;
  }

  next(value: number): Answer {
    const next = this.single.step(value);
    this.length++;
    this.last = next;
    return next;
  }

  preview(value: number): Answer {
    this.input[this.length & this.mask] = value;
    return this.peek();
  }
}

type Stepping = Kernel & Required<Pick<Kernel, 'step'>>;

function stepOf(clock: Clock, made: Made, input: Line): Stepping | undefined {
  const [kernel, ...others] = clock.kernels;
  if (others.length > 0 || !(kernel instanceof Kernel) || !(made instanceof Line)) return undefined;
  return kernel.step !== undefined && kernel.inputs[0] === input ? (kernel as Stepping) : undefined;
}

class PairStream extends KernelStream {
  private readonly a: Float64Array;
  private readonly b: Float64Array;

  constructor(clock: Clock, made: Made, a: Line, b: Line) {
    super(clock, made);
    this.a = ringOf(a);
    this.b = ringOf(b);
  }

  next(a: number, b: number): Answer {
    const { length, ring } = this;
    const position = length & this.mask;
    this.a[position] = a;
    this.b[position] = b;
    this.kernel.compute(length, length + 1);
    this.length = length + 1;
    this.position = position;
    return ring === undefined ? this.view : ring[position];
  }

  preview(a: number, b: number): Answer {
    const position = this.length & this.mask;
    this.a[position] = a;
    this.b[position] = b;
    return this.peek();
  }
}

class BarStream extends KernelStream {
  private readonly time: Float64Array | undefined;
  private readonly open: Float64Array | undefined;
  private readonly high: Float64Array | undefined;
  private readonly low: Float64Array | undefined;
  private readonly close: Float64Array | undefined;
  private readonly volume: Float64Array | undefined;

  constructor(clock: Clock, made: Made, columns: { readonly [K in Column]?: Line }) {
    super(clock, made);
    const ring = (column: Column) => {
      const line = columns[column];
      return line === undefined ? undefined : ringOf(line);
    };
    this.time = ring('time');
    this.open = ring('open');
    this.high = ring('high');
    this.low = ring('low');
    this.close = ring('close');
    this.volume = ring('volume');
  }

  next(bar: { readonly [K in Column]: number }): Answer {
    const { length, ring } = this;
    const position = length & this.mask;
    this.write(bar, position);
    this.kernel.compute(length, length + 1);
    this.length = length + 1;
    this.position = position;
    return ring === undefined ? this.view : ring[position];
  }

  preview(bar: { readonly [K in Column]: number }): Answer {
    this.write(bar, this.length & this.mask);
    return this.peek();
  }

  private write(bar: { readonly [K in Column]: number }, position: number): void {
    const { time, open, high, low, close, volume } = this;
    if (time !== undefined) time[position] = bar.time;
    if (open !== undefined) open[position] = bar.open;
    if (high !== undefined) high[position] = bar.high;
    if (low !== undefined) low[position] = bar.low;
    if (close !== undefined) close[position] = bar.close;
    if (volume !== undefined) volume[position] = bar.volume;
  }
}
