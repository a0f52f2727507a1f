import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Bars } from '../../src/model/bars.ts';
import { BarStore, type SeriesKey } from '../../src/store/bars.ts';
import { Journal } from '../../src/store/journal.ts';

const MINUTE = 60_000;
const KEY: SeriesKey = { venue: 'binance', market: 'spot', symbol: 'BTCUSDT', interval: '1m' };

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qt-bars-'));
  file = join(folder, 'data.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function withStore<R>(act: (store: BarStore) => R, options = {}): R {
  const store = new BarStore(file, options);
  try {
    return act(store);
  } finally {
    store.close();
  }
}

/** Bars at these minutes; what they are worth follows from the minute and `salt`. */
function barsAt(minutes: readonly number[], salt = 0, extras: readonly string[] = []): Bars {
  const column = (f: (minute: number) => number) => Float64Array.from(minutes, f);
  return {
    length: minutes.length,
    time: column(minute => minute * MINUTE),
    open: column(minute => 100 + minute / 100 + salt),
    high: column(minute => 200 + minute / 8 + salt),
    low: column(minute => Math.cbrt(minute) + salt),
    close: column(() => 150 + salt),
    volume: column(() => 0.001),
    extra: Object.fromEntries(extras.map(name => [name, column(minute => minute / 3)])),
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test('bars come back as the same doubles, whatever they are', () => {
  const double = fc.double({ noNaN: true, noDefaultInfinity: true });
  const decimal = fc
    .integer({ min: -(2 ** 31), max: 2 ** 31 })
    .chain(whole => fc.integer({ min: 0, max: 9 }).map(scale => whole / 10 ** scale));
  const value = fc.oneof(double, decimal, fc.constantFrom(0, -0, 2 ** 31, 0.1 + 0.2, 1e-9, 2147483.647));
  const extra = fc.oneof(value, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY));
  const row = fc.record({
    step: fc.integer({ min: 1, max: 3 }),
    values: fc.array(value, { minLength: 5, maxLength: 5 }),
    extra,
  });
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: -50, max: 50 }),
      (rows, start) => {
        let minute = start;
        const time = Float64Array.from(rows, ({ step }) => {
          minute += step;
          return minute * MINUTE;
        });
        const [open, high, low, close, volume] = [0, 1, 2, 3, 4].map(c =>
          Float64Array.from(rows, one => one.values[c]),
        );
        const bars = {
          length: rows.length,
          time,
          open,
          high,
          low,
          close,
          volume,
          extra: { more: Float64Array.from(rows, one => one.extra) },
        };
        withStore(store => {
          store.delete(KEY);
          store.put(KEY, bars);
          const back = store.read(KEY);
          expect(back).toEqual(bars);
          for (const name of ['open', 'volume'] as const) {
            for (let i = 0; i < bars.length; i++) expect(Object.is(back[name][i], bars[name][i])).toBe(true);
          }
        });
      },
    ),
    { numRuns: 60 },
  );
});

type Row = { time: number; values: Record<string, number> };

/** The same rules in their simplest form: a map. */
class Model {
  readonly rows = new Map<number, Row>();
  readonly columns = new Set<string>();

  put(bars: Bars, replace: boolean) {
    const counts = { added: 0, same: 0, different: 0 };
    if (bars.length > 0) for (const name of Object.keys(bars.extra)) this.columns.add(name);
    for (let i = 0; i < bars.length; i++) {
      const { open, high, low, close, volume, extra } = bars;
      const values: Record<string, number> = {};
      for (const [name, column] of Object.entries({ open, high, low, close, volume, ...extra }))
        values[name] = column[i];
      const old = this.rows.get(bars.time[i]);
      if (old === undefined) {
        counts.added++;
        this.rows.set(bars.time[i], { time: bars.time[i], values });
      } else if (
        Object.entries(values).some(([name, value]) => name in old.values && old.values[name] !== value)
      ) {
        counts.different++;
        if (replace) this.rows.set(bars.time[i], { time: bars.time[i], values });
      } else {
        counts.same++;
        Object.assign(old.values, values);
      }
    }
    return counts;
  }

  sorted(from: number, to: number): Row[] {
    return [...this.rows.values()]
      .filter(({ time }) => time >= from && time < to)
      .sort((a, b) => a.time - b.time);
  }
}

function rowsOf(bars: Bars): Row[] {
  return range(0, bars.length).map(i => {
    const { open, high, low, close, volume, extra } = bars;
    const values: Record<string, number> = {};
    for (const [name, column] of Object.entries({ open, high, low, close, volume, ...extra })) {
      if (!Number.isNaN(column[i])) values[name] = column[i];
    }
    return { time: bars.time[i], values };
  });
}

const puts = fc.record({
  kind: fc.constant('put' as const),
  from: fc.integer({ min: -1500, max: 4000 }),
  // Bits that are set leave bars out.
  count: fc.integer({ min: 1, max: 1500 }),
  every: fc.constantFrom(1, 1, 1, 2, 7),
  salt: fc.constantFrom(0, 0, 0, 1),
  replace: fc.boolean(),
  extras: fc.constantFrom([], ['a'], ['a', 'b']),
});
const deletes = fc.record({
  kind: fc.constant('delete' as const),
  from: fc.integer({ min: -1500, max: 4000 }),
  count: fc.integer({ min: 1, max: 3000 }),
});
const reads = fc.record({
  kind: fc.constant('read' as const),
  from: fc.integer({ min: -1600, max: 4000 }),
  count: fc.integer({ min: 0, max: 5000 }),
});

