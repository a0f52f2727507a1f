import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll } from 'vitest';
import { openCsvFeed } from '../../src/feeds/csv/csv.ts';
import { type CsvInternals, type CsvOptions, INTERNALS } from '../../src/feeds/csv/options.ts';
import type { DataFeed } from '../../src/feeds/feed.ts';
import type { DataError } from '../../src/model/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-csv-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a file of the test's own folder; returns its path. */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export const HEAD = 'Date,Open,High,Low,Close,Volume\n';

/** So many good rows that the bad one comes after the part by which the format is recognised. */
export const LONG =
  HEAD +
  Array.from(
    { length: 3000 },
    (_, i) => `${new Date(Date.UTC(2015, 0, 1 + i)).toISOString().slice(0, 10)},10,12.5,9.5,11,100\n`,
  ).join('');

export interface Row {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  [extra: string]: number;
}

/** All bars of a feed as rows, extra columns under their names. */
export async function rowsOf(feed: DataFeed): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const event of feed.events({ signal: new AbortController().signal, warmup: 0 })) {
    if (event.kind !== 'bars') throw new Error(`unexpected ${event.kind}`);
    const { bars } = event;
    for (let i = 0; i < bars.length; i++) {
      const row: Row = {
        time: bars.time[i],
        open: bars.open[i],
        high: bars.high[i],
        low: bars.low[i],
        close: bars.close[i],
        volume: bars.volume[i],
      };
      for (const name of Object.keys(bars.extra)) row[name] = bars.extra[name][i];
      rows.push(row);
    }
  }
  return rows;
}

export async function open(
  content: string | Uint8Array,
  options: CsvOptions = {},
  internals: Partial<CsvInternals> = {},
  name = 'xyz-1d.csv',
): Promise<DataFeed> {
  return openCsvFeed(file(name, content), options, { ...INTERNALS, ...internals });
}

/** The bars of a text, read in one go. */
export async function read(
  content: string | Uint8Array,
  options: CsvOptions = {},
  internals: Partial<CsvInternals> = {},
): Promise<Row[]> {
  return rowsOf(await open(content, options, internals));
}

/** The error that reading a text ends in. */
export async function failure(
  content: string | Uint8Array,
  options: CsvOptions = {},
  internals: Partial<CsvInternals> = {},
): Promise<DataError> {
  try {
    await read(content, options, internals);
  } catch (error) {
    return error as DataError;
  }
  throw new Error('nothing was wrong');
}

/** A zip with the given entries, in the given order. */
export function zip(entries: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(plain.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('504b01021400', 'hex'), common, tail, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('504b0506', 0, 'hex');
  end.writeUInt16LE(Object.keys(entries).length, 8);
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
