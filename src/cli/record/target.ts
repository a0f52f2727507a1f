import { type Command, Option } from 'commander';
import type { Series } from '../../feeds/live/contract.ts';
import { parseColumns } from '../../live/record/columns.ts';
import { JSON_LINES } from '../../live/record/json-lines.ts';
import { CSV, type RowFormat } from '../../live/record/row-format.ts';
import { type BarSink, filePath, type OpenSinks, openFiles, streamSink } from '../../live/record/sinks.ts';
import { openStoreSinks } from '../../live/record/store-sink.ts';
import { InputError, type OutputError } from '../../model/errors.ts';
import type { Interval } from '../../model/interval.ts';
import { isKafkaAddress } from '../../streaming/kafka/address.ts';
import { configOf } from '../config/config-options.ts';
import { addDataStoreOptions, type DataStoreFlags, dataStoreOf } from '../data/data-store.ts';
import type { RecordOutput } from './output.ts';

const FORMATS = ['csv', 'jsonl', 'sqlite'] as const;
type Format = (typeof FORMATS)[number];

export interface TargetFlags extends DataStoreFlags {
  readonly format?: Format;
  readonly out?: string;
  readonly columns?: string;
  readonly header: boolean;
  readonly sync?: boolean;
  readonly json?: boolean;
  readonly sink?: string;
  readonly topic?: string;
}

/** Where a recording goes: to the data store, or to files (or stdout) of lines. */
export type Target =
  | {
      readonly kind: 'store';
      readonly file: string;
      readonly venue: string;
      /** The option that names another. */
      readonly option: string;
    }
  | {
      readonly kind: 'lines';
      /** Undefined: the JSON on stdout has the bars already. */
      readonly out: string | undefined;
      readonly format: RowFormat;
      readonly option: '--out';
    }
  | {
      readonly kind: 'topics';
      readonly address: string;
      readonly venue: string;
      readonly option: '--sink';
    };

/** What a file's name says of its format. */
const ENDINGS: readonly (readonly [RegExp, Format])[] = [
  [/\.(jsonl|ndjson)$/i, 'jsonl'],
  [/\.(sqlite3?|db)$/i, 'sqlite'],
];

export function addTargetOptions(command: Command): Command {
  command
    .addOption(
      new Option('--format <format>', 'what to write (default: as --out ends, else csv)').choices(FORMATS),
    )
    .option(
      '--out <file>',
      '{symbol}, {SYMBOL} and {interval} are filled in; without {symbol} one file for all; - for stdout (default: {symbol}-{interval}.csv)',
    )
    .option('--sink <address>', 'Kafka topics instead of files: kafka://HOST:9092')
    .option('--topic <template>', 'of --sink: {symbol}, {venue}, {channel}, any text (default: {symbol})')
    .option('--columns <list>', 'names with commas between, or a set: default, ohlcv, binance')
    .option('--no-header', 'begin a new CSV file without the names of its columns')
    .option('--sync', 'wait for the disk after every row (default: once a second)');
  return addDataStoreOptions(command);
}

/** Where the flags want the bars; `venue`: whose they are. Throws `OPTION_INVALID`. */
export async function targetOf(flags: TargetFlags, venue: string): Promise<Target> {
  const { out, dataStore, json } = flags;
  if (flags.sink !== undefined) return topicTarget(flags.sink, flags, venue);
  if (flags.topic !== undefined) throw needless('--topic', '--sink kafka://…');
  const ending = ENDINGS.find(([pattern]) => pattern.test(out ?? ''))?.[1];
  const format = flags.format ?? ending ?? (dataStore === undefined ? 'csv' : 'sqlite');
  if (format !== 'sqlite') {
    if (format === 'jsonl' && !flags.header) throw conflict('--no-header', '--format jsonl');
    const isSaid = out !== undefined || flags.format !== undefined;
    const file = json === true && !isSaid ? undefined : (out ?? `{symbol}-{interval}.${format}`);
    return {
      kind: 'lines',
      out: file === '-' && json === true ? undefined : file,
      format: format === 'csv' ? CSV : JSON_LINES,
      option: '--out',
    };
  }
  if (out !== undefined && dataStore !== undefined) throw conflict('--out', '--data-store');
  if (out === '-') throw conflict('--out -', '--format sqlite');
  if (flags.columns !== undefined) throw conflict('--columns', '--format sqlite');
  if (!flags.header) throw conflict('--no-header', '--format sqlite');
  const file = out ?? dataStoreOf(flags, await configOf(flags));
  return { kind: 'store', file, venue, option: out === undefined ? '--data-store' : '--out' };
}

/** The file that takes a symbol. */
export function pathOf(target: Target, symbol: string, interval: Interval): string {
  if (target.kind === 'topics') return target.address.split('?')[0];
  return target.kind === 'store' ? target.file : filePath(target.out ?? '-', symbol, interval);
}

function topicTarget(address: string, flags: TargetFlags, venue: string): Target {
  if (!isKafkaAddress(address)) {
    throw new InputError('SINK_UNKNOWN', `--sink was "${address}"`, {
      value: address,
      fix: 'give kafka://HOST:9092; files are given by --out, the data store by --format sqlite',
    });
  }
  for (const name of ['out', 'format', 'columns'] as const) {
    if (flags[name] !== undefined) throw conflict(`--${name}`, '--sink');
  }
  if (!flags.header) throw conflict('--no-header', '--sink');
  // As the records of a collection call it.
  return { kind: 'topics', address, venue: venue === 'binance' ? 'binance-spot' : venue, option: '--sink' };
}

/** Opens all of a recording's files, or none. */
export async function openTarget(
  target: Target,
  series: readonly (Series & { readonly interval: Interval })[],
  flags: TargetFlags,
  output: RecordOutput,
  onFailure: (error: OutputError) => void,
): Promise<OpenSinks> {
  const symbols = series.map(({ symbol }) => symbol);
  const common = { symbols, interval: series[0].interval, sync: flags.sync ?? false, onFailure };
  if (target.kind === 'topics') {
    // Who records to files need not load a client of brokers.
    const { openKlineTopics } = await import('../sinks/kafka-sink.ts');
    const { address, venue } = target;
    return openKlineTopics(address, { topic: flags.topic, venue, symbols, interval: series[0].interval });
  }
  if (target.kind === 'store') return openStoreSinks({ ...common, ...target, market: 'spot' });
  const { out, format } = target;
  const options = {
    ...common,
    format,
    columns: flags.columns === undefined ? undefined : parseColumns([flags.columns]),
    header: flags.header,
  };
  if (out !== undefined && out !== '-') return openFiles({ ...options, out });
  const stdout = out === undefined ? NOWHERE : streamSink(process.stdout, options);
  const sink: BarSink = {
    ...stdout,
    write(one, bars) {
      output.beforeRows();
      return stdout.write(one, bars);
    },
  };
  return { of: new Map(symbols.map(symbol => [symbol, sink])), files: [], different: 0, close() {} };
}

const NOWHERE: BarSink = { last: () => undefined, write: () => {} };

function needless(option: string, other: string): InputError {
  return new InputError('OPTION_INVALID', `${option} was given without ${other}`, {
    value: option,
    fix: `add ${other}, or leave it out`,
  });
}

function conflict(option: string, other: string): InputError {
  return new InputError('OPTION_INVALID', `${option} was given with ${other}`, {
    value: option,
    limit: other,
    fix: `leave out one of them; --format is ${FORMATS.join(', ')}`,
  });
}
