import { setImmediate } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { csvFeed } from '../../feeds/csv/csv.ts';
import { isSynthetic, syntheticSymbol } from '../../feeds/synthetic/file.ts';
import type { Bars } from '../../model/bars.ts';
import { InputError } from '../../model/errors.ts';
import { barStart, type Interval, parseInterval } from '../../model/interval.ts';
import { number, paint, utcTime } from '../../report/console/format.ts';
import { seriesName } from '../../store/bar-series.ts';
import type { BarStore, PutCounts, SeriesKey } from '../../store/bars.ts';
import { requireFile } from '../files/input-file.ts';
import { shown } from '../files/shown.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { ProgressBar } from '../output/progress-bar.ts';
import { styleOf } from '../output/terminal.ts';
import { addDataStoreOptions, type DataStoreFlags, withDataStore } from './data-store.ts';
import {
  addSeriesOptions,
  DEFAULT_VENUE,
  keyOf,
  type SeriesFlags,
  SYNTHETIC_VENUE,
} from './series-options.ts';

interface ImportFlags extends DataStoreFlags, SeriesFlags {
  readonly symbol?: string;
  readonly interval?: string;
  readonly stamps?: 'open' | 'close';
  readonly onBadRow?: 'error' | 'skip';
  readonly replace?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  qt data import btcusdt-1h.csv
  qt data import BTCUSDT-1m-2024-*.zip
  qt data import dump.csv.gz --symbol ETHUSDT --interval 5m --market usdm
  qt data import export.csv --symbol SAP --interval 1d --venue xetra

Bars that are there already stay as they are. What was interrupted is finished by running the same command again.
`;

export function importCommand(): Command {
  const command = new Command('import')
    .description('Read CSV files of bars into the store.')
    .argument('<file...>', 'CSV files, plain, gzip or zip')
    .option('--symbol <name>', 'symbol of the files (default: from their names)')
    .option('--interval <interval>', 'bar length: 1m, 4h, 1d (default: found)')
    .addOption(
      new Option('--stamps <meaning>', 'what the time of a bar means (default: open)').choices([
        'open',
        'close',
      ]),
    );
  addSeriesOptions(command)
    .addOption(
      new Option('--on-bad-row <what>', 'rows that cannot be read (default: error)').choices([
        'error',
        'skip',
      ]),
    )
    .option('--replace', 'where bars differ from those in the store, take those of the file')
    .option('--json', 'one JSON document on stdout');
  return addDataStoreOptions(command).addHelpText('after', EXAMPLES).action(runImport);
}

async function runImport(names: readonly string[], flags: ImportFlags): Promise<void> {
  const files: string[] = [];
  for (const name of names) files.push(await requireFile(name, 'data file'));
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort());
  try {
    const imported: ImportedFile[] = [];
    await withDataStore(flags, {}, async store => {
      for (const file of files) {
        const one = await importFile(store, file, flags, controller.signal);
        imported.push(one);
        if (flags.json !== true) process.stdout.write(`${lines(one, flags).join('\n')}\n`);
      }
    });
    if (flags.json === true) process.stdout.write(`${JSON.stringify({ format: 1, files: imported })}\n`);
  } finally {
    release();
  }
}

interface ImportedFile extends PutCounts, SeriesKey {
  readonly file: string;
  readonly bars: number;
  /** Open times of the first and the last bar, epoch ms UTC. */
  readonly first: number;
  readonly last: number;
  readonly notes: readonly string[];
}

async function importFile(
  store: BarStore,
  file: string,
  flags: ImportFlags,
  signal: AbortSignal,
): Promise<ImportedFile> {
  const madeUp = isSynthetic(file);
  const symbol = flags.symbol ?? (madeUp ? syntheticSymbol(file) : undefined);
  const feed = await csvFeed(shown(file), {
    ...(symbol === undefined ? {} : { symbol }),
    ...(flags.interval === undefined ? {} : { interval: parseInterval(flags.interval) }),
    ...(flags.stamps === undefined ? {} : { stamps: flags.stamps }),
    ...(flags.onBadRow === undefined ? {} : { onBadRow: flags.onBadRow }),
  });
  if (symbol === undefined && feed.instrument.symbol === 'DATA') {
    throw new InputError('SYMBOL_MISSING', `the name of ${shown(file)} tells no symbol`, {
      value: file,
      fix: 'give it with --symbol',
    });
  }
  const venue = madeUp ? SYNTHETIC_VENUE : (flags.venue ?? DEFAULT_VENUE);
  const key = keyOf(feed.instrument.symbol, feed.interval, { ...flags, venue });
  const progress = new ProgressBar(process.stderr, styleOf(process.stderr));
  const counts = { added: 0, same: 0, different: 0 };
  let bars = 0;
  let first = Number.NaN;
  let last = Number.NaN;
  try {
    for await (const event of feed.events({ signal, warmup: 0 })) {
      if (event.kind !== 'bars') continue;
      const opened = feed.stamps === 'open' ? event.bars : byOpen(event.bars, feed.interval);
      const put = store.put(key, opened, { replace: flags.replace === true });
      for (const name of ['added', 'same', 'different'] as const) counts[name] += put[name];
      if (bars === 0) first = opened.time[0];
      last = opened.time[opened.length - 1];
      bars += opened.length;
      progress.update({ bars, time: last, done: feed.progress?.() ?? Number.NaN });
      // Ctrl-C is to be heard.
      await setImmediate();
      if (signal.aborted) break;
    }
  } finally {
    progress.clear();
  }
  if (signal.aborted) {
    throw new CliError(
      EXIT.interrupted,
      'INTERRUPTED',
      `stopped; ${number(bars, 0)} bars of ${shown(file)} are in the store`,
      {
        fix: 'run the same command again to finish it',
      },
    );
  }
  return { file: shown(file), ...key, bars, first, last, ...counts, notes: feed.notes?.() ?? [] };
}

/** The same bars, stamped when they opened. */
function byOpen(bars: Bars, interval: Interval): Bars {
  return { ...bars, time: bars.time.map(time => barStart(time, interval)) };
}

function lines(one: ImportedFile, { replace }: ImportFlags): string[] {
  const { file, bars, first, last, added, same, different, notes } = one;
  const style = styleOf(process.stdout);
  const counts = [
    `${number(added, 0)} added`,
    ...(same > 0 ? [`${number(same, 0)} already there`] : []),
    ...(different > 0 && replace === true ? [`${number(different, 0)} replaced`] : []),
  ];
  const differ =
    different > 0 && replace !== true
      ? [
          `  ${different === 1 ? '1 bar differs from the one' : `${number(different, 0)} bars differ from those`} in the store, which ${different === 1 ? 'was' : 'were'} kept; --replace takes what the file has`,
        ]
      : [];
  return [
    `${file}: ${seriesName(one)}, ${number(bars, 0)} bars from ${utcTime(first)} to ${utcTime(last)} UTC: ${counts.join(', ')}`,
    ...differ.map(line => paint(style, 'yellow', line)),
    ...notes.map(note => paint(style, 'dim', `  ${note}`)),
  ];
}
