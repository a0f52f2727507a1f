import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvFeed } from '../../src/feeds/csv/csv.ts';
import { type CsvInternals, INTERNALS } from '../../src/feeds/csv/options.ts';
import type { DataFeed } from '../../src/feeds/feed.ts';
import { file, open, read, rowsOf } from './csv-files.ts';

const HEAD = 'time,open,high,low,close,volume,note,rsi\n';

/** Fields of good and bad rows, so that whole rows are good often enough. */
const field = (good: string, ...bad: string[]) =>
  fc.oneof({ weight: 30, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: fc.constantFrom(...bad) });
const row = fc
  .tuple(
    fc.integer({ min: 1, max: 40 }),
    field('10.25', '', 'x', 'NaN', '-1', '"10.25"', ' 10.25', '1025e-2', '99', '1,5'),
    field('12.5', '"12.5', '12.5"', '"12""5"', '0', '99999999999999999999'),
    field('9.5', '+9.5', 'null', 'inf', '1e999', '9.5\r'),
    field('11', '11.000000000000000000000000001', '"11"x', '11;'),
    field('100', '', '-0', '1e3', '123456789.123456789'),
    field('ok', '"a,b"', '"a\nb"', '"a\r\nb""c"', 'a"b', ' "q" '),
    field('55.5', '', 'nan', '-3.25', 'text'),
  )
  .map(([step, ...fields]) => ({ step, fields }));
const lineEnd = fc.oneof(
  { weight: 20, arbitrary: fc.constant('\n') },
  { weight: 1, arbitrary: fc.constantFrom('\r\n', '\r', '\n\n', ',\n', '') },
);

const messy = fc.array(fc.tuple(row, lineEnd), { minLength: 5, maxLength: 40 }).map(rows => {
  let time = 1_704_067_200;
  // The first rows are good, so that every file has the same columns.
  let text = `${HEAD}${time - 60},10.25,12.5,9.5,11,100,ok,1\n`;
  for (const [{ step, fields }, end] of rows) {
    // Some stamps stand still or go back.
    time += step === 40 ? -60 : step === 39 ? 0 : step;
    text += `${time},${fields.join(',')}${end}`;
  }
  return text;
});

async function outcome(
  text: string,
  onBadRow: 'skip' | 'error',
  internals: Partial<CsvInternals>,
): Promise<unknown> {
  try {
    const feed = await open(text, { onBadRow }, internals);
    const rows = await rowsOf(feed);
    return { rows, notes: feed.notes?.(), interval: feed.interval };
  } catch (error) {
    return { code: (error as { code: string }).code, message: (error as Error).message };
  }
}

