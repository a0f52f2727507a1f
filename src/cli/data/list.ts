import { Command } from 'commander';
import { number, plain, utcTime } from '../../report/console/format.ts';
import { type Column, tableLines } from '../../report/console/table.ts';
import { holesOf } from '../../store/bar-series.ts';
import type { StoredSeries } from '../../store/bars.ts';
import { styleOf } from '../output/terminal.ts';
import { addDataStoreOptions, type DataStoreFlags, withDataStore } from './data-store.ts';
import { addSeriesOptions, chosenSeries, type SeriesFlags } from './series-options.ts';

interface ListFlags extends DataStoreFlags, SeriesFlags {
  readonly json?: boolean;
}

interface ListedSeries extends StoredSeries {
  /** Ranges without bars between its first and its last one that the venue does not account for. */
  readonly gaps: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'venue', least: 6 },
  { title: 'market' },
  { title: 'symbol', least: 6 },
  { title: 'interval', align: 'right' },
  { title: 'bars', align: 'right' },
  { title: 'first (UTC)' },
  { title: 'last (UTC)' },
  { title: 'gaps', align: 'right' },
  { title: 'size', align: 'right' },
];

const EXAMPLES = `
Examples:
  qt data list
  qt data list BTCUSDT
  qt data list --json | jq '.series[].symbol'
`;

export function listCommand(): Command {
  const command = new Command('list')
    .description('List what the store of bars holds.')
    .argument('[symbol]', 'only this one');
  addSeriesOptions(command).option('--json', 'one JSON document on stdout');
  return addDataStoreOptions(command).addHelpText('after', EXAMPLES).action(runList);
}

async function runList(symbol: string | undefined, flags: ListFlags): Promise<void> {
  const series = await withDataStore(flags, { mustExist: true }, store =>
    chosenSeries(store, symbol, undefined, flags).map(
      (one): ListedSeries => ({ ...one, gaps: holesOf(store.coverage(one)).length }),
    ),
  );
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ format: 1, series })}\n`);
    return;
  }
  if (series.length === 0) {
    process.stdout.write(
      symbol === undefined
        ? 'The store is empty: qt data import FILE fills it.\n'
        : `The store has no bars of ${symbol}.\n`,
    );
    return;
  }
  const terminal = styleOf(process.stdout);
  // Who reads it from a pipe wants all columns.
  const style = process.stdout.isTTY ? terminal : { ...terminal, width: Number.POSITIVE_INFINITY };
  const rows = series.map(({ venue, market, symbol, interval, bars, first, last, gaps, bytes }) => [
    ...[venue, market, symbol, interval, number(bars, 0), utcTime(first), utcTime(last)],
    ...[number(gaps, 0), size(bytes)],
  ]);
  process.stdout.write(
    `${tableLines(COLUMNS, rows, style)
      .map(line => plain(style, line))
      .join('\n')}\n`,
  );
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${number(bytes / 1e3, 0)} kB` : `${number(bytes / 1e6, 1)} MB`;
}