test('whatever is put and deleted in whatever order, a store holds what a map would', () => {
  const action = fc.oneof({ weight: 4, arbitrary: puts }, deletes, reads);
  fc.assert(
    fc.property(fc.array(action, { minLength: 1, maxLength: 14 }), actions => {
      rmSync(file, { force: true });
      rmSync(`${file}-wal`, { force: true });
      const model = new Model();
      withStore(store => {
        const same = (from: number, to: number) => {
          const rows = model.sorted(from, to);
          const bars = store.read(KEY, { from, to });
          expect(rowsOf(bars)).toEqual(rows);
          expect(Object.keys(bars.extra)).toEqual([...model.columns]);
          for (const least of [1, 2500]) {
            expect([...store.chunks(KEY, { from, to }, least)].flatMap(rowsOf)).toEqual(rows);
          }
          const { stretches } = store.coverage(KEY, { from, to });
          expect(stretches).toEqual(stretchesOf(rows));
          for (const count of [1, 700])
            expect(rowsOf(store.last(KEY, count, to))).toEqual(model.sorted(-Infinity, to).slice(-count));
        };
        for (const action of actions) {
          const { kind, from, count } = action;
          if (kind === 'read') same(from * MINUTE, (from + count) * MINUTE);
          else if (kind === 'put') {
            const minutes = range(from, from + count).filter(minute => minute % action.every === 0);
            const bars = barsAt(minutes, action.salt, action.extras);
            expect(store.put(KEY, bars, { replace: action.replace })).toEqual(
              model.put(bars, action.replace),
            );
            // Once more changes nothing.
            if (!action.replace) expect(store.put(KEY, bars).added).toBe(model.put(bars, false).added);
          } else {
            const gone = model.sorted(from * MINUTE, (from + count) * MINUTE);
            for (const { time } of gone) model.rows.delete(time);
            expect(store.delete(KEY, { from: from * MINUTE, to: (from + count) * MINUTE })).toBe(gone.length);
          }
        }
        same(-Infinity, Infinity);
        expect(store.list().map(one => one.bars)).toEqual(model.rows.size === 0 ? [] : [model.rows.size]);
      });
    }),
    { numRuns: 40 },
  );
});

function stretchesOf(rows: readonly Row[]) {
  const out: { from: number; to: number; bars: number }[] = [];
  for (const { time } of rows) {
    const last = out.at(-1);
    if (last !== undefined && last.to === time) {
      last.to += MINUTE;
      last.bars++;
    } else out.push({ from: time, to: time + MINUTE, bars: 1 });
  }
  return out;
}

test('what the venue has nothing of is remembered, joined, and gives way to bars', () => {
  withStore(store => {
    store.put(KEY, barsAt([0, 1, 2, 10, 11]));
    store.noteEmpty(KEY, { from: 3 * MINUTE, to: 6 * MINUTE });
    store.noteEmpty(KEY, { from: 5 * MINUTE, to: 10 * MINUTE });
    const empty = () => store.coverage(KEY).empty.map(({ from, to }) => [from / MINUTE, to / MINUTE]);
    expect(empty()).toEqual([[3, 10]]);
    store.put(KEY, barsAt([6]));
    expect(empty()).toEqual([
      [3, 6],
      [7, 10],
    ]);
    expect(store.coverage(KEY, { from: 4 * MINUTE, to: 8 * MINUTE })).toEqual({
      stretches: [{ from: 6 * MINUTE, to: 7 * MINUTE, bars: 1 }],
      empty: [
        { from: 4 * MINUTE, to: 6 * MINUTE },
        { from: 7 * MINUTE, to: 8 * MINUTE },
      ],
    });
    store.delete(KEY, { from: 5 * MINUTE, to: 8 * MINUTE });
    expect(empty()).toEqual([
      [3, 5],
      [8, 10],
    ]);
  });
});

test('bars of months and years follow the calendar', () => {
  const months = { ...KEY, interval: '1M' };
  const time = Float64Array.from(range(0, 40), i => Date.UTC(2020, i, 1));
  const bars = { ...barsAt(range(0, 40)), time };
  withStore(store => {
    store.put(months, bars);
    expect(store.coverage(months).stretches).toEqual([
      { from: Date.UTC(2020, 0, 1), to: Date.UTC(2023, 4, 1), bars: 40 },
    ]);
    store.delete(months, { from: Date.UTC(2021, 0, 1), to: Date.UTC(2021, 1, 1) });
    expect(store.coverage(months).stretches.map(one => one.bars)).toEqual([12, 27]);
  });
});

