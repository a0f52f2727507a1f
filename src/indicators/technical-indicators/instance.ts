/** A class of `technicalindicators` at run time. */
export type StreamingClass = new (
  input: Readonly<Record<string, unknown>>,
) => { nextValue(...values: readonly unknown[]): unknown };

/** What each bar is told: a number, two of them, or an object with these fields. */
export type Told = 'number' | 'two numbers' | readonly string[];

/** Their constructors want the series so far. There are none yet: everything comes by `nextValue`. */
const SERIES = ['values', 'open', 'high', 'low', 'close', 'volume', 'timestamp', 'lineA', 'lineB'];

/** An instance of a class of `technicalindicators` that is fed from columns. */
export class Instance {
  private readonly target: InstanceType<StreamingClass>;
  private readonly told: Told;

  constructor(Class: StreamingClass, options: Readonly<Record<string, unknown>>, told: Told) {
    this.target = new Class({ ...options, ...Object.fromEntries(SERIES.map(name => [name, []])) });
    this.told = told;
  }

  /** Tells it the values at `at` of the columns, one column a field, and returns what it answers. */
  next(columns: readonly ArrayLike<number>[], at: number): unknown {
    const { told, target } = this;
    if (told === 'number') return target.nextValue(columns[0][at]);
    if (told === 'two numbers') return target.nextValue(columns[0][at], columns[1][at]);
    // A new object a bar: some keep the ones they were given.
    const candle: Record<string, number> = {};
    for (let k = 0; k < told.length; k++) candle[told[k]] = columns[k][at];
    return this.tell(candle);
  }

  /** Tells it one object. */
  tell(candle: object): unknown {
    return this.target.nextValue(candle);
  }
}