describe('a CSV feed gives the same bars', () => {
  test('whatever the sizes of its buffers and chunks, good rows and bad', async () => {
    let good = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        messy,
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (text, step, chunk, fast) => {
          for (const onBadRow of ['skip', 'error'] as const) {
            const whole = await outcome(text, onBadRow, {});
            expect(await outcome(text, onBadRow, { step, chunk, fast })).toEqual(whole);
            if (whole !== null && typeof whole === 'object' && 'code' in whole) refused++;
            else good++;
          }
        },
      ),
      { numRuns: 300 },
    );
    // Otherwise this test would compare little.
    expect(good).toBeGreaterThan(250);
    expect(refused).toBeGreaterThan(100);
  });

  test('and never a bad one, however broken the file', async () => {
    await fc.assert(
      fc.asyncProperty(messy, async text => {
        let last = Number.NEGATIVE_INFINITY;
        for (const bar of await read(text, { onBadRow: 'skip' })) {
          const { time, open, high, low, close, volume } = bar;
          expect([time, open, high, low, close, volume].every(Number.isFinite)).toBe(true);
          expect(low >= 0 && volume >= 0 && time > last).toBe(true);
          expect(high === Math.max(open, high, low, close) && low === Math.min(open, low, close)).toBe(true);
          last = time;
        }
      }),
      { numRuns: 300 },
    );
  });

  test('as an independent parser, for random prices and stamps', async () => {
    const price = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 1e7 }), price, price, price, price, price), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 64 }),
        async (rows, step) => {
          let time = 1_600_000_000_000;
          const bars = rows.map(([distance, open, close, up, down, volume]) => {
            time += distance;
            return {
              time,
              open,
              high: Math.max(open, close) + up,
              low: Math.min(open, close) / (1 + down),
              close,
              volume,
            };
          });
          const text = bars.map(bar => `${Object.values(bar).join()}\r\n`).join('');
          expect(await read(text, {}, { step })).toEqual(bars);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** A file of daily bars with `rows` rows. */
const bars = (rows: number) =>
  Array.from({ length: rows }, (_, i) => `${1_704_067_200 + i * 60},10,12.5,9.5,11,${i}\n`).join('');

describe('a CSV feed', () => {
  test('reads its file afresh at each call of events, in several at a time as well', async () => {
    const feed = await open(bars(5000), {}, { chunk: 100 });
    const [a, b] = await Promise.all([rowsOf(feed), rowsOf(feed)]);
    expect(a.length).toBe(5000);
    expect(b).toEqual(a);
    expect(await rowsOf(feed)).toEqual(a);
  });

  test('emits bars of the run in chunks that it does not write to afterwards', async () => {
    const feed = await open(bars(1000), {}, { chunk: 300 });
    const chunks: { volume: Float64Array; copy: number[] }[] = [];
    for await (const event of feed.events({ signal: new AbortController().signal, warmup: 7 })) {
      expect(event).toMatchObject({ kind: 'bars', phase: 'run', late: false });
      if (event.kind === 'bars') chunks.push({ volume: event.bars.volume, copy: [...event.bars.volume] });
    }
    expect(chunks.map(chunk => chunk.volume.length)).toEqual([300, 300, 300, 100]);
    for (const { volume, copy } of chunks) expect([...volume]).toEqual(copy);
  });

  test.each(['plain', 'gzip'])('tells its progress through a %s file from 0 to 1', async kind => {
    const text = bars(200_000);
    const feed = await open(kind === 'gzip' ? gzipSync(text) : text);
    expect(feed.progress?.()).toBe(0);
    const seen: number[] = [];
    for await (const _ of feed.events({ signal: new AbortController().signal, warmup: 0 }))
      seen.push(feed.progress!());
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen[0]).toBeGreaterThan(0);
    expect(seen[0]).toBeLessThan(1);
    expect(feed.progress?.()).toBe(1);
  });

  const openFiles = (path: string) =>
    readdirSync('/proc/self/fd').filter(fd => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path;
      } catch {
        return false;
      }
    }).length;

  test.runIf(existsSync('/proc/self/fd')).each(['plain', 'gzip'])(
    'closes a %s file when its reader stops, by break, abort or error',
    async kind => {
      const text = bars(200_000);
      const pack = (content: string) => (kind === 'gzip' ? gzipSync(content) : content);
      const path = file('closed.csv', pack(text));
      const feed = await csvFeed(path);
      const controller = new AbortController();
      for await (const _ of feed.events({ signal: controller.signal, warmup: 0 })) break;
      let chunks = 0;
      for await (const _ of feed.events({ signal: controller.signal, warmup: 0 })) {
        chunks++;
        controller.abort();
      }
      expect(chunks).toBe(1);
      file('closed.csv', pack(`${text}x,y\n`));
      await expect(rowsOf(feed)).rejects.toThrow(/line 200001/);
      // A stream closes its file a moment after it is destroyed.
      await expect.poll(() => openFiles(path)).toBe(0);
    },
  );

  test('reads two million rows in memory that does not grow with the file', () => {
    const peaks = [200_000, 2_000_000].map(rows => {
      const script = fileURLToPath(new URL('./csv-memory.ts', import.meta.url));
      const child = spawnSync(process.execPath, [script, String(rows)], { encoding: 'utf8' });
      expect([child.status, child.error], child.stderr).toEqual([0, undefined]);
      return JSON.parse(child.stdout) as { rows: number; bytes: number; growth: number };
    });
    expect(peaks.map(peak => peak.rows)).toEqual([200_000, 2_000_000]);
    expect(peaks[1].bytes).toBeGreaterThan(100e6);
    // 96 MB of columns alone, were they kept.
    expect(peaks[1].growth).toBeLessThan(80e6);
  });
});

const SHARED = fileURLToPath(new URL('../../../shared/', import.meta.url));
const files = ['data', 'golden/inputs'].flatMap(folder => {
  const path = `${SHARED}${folder}`;
  return existsSync(path)
    ? readdirSync(path)
        .filter(name => name.endsWith('.csv.gz'))
        .map(name => `${path}/${name}`)
    : [];
});

describe.runIf(files.length > 0)('a CSV feed agrees with split, Number and Date.parse', () => {
  test.each(files)('on %s', async path => {
    const [head, ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n');
    const names = head.split(',');
    const feed: DataFeed = await csvFeed(path);
    let i = 0;
    let wrong = 0;
    for await (const event of feed.events({ signal: new AbortController().signal, warmup: 0 })) {
      if (event.kind !== 'bars') continue;
      const { bars: chunk } = event;
      const columns = names.map(name =>
        name === 'datetime'
          ? chunk.time
          : ((chunk as unknown as Record<string, Float64Array>)[name] ?? chunk.extra[name]),
      );
      for (let r = 0; r < chunk.length; r++, i++) {
        const values = lines[i].split(',');
        const time = Date.parse(values[0].length === 10 ? values[0] : `${values[0]}Z`);
        const same = values.every((text, c) => Object.is(columns[c][r], c === 0 ? time : Number(text)));
        if (!same) wrong++;
      }
    }
    expect([i, wrong]).toEqual([lines.length, 0]);
  });
});

test('the sizes that tests vary are what the documentation says', () => {
  expect(INTERNALS).toEqual({ step: 1 << 20, chunk: 32_768, fast: true, reverseLimit: 5_000_000 });
});
