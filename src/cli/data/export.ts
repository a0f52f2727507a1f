import { closeSync, openSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { OutputError } from '../../model/errors.ts';
import { number } from '../../report/console/format.ts';
import { seriesName } from '../../store/bar-series.ts';
import { shown } from '../files/shown.ts';
import { writeAll } from '../output/output.ts';
import { addDataStoreOptions, type DataStoreFlags, withDataStore } from './data-store.ts';
import { EXPORT_FORMATS, type ExportFormatName } from './export-formats.ts';
import {
  addRangeOptions,
  addSeriesOptions,
  oneSeries,
  type RangeFlags,
  rangeOf,
  type SeriesFlags,
} from './series-options.ts';

interface ExportFlags extends DataStoreFlags, SeriesFlags, RangeFlags {
  readonly format?: ExportFormatName;
  readonly out?: string;
}

const EXAMPLES = `
Examples:
  qt data export BTCUSDT 1h > btcusdt-1h.csv
  qt data export BTCUSDT 1m --from 2024-01-01 --to 2024-02-01 --out january.csv
  qt data export BTCUSDT 1h --format jsonl | jq .close

The numbers are exact: read back, they are the same. Times are when the bars opened, UTC.
`;

export function exportCommand(): Command {
  const command = new Command('export')
    .description('Write bars of the store as CSV or JSON.')
    .argument('<symbol>', 'symbol')
    .argument('[interval]', 'bar length (default: the only one that there is)');
  addRangeOptions(addSeriesOptions(command))
    .addOption(
      new Option('--format <format>', "what to write (default: by the file's name, else csv)").choices(
        Object.keys(EXPORT_FORMATS),
      ),
    )
    .option('--out <file>', 'file, replaced if it exists (default: stdout)');
  return addDataStoreOptions(command).addHelpText('after', EXAMPLES).action(runExport);
}

async function runExport(symbol: string, interval: string | undefined, flags: ExportFlags): Promise<void> {
  const range = rangeOf(flags);
  await withDataStore(flags, { readOnly: true }, async store => {
    const series = oneSeries(store, symbol, interval, flags);
    const write = EXPORT_FORMATS[flags.format ?? formatOf(flags.out)];
    const pieces = () => write(series, store.chunks(series, range));
    if (flags.out === undefined) {
      writeAll(process.stdout, pieces());
      return;
    }
    const file = resolve(flags.out);
    await writeWhole(file, pieces());
    const bars = store.count(series, range);
    process.stdout.write(`Wrote ${shown(file)}: ${number(bars, 0)} bars of ${seriesName(series)}\n`);
  });
}

function formatOf(file: string | undefined): ExportFormatName {
  const ending = file?.toLowerCase().split('.').at(-1);
  return ending === 'json' || ending === 'jsonl' ? ending : 'csv';
}

/** Writes the file, all of it or nothing. */
async function writeWhole(file: string, pieces: Iterable<string>): Promise<void> {
  const draft = `${file}.${process.pid}.part`;
  try {
    await mkdir(dirname(file), { recursive: true });
    const fd = openSync(draft, 'w');
    try {
      writeAll({ fd }, pieces);
    } finally {
      closeSync(fd);
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
    throw new OutputError('EXPORT_NOT_WRITABLE', `${shown(file)} cannot be written: ${message}`, {
      value: file,
      fix: 'check the path, the permissions and the free space',
      cause: error,
    });
  }
}
