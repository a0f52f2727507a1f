// npx node bench/store.ts: a million bars into the store and out of it, beside reading them from their CSV file.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvFeed } from '../src/feeds/csv/csv.ts';
import { syntheticBars } from '../src/feeds/synthetic/synthetic.ts';
import type { Bars } from '../src/model/bars.ts';
import { BarStore, type SeriesKey } from '../src/store/bars.ts';
import { median } from './median.ts';

const BARS = 1_000_000;
const DAY = 86_400_000;
const KEY: SeriesKey = { venue: 'binance', market: 'spot', symbol: 'BTCUSDT', interval: '1m' };

export interface StoreBenchRow {
  readonly what: string;
  /** Median of the runs. */
  readonly ms: number;
  /** Processor time of the process, all its threads; median. On a busy machine it tells more than the clock. */
  readonly cpuMs: number;
  /** What it may take, ms; undefined for a yardstick. */
  readonly goal: number | undefined;
}

export interface StoreBench {
  readonly rows: readonly StoreBenchRow[];
  readonly csvBytes: number;
  readonly storeBytes: number;
}

/** Times a million one-minute bars with four further columns, each run on files of its own. */
export async function benchStore(runs = 5): Promise<StoreBench> {
  const folder = mkdtempSync(join(tmpdir(), 'qt-bench-store-'));
  try {
    const csv = join(folder, 'btcusdt-1m.csv');
    const bars = widened(syntheticBars({ symbol: 'BTCUSDT', interval: '1m', bars: BARS }));
    writeFileSync(csv, csvText(bars));
    const times = new Map<string, { readonly clock: number[]; readonly cpu: number[] }>();
    const timed = async <R>(what: string, act: () => R | Promise<R>): Promise<R> => {
      const start = performance.now();
      const cpuStart = process.cpuUsage();
      const outcome = await act();
      const { user, system } = process.cpuUsage(cpuStart);
      if (!times.has(what)) times.set(what, { clock: [], cpu: [] });
      times.get(what)!.clock.push(performance.now() - start);
      times.get(what)!.cpu.push((user + system) / 1000);
      return outcome;
    };
    let storeBytes = 0;
    for (let run = 0; run < runs; run++) {
      const file = join(folder, `${run}.sqlite`);
      await timed('yardstick: read the CSV file', () => readCsv(csv, () => {}));
      await timed('import', async () => {
        const store = new BarStore(file);
        await readCsv(csv, part => store.put(KEY, part));
        store.close();
      });
      const store = new BarStore(file, { readOnly: true });
      const read = await timed('load', () => store.read(KEY));
      checkSame(bars, read);
      for (let day = 0; day < 40; day++) {
        const from = bars.time[0] + Math.floor((day / 40) * (BARS * 60_000 - DAY));
        const part = await timed('day', () => store.read(KEY, { from, to: from + DAY }));
        if (part.length !== 1440) throw new Error(`a day has ${part.length} bars`);
      }
      await timed('coverage', () => store.coverage(KEY));
      store.close();
      storeBytes = statSync(file).size;
    }
    const row = (what: string, name: string, goal?: number) => {
      const { clock, cpu } = times.get(name)!;
      return { what, ms: median(clock), cpuMs: median(cpu), goal };
    };
    return {
      rows: [
        row('yardstick: read the CSV file, store nothing', 'yardstick: read the CSV file'),
        row('import the CSV file', 'import', 3000),
        row('load all bars into columns', 'load', 300),
        row('one day, 1,440 bars', 'day', 2),
        row('what there is, and its gaps', 'coverage'),
      ],
      csvBytes: statSync(csv).size,
      storeBytes,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The four columns that Binance has beside OHLCV. */
function widened(bars: Bars): Bars {
  const round = (digits: number) => (value: number) => Math.round(value * 10 ** digits) / 10 ** digits;
  const { volume, close } = bars;
  const takerBuyBase = volume.map((value, i) => round(5)(value * (0.4 + (i % 7) / 35)));
  return {
    ...bars,
    extra: {
      quoteVolume: volume.map((value, i) => round(6)(value * close[i])),
      trades: volume.map(value => Math.ceil(value * 3)),
      takerBuyBase,
      takerBuyQuote: takerBuyBase.map((value, i) => round(6)(value * close[i])),
    },
  };
}

function csvText({ length, time, open, high, low, close, volume, extra }: Bars): string {
  const columns = [time, open, high, low, close, volume, ...Object.values(extra)];
  const rows = [['time', 'open', 'high', 'low', 'close', 'volume', ...Object.keys(extra)].join(',')];
  for (let i = 0; i < length; i++) rows.push(columns.map(column => column[i]).join(','));
  return `${rows.join('\n')}\n`;
}

async function readCsv(file: string, take: (bars: Bars) => void): Promise<void> {
  const feed = await csvFeed(file, { symbol: 'BTCUSDT' });
  const { signal } = new AbortController();
  for await (const event of feed.events({ signal, warmup: 0 })) if (event.kind === 'bars') take(event.bars);
}

function checkSame(a: Bars, b: Bars): void {
  const columns = ({ time, open, high, low, close, volume, extra }: Bars) => [
    ...[time, open, high, low, close, volume],
    ...Object.values(extra),
  ];
  const others = columns(b);
  for (const [c, column] of columns(a).entries()) {
    for (let i = 0; i < column.length; i++) {
      if (column[i] !== others[c][i])
        throw new Error(`column ${c}, row ${i}: ${others[c][i]}, not ${column[i]}`);
    }
  }
}

export function storeTable({ rows, csvBytes, storeBytes }: StoreBench): string {
  const lines = rows.map(
    ({ what, ms, cpuMs, goal }) => `| ${what} | ${figure(ms)} | ${figure(cpuMs)} | ${goal ?? ''} |`,
  );
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return [
    '| a million bars of nine columns | ms | ms of processor | goal, ms |',
    '|---|---:|---:|---:|',
    ...lines,
    '',
    `The CSV file has ${megabytes(csvBytes)} MB, the store ${megabytes(storeBytes)} MB.`,
  ].join('\n');
}

function figure(ms: number): string {
  return ms.toFixed(ms < 10 ? 2 : 0);
}

if (import.meta.main) console.log(storeTable(await benchStore()));
