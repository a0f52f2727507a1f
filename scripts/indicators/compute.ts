import { backtest, type Data, type Line, memoryFeed, strategy } from '../../src/index.ts';
import type { Columns } from './series.ts';

/** Lines as arrays, and the bar, counted from 1, at which each begins. */
export interface Computed {
  readonly values: Readonly<Record<string, Float64Array>>;
  readonly minPeriods: Readonly<Record<string, number>>;
}

/** The values of lines at every bar. */
export async function compute(
  columns: Columns,
  build: (data: Data) => Readonly<Record<string, Line>>,
): Promise<Computed> {
  const bars = columns.close.length;
  const values: Record<string, Float64Array> = {};
  const minPeriods: Record<string, number> = {};
  class Reader extends strategy() {
    readonly lines = Object.entries(build(this.data));

    override init() {
      for (const [name, line] of this.lines) {
        values[name] = new Float64Array(bars);
        minPeriods[name] = line.minPeriod;
      }
    }

    override prenext() {
      const bar = this.data.length - 1;
      for (const [name, line] of this.lines) values[name][bar] = line.now;
    }

    next() {
      this.prenext();
    }
  }
  await backtest({ strategy: Reader, data: memoryFeed(columns, { interval: '1h' }) });
  return { values, minPeriods };
}
