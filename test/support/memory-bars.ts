import type { Bars } from '../../src/model/bars.ts';
import { barEnd, type Interval } from '../../src/model/interval.ts';
import type { BarStore, Coverage, SeriesKey, TimeRange } from '../../src/store/bars.ts';

/** One series of bars in memory: what a store is to whoever fills it. */
export class MemoryBars implements Pick<BarStore, 'put' | 'noteEmpty' | 'coverage'> {
  readonly bars = new Map<number, readonly number[]>();
  readonly empty: TimeRange[] = [];
  readonly #interval: Interval;

  constructor(interval: Interval) {
    this.#interval = interval;
  }

  put(_key: SeriesKey, { length, time, extra, ...columns }: Bars, options: { replace?: boolean } = {}) {
    const counts = { added: 0, same: 0, different: 0 };
    const { open, high, low, close, volume } = columns;
    const all = [time, open, high, low, close, volume, ...Object.values(extra)];
    for (let i = 0; i < length; i++) {
      const row = all.map(column => column[i]);
      const known = this.bars.get(time[i]);
      if (known === undefined) counts.added++;
      else if (known.every((value, k) => value === row[k])) counts.same++;
      else counts.different++;
      if (known === undefined || options.replace === true) this.bars.set(time[i], row);
    }
    return counts;
  }

  noteEmpty(_key: SeriesKey, range: TimeRange): void {
    this.empty.push(range);
  }

  coverage(_key: SeriesKey, { from = 0, to = Number.POSITIVE_INFINITY }: Partial<TimeRange> = {}): Coverage {
    const stretches: { from: number; to: number; bars: number }[] = [];
    for (const time of [...this.bars.keys()].sort((a, b) => a - b)) {
      if (time < from || time >= to) continue;
      const last = stretches.at(-1);
      if (last?.to === time) {
        last.to = barEnd(time, this.#interval);
        last.bars++;
      } else stretches.push({ from: time, to: barEnd(time, this.#interval), bars: 1 });
    }
    return { stretches, empty: this.empty.filter(range => range.from < to && range.to > from) };
  }
}
