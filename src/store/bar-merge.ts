import { type Bars, OHLCV } from '../model/bars.ts';

export interface PutCounts {
  /** Bars that were not there. */
  readonly added: number;
  /** Bars that were there and contradict nothing; values that were missing are filled in. */
  readonly same: number;
  /** Bars that were there with other values. */
  readonly different: number;
}

export interface Merged extends PutCounts {
  /** Undefined where nothing changes. */
  readonly bars: Bars | undefined;
}

/**
 * Two sets of bars as one, ordered by time. Where both have a bar and know different values of a column, the `kept` one
 * stays, or with `replace` the `given` one comes in its place as a whole. NaN is no value: it contradicts nothing.
 */
export function mergeBars(kept: Bars, given: Bars, replace: boolean): Merged {
  const names = [...new Set([...OHLCV, ...Object.keys(kept.extra), ...Object.keys(given.extra)])];
  const columns = names.map(name => [columnOf(kept, name), columnOf(given, name)] as const);
  // For each row of the outcome its rows of both; -1 for none.
  const fromKept: number[] = [];
  const fromGiven: number[] = [];
  let added = 0;
  let same = 0;
  let different = 0;
  let filled = false;
  for (let k = 0, g = 0; k < kept.length || g < given.length; ) {
    const ahead = k === kept.length ? 1 : g === given.length ? -1 : kept.time[k] - given.time[g];
    if (ahead < 0) {
      fromKept.push(k++);
      fromGiven.push(-1);
    } else if (ahead > 0) {
      fromKept.push(-1);
      fromGiven.push(g++);
      added++;
    } else {
      const verdict = compare(columns, k, g);
      if (verdict === 'different') different++;
      else same++;
      filled ||= verdict === 'fuller';
      fromKept.push(verdict === 'different' && replace ? -1 : k);
      fromGiven.push(verdict === 'different' && !replace ? -1 : g);
      k++;
      g++;
    }
  }
  if (added === 0 && !filled && !(replace && different > 0)) {
    return { added, same, different, bars: undefined };
  }
  const length = fromKept.length;
  const values = columns.map(([ofKept, ofGiven]) => {
    const column = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      const first = fromKept[i] === -1 || ofKept === undefined ? Number.NaN : ofKept[fromKept[i]];
      const known = !Number.isNaN(first) || fromGiven[i] === -1 || ofGiven === undefined;
      column[i] = known ? first : ofGiven[fromGiven[i]];
    }
    return column;
  });
  const time = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    time[i] = fromKept[i] === -1 ? given.time[fromGiven[i]] : kept.time[fromKept[i]];
  }
  const [open, high, low, close, volume, ...rest] = values;
  const extra = Object.fromEntries(names.slice(OHLCV.length).map((name, i) => [name, rest[i]]));
  return { added, same, different, bars: { length, time, open, high, low, close, volume, extra } };
}

function compare(
  columns: readonly (readonly [Float64Array | undefined, Float64Array | undefined])[],
  k: number,
  g: number,
): 'same' | 'fuller' | 'different' {
  let fuller = false;
  for (const [ofKept, ofGiven] of columns) {
    if (ofGiven === undefined || Number.isNaN(ofGiven[g])) continue;
    if (ofKept === undefined || Number.isNaN(ofKept[k])) fuller = true;
    else if (ofKept[k] !== ofGiven[g]) return 'different';
  }
  return fuller ? 'fuller' : 'same';
}

function columnOf(bars: Bars, name: string): Float64Array | undefined {
  return (OHLCV as readonly string[]).includes(name) ? bars[name as 'open'] : bars.extra[name];
}
