import { Clock, type ClockKernel } from '../../series/clock.ts';
import { Line, ringOf } from '../../series/line.ts';
import type { Column } from '../definition.ts';
import { keep } from './kept.ts';
import type { NextArguments, OptionsOf, PerLine, StreamableFunction } from './types.ts';

/** An indicator that is told one value after another. */
export interface Stream<F extends StreamableFunction = StreamableFunction> {
  /**
   * Takes the next value, pair of values or bar, and returns the indicator's value: NaN before the first. Where there
   * are several lines it returns one and the same object every time, which reads the current values: copy what you keep.
   */
  next(...args: NextArguments<F>): PerLine<F, number>;
  /** The value at the latest bar, again; NaN before the first. */
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
  const build = indicator as unknown as (...args: unknown[]) => Line | Readonly<Record<string, Line>>;
  keep(indicator, clock);
  const line = (label: string) => new Line(clock, label, 1);
  let made: KernelStream;
  if (inputs === 'line') {
    const values = line('values');
    made = new ValueStream(clock, build(values, options), values);
  } else if (typeof inputs === 'string') {
    const [a, b] = [line('a'), line('b')];
    made = new PairStream(clock, build(a, b, options), a, b);
  } else {
    const columns = Object.fromEntries(inputs.map(column => [column, line(column)]));
    made = new BarStream(clock, build(columns, options), columns);
  }
  return made as unknown as Stream<F>;
}

type Made = Line | Readonly<Record<string, Line>>;
type Answer = number | Readonly<Record<string, number>>;

/** What all streams share: the clock, its kernels, and where the values are read. */
abstract class KernelStream {
  protected readonly clock: Clock;
  /** The ring of the only line; undefined where there are several. */
  protected readonly ring: Float64Array | undefined;
  protected readonly view: Readonly<Record<string, number>>;
  /** The only kernel there is; undefined where there are several. */
  private readonly kernel: ClockKernel | undefined;
  protected bar = 0;

  constructor(clock: Clock, made: Made) {
    this.clock = clock;
    this.kernel = clock.kernels.length === 1 ? clock.kernels[0] : undefined;
    clock.seal(1);
    this.ring = made instanceof Line ? ringOf(made) : undefined;
    this.view = viewOf(made instanceof Line ? {} : made);
  }

  get length(): number {
    return this.bar;
  }

  get minPeriod(): number {
    return this.clock.minPeriod;
  }

  get now(): Answer {
    return this.ring === undefined ? this.view : this.ring[this.clock.position];
  }

  /** Computes the bar whose inputs have been written, and makes it current. */
  protected step(bar: number): Answer {
    const { clock, ring, kernel } = this;
    clock.move(bar);
    if (kernel !== undefined) kernel.compute(bar, bar + 1);
    else clock.compute(bar, bar + 1);
    this.bar = bar + 1;
    return ring === undefined ? this.view : ring[clock.position];
  }
}

class ValueStream extends KernelStream {
  private readonly input: Float64Array;

  constructor(clock: Clock, made: Made, input: Line) {
    super(clock, made);
    this.input = ringOf(input);
  }

  next(value: number): Answer {
    const { bar } = this;
    this.input[bar & this.clock.mask] = value;
    return this.step(bar);
  }
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
    const { bar } = this;
    const p = bar & this.clock.mask;
    this.a[p] = a;
    this.b[p] = b;
    return this.step(bar);
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

  next(values: { readonly [K in Column]: number }): Answer {
    const { bar, time, open, high, low, close, volume } = this;
    const p = bar & this.clock.mask;
    if (time !== undefined) time[p] = values.time;
    if (open !== undefined) open[p] = values.open;
    if (high !== undefined) high[p] = values.high;
    if (low !== undefined) low[p] = values.low;
    if (close !== undefined) close[p] = values.close;
    if (volume !== undefined) volume[p] = values.volume;
    return this.step(bar);
  }
}

/** An object that reads the lines' current values. */
function viewOf(lines: Readonly<Record<string, Line>>): Readonly<Record<string, number>> {
  const view = {};
  for (const [name, line] of Object.entries(lines)) {
    Object.defineProperty(view, name, { get: () => line.now, enumerable: true });
  }
  // So that printing it shows values.
  const inspect = Symbol.for('nodejs.util.inspect.custom');
  return Object.defineProperty(view, inspect, { value: () => ({ ...view }) });
}