test('one length of a bar is one series, whatever it is called', () => {
  withStore(store => {
    store.put({ ...KEY, interval: '60m' }, barsAt([0, 60]));
    expect(store.put({ ...KEY, interval: '1h' }, barsAt([60, 120]))).toEqual({
      added: 1,
      same: 1,
      different: 0,
    });
    store.put({ ...KEY, interval: '12M' }, barsAt([0]));
    expect(store.list().map(({ interval, bars }) => [interval, bars])).toEqual([
      ['1h', 3],
      ['1y', 1],
    ]);
  });
});

test('a block whose bytes were changed is STORE_CORRUPT, names its series and range, and can be deleted', () => {
  withStore(store => store.put(KEY, barsAt(range(0, 3000))));
  const raw = new Database(file);
  const { data } = raw.prepare('SELECT data FROM blocks WHERE number = 1').get() as { data: Buffer };
  data[data.length - 9] ^= 1;
  raw.prepare('UPDATE blocks SET data = ? WHERE number = 1').run(data);
  raw.close();
  withStore(store => {
    const corrupt = expect.objectContaining({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining('binance spot BTCUSDT 1m from 1970-01-01T17:04Z to 1970-01-02T10:08Z'),
    });
    expect(() => store.read(KEY)).toThrow(corrupt);
    expect(() => [...store.chunks(KEY)]).toThrow(corrupt);
    expect(store.read(KEY, { to: 1024 * MINUTE }).length).toBe(1024);
    expect(store.delete(KEY, { from: 1024 * MINUTE, to: 2048 * MINUTE })).toBe(1024);
    expect(store.read(KEY).length).toBe(3000 - 1024);
  });
});

test('a block that lies in another one’s place is STORE_CORRUPT', () => {
  const other = { ...KEY, symbol: 'ETHUSDT' };
  withStore(store => {
    store.put(KEY, barsAt([1, 2]));
    store.put(other, barsAt([1, 2], 1));
  });
  const raw = new Database(file);
  raw.exec(
    'UPDATE blocks SET series = 3 - series WHERE 0; UPDATE blocks SET (data, checksum) = (SELECT data, checksum FROM blocks WHERE series = 1) WHERE series = 2',
  );
  raw.close();
  withStore(store => {
    expect(store.read(KEY).length).toBe(2);
    expect(() => store.read(other)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
  });
});

test('bars that no series could have are refused as a whole', () => {
  withStore(store => {
    const code = (bars: Bars) => {
      try {
        store.put(KEY, bars);
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code(barsAt([2, 1]))).toBe('TIME_NOT_ASCENDING');
    expect(code(barsAt([1, 1]))).toBe('TIME_NOT_ASCENDING');
    expect(code(barsAt([1, 1.00001]))).toBe('TIME_NOT_ASCENDING');
    expect(code({ ...barsAt([1, 2]), close: Float64Array.of(1, Number.NaN) })).toBe('VALUE_NOT_FINITE');
    expect(code({ ...barsAt([1]), extra: { open: Float64Array.of(1) } })).toBe('COLUMN_RESERVED');
    expect(store.list()).toEqual([]);
  });
});

test('sessions and data are not taken for each other', () => {
  const sessions = join(folder, 'sessions.sqlite');
  new Journal(sessions).close();
  withStore(() => {});
  expect(() => new BarStore(sessions)).toThrow(expect.objectContaining({ code: 'STORE_OTHER_KIND' }));
  expect(() => new Journal(file)).toThrow(expect.objectContaining({ code: 'STORE_OTHER_KIND' }));
});

test('a store that is only read is not made, not changed, and need not wait for who writes', () => {
  expect(() => new BarStore(file, { readOnly: true })).toThrow(
    expect.objectContaining({ code: 'STORE_NOT_FOUND' }),
  );
  withStore(store => store.put(KEY, barsAt([1])));
  const writer = new Database(file);
  writer.exec('BEGIN IMMEDIATE');
  const before = performance.now();
  withStore(store => expect(store.read(KEY).length).toBe(1), { now: () => Date.now() + 1e9 });
  withStore(
    store => {
      expect(store.read(KEY).length).toBe(1);
      expect([...store.chunks(KEY)].length).toBe(1);
    },
    { readOnly: true },
  );
  expect(performance.now() - before).toBeLessThan(4000);
  writer.close();
  withStore(store => expect(() => store.put(KEY, barsAt([2]))).toThrow(), { readOnly: true });
});

test('a store that another process holds is STORE_BUSY, and keeps what it had', () => {
  withStore(store => {
    store.put(KEY, barsAt([1]));
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    expect(() => store.put(KEY, barsAt([2]))).toThrow(expect.objectContaining({ code: 'STORE_BUSY' }));
    other.close();
    expect(store.put(KEY, barsAt([1, 2]))).toEqual({ added: 1, same: 1, different: 0 });
  });
}, 20_000);

test('what is deleted gives its room back to the file system', () => {
  withStore(store => {
    store.put(KEY, barsAt(range(0, 50_000)));
    const pages = () =>
      new Database(file, { readonly: true }).pragma('page_count', { simple: true }) as number;
    const full = pages();
    store.delete(KEY);
    expect(pages()).toBeLessThan(full / 4);
    expect(store.list()).toEqual([]);
  });
});
