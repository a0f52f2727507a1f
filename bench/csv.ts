// npx node bench/csv.ts: how fast CSV becomes columns, beside the parsers one would pick instead.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { csvFeed } from '../src/feeds/csv/csv.ts';
import type { CsvFile } from '../src/feeds/csv/decompress.ts';
import { SkippedRows } from '../src/feeds/csv/errors.ts';
import { INTERNALS } from '../src/feeds/csv/options.ts';
import { readBars } from '../src/feeds/csv/reader.ts';
import { checkColumns, csvPeers, type SixColumns } from './csv-peers.ts';
import { median } from './median.ts';

const ROWS = 1_000_000;
const SELF = fileURLToPath(import.meta.url);

export interface CsvBenchRow {
  readonly parser: string;
  /** Median of the runs. */
  readonly ms: number;
  /** Processor time of the process, all its threads; median. On a busy machine it tells more than the clock. */
  readonly cpuMs: number;
  readonly megabytesPerSecond: number;
  /** This library's speed over this parser's, by processor time. */
  readonly ratio: number;
}

/** Times this library and every installed peer on the same file of a million rows, in turns. */
export async function benchCsv(runs = 7): Promise<CsvBenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'qt-bench-csv-'));
  try {
    const path = join(folder, 'bars.csv');
    const bytes = writeBars(path, ROWS);
    const parsers = new Map<string, (path: string) => Promise<SixColumns[]>>([['qt-trader', own]]);
    for (const [name, peer] of csvPeers()) {
      parsers.set(name, async file => {
        const columns = await peer(file);
        checkColumns(columns);
        return [columns];
      });
    }
    const times = new Map(
      [...parsers.keys()].map(name => [name, { clock: [] as number[], cpu: [] as number[] }]),
    );
    let expected: number | undefined;
    // The first round warms up and is not counted; peers that take seconds get fewer rounds.
    for (let run = 0; run <= runs; run++) {
      for (const [name, parse] of parsers) {
        if (name !== 'qt-trader' && run > 3) continue;
        const start = performance.now();
        const cpuStart = process.cpuUsage();
        const chunks = await parse(path);
        if (run > 0) {
          const { user, system } = process.cpuUsage(cpuStart);
          times.get(name)!.clock.push(performance.now() - start);
          times.get(name)!.cpu.push((user + system) / 1000);
        }
        const sum = chunks.reduce((total, columns) => total + checksum(columns), 0);
        expected ??= sum;
        if (sum !== expected) throw new Error(`${name} read other numbers: ${sum} instead of ${expected}`);
      }
    }
    const ours = median(times.get('qt-trader')!.cpu);
    return [...times].map(([parser, { clock, cpu }]) => {
      const ms = median(clock);
      const cpuMs = median(cpu);
      return { parser, ms, cpuMs, megabytesPerSecond: bytes / 1000 / ms, ratio: cpuMs / ours };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function own(path: string): Promise<SixColumns[]> {
  const chunks: SixColumns[] = [];
  const feed = await csvFeed(path);
  for await (const event of feed.events({ signal: new AbortController().signal, warmup: 0 })) {
    if (event.kind !== 'bars') continue;
    const { time, open, high, low, close, volume } = event.bars;
    chunks.push([time, open, high, low, close, volume]);
  }
  return chunks;
}

/** A whole number that every value has a part in, so that it does not depend on the order of additions. */
function checksum(columns: SixColumns): number {
  let sum = 0;
  for (const column of columns)
    for (let i = 0; i < column.length; i++) sum += Math.round(column[i] * 1e5) % 65_537;
  return sum;
}

/** Writes `rows` bars of one minute: a random walk from a fixed seed, prices in cents, volumes in 1e-5. */
function writeBars(path: string, rows: number): number {
  let state = 20_240_102;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const output = openSync(path, 'w');
  let text = 'time,open,high,low,close,volume\n';
  let price = 42_000;
  for (let i = 0; i < rows; i++) {
    const open = price;
    const close = Math.max(1000, Math.round((open + (random() - 0.5) * 40) * 100) / 100);
    const high = Math.max(open, close) + random() * 10;
    const low = Math.min(open, close) - random() * 10;
    const volume = random() ** 3 * 100;
    text += `${1_704_067_200_000 + i * 60_000},${open.toFixed(2)},${high.toFixed(2)},${low.toFixed(2)},${close.toFixed(2)},${volume.toFixed(5)}\n`;
    price = close;
    if (text.length > 1 << 20) {
      writeSync(output, text);
      text = '';
    }
  }
  writeSync(output, text);
  closeSync(output);
  return statSync(path).size;
}

export interface CsvMemory {
  readonly rows: number;
  readonly megabytes: number;
  /** How far the process's resident memory rose above what it was before the first row, at most. */
  readonly growthMegabytes: number;
}

/** Peak memory while `rows` rows are read, from a generated source, in a process of its own. */
export function csvMemory(rows: number): CsvMemory {
  const child = spawnSync(process.execPath, [SELF, '--memory', String(rows)], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as CsvMemory;
}

async function measureMemory(rows: number): Promise<CsvMemory> {
  const line = '1704067200000,42000.25,42010.50,41990.75,42005.00,12.34567\n';
  const block = Buffer.from(line.repeat(10_000));
  let made = 0;
  let left = Buffer.alloc(0);
  let bytes = 0;
  const source = {
    async read(target: Uint8Array): Promise<number> {
      if (left.length === 0 && made < rows) {
        left = block.subarray(0, Math.min(10_000, rows - made) * line.length);
        // Digit by digit: strings would be garbage that is not the parser's.
        for (let row = 0; row < left.length; row += line.length) {
          let stamp = 1_704_067_200_000 + made++ * 60_000;
          for (let at = row + 12; at >= row; at--) {
            left[at] = 48 + (stamp % 10);
            stamp = Math.floor(stamp / 10);
          }
        }
      }
      const part = left.subarray(0, target.length);
      target.set(part);
      left = left.subarray(part.length);
      bytes += part.length;
      return part.length;
    },
  };
  const file: CsvFile = {
    notes: [],
    progress: () => made / rows,
    async *texts() {
      yield { name: 'generated', source };
    },
    close: async () => {},
  };
  const before = process.memoryUsage.rss();
  let peak = before;
  let read = 0;
  const pass = {
    options: {},
    internals: INTERNALS,
    base: 'X',
    signal: undefined,
    skipped: new SkippedRows(),
    format: undefined,
  };
  for await (const bars of readBars(file, pass)) {
    read += bars.length;
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  return { rows: read, megabytes: bytes / 1e6, growthMegabytes: (peak - before) / 1e6 };
}

/** The rows as a Markdown table. */
export function csvTable(rows: readonly CsvBenchRow[]): string {
  const lines = rows.map(row => {
    const own = row.parser === 'qt-trader';
    const cells = [
      row.parser,
      row.ms.toFixed(0),
      row.megabytesPerSecond.toFixed(0),
      row.cpuMs.toFixed(0),
      ((row.megabytesPerSecond * row.ms) / row.cpuMs).toFixed(0),
      own ? '' : `${row.ratio.toFixed(1)} ×`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const missing = rows.length < 4 ? ['', 'Some peers are missing: run npm install in bench/peers/csv.'] : [];
  return [
    '| parser | median ms | MB/s | CPU ms | MB per CPU second | ours is faster by |',
    '|---|--:|--:|--:|--:|--:|',
    ...lines,
    ...missing,
  ].join('\n');
}

async function main(): Promise<void> {
  const rows = await benchCsv();
  console.log(
    `CSV: ${ROWS.toLocaleString('en')} rows × 6 columns to Float64Array, all values checked; medians`,
  );
  console.log(csvTable(rows));
  const memory = [100_000, 1_000_000, 17_000_000].map(csvMemory);
  console.log('Memory while streaming (resident, above the level before the first row)');
  console.table(
    memory.map(row => ({
      rows: row.rows,
      MB: Math.round(row.megabytes),
      'growth MB': Math.round(row.growthMegabytes),
    })),
  );
}

if (process.argv[1] === SELF) {
  if (process.argv[2] === '--memory')
    console.log(JSON.stringify(await measureMemory(Number(process.argv[3]))));
  else await main();
}
