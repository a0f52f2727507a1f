import type { Bars } from '../../model/bars.ts';
import { DataError } from '../../model/errors.ts';
import { instrument } from '../../model/instrument.ts';
import { parseInterval } from '../../model/interval.ts';
import type { DataFeed, FeedEvent } from '../feed.ts';
import { checkInterval, commonInterval } from '../interval.ts';
import { type CsvFile, openCsvFile } from './decompress.ts';
import { SkippedRows } from './errors.ts';
import { type CsvInternals, type CsvOptions, checkOptions, INTERNALS } from './options.ts';
import { type CsvPass, readBars } from './reader.ts';
import { symbolOf } from './symbol.ts';

export { type CsvColumns, type CsvOptions, REVERSE_LIMIT } from './options.ts';

/** Bars that the interval is told by. */
const OPENING_ROWS = 1000;

/**
 * A feed of the bars in a CSV file: plain, gzip or zip, of any layout that has a time and four prices a row.
 * Opening reads the beginning, up to the first thousand bars; `events` streams the file in constant memory, each
 * call from its start. Times are epoch ms UTC. Throws a DataError that names file, line and column for whatever
 * cannot be read, an InputError for options that cannot work.
 */
export function csvFeed(path: string, options: CsvOptions = {}): Promise<DataFeed> {
  return openCsvFeed(path, options, INTERNALS);
}

/** As {@link csvFeed}, with the sizes that tests vary. */
export async function openCsvFeed(
  path: string,
  options: CsvOptions,
  internals: CsvInternals,
): Promise<DataFeed> {
  checkOptions(options);
  const terms = options.instrument ?? instrument(options.symbol ?? symbolOf(path));
  const pass = (signal: AbortSignal | undefined, sizes: CsvInternals): CsvPass => ({
    options,
    internals: sizes,
    base: terms.base,
    signal,
    skipped: new SkippedRows(),
    format: undefined,
  });

  const opening = pass(undefined, { ...internals, chunk: OPENING_ROWS });
  const { first, fileNotes } = await firstBars(path, opening);
  const notes = [...fileNotes, ...opening.format!.notes];
  if (first.length === 1 && options.interval === undefined)
    notes.push('there is one bar only: interval taken as 1d');
  const times = options.reverse === true ? first.time.slice().reverse() : first.time;
  const interval = parseInterval(options.interval ?? commonInterval(times));
  checkInterval(interval, times);
  let progress = () => 0;
  let skipped = new SkippedRows();

  return {
    instrument: terms,
    interval,
    stamps: options.stamps ?? 'open',
    columns: opening.format!.extras,
    ...(options.tradingDay === undefined ? {} : { tradingDay: options.tradingDay }),
    progress: () => progress(),
    notes: () => [...notes, ...skipped.notes()],
    async *events({ signal }): AsyncGenerator<FeedEvent> {
      const run = pass(signal, internals);
      skipped = run.skipped;
      const file = await openCsvFile(path);
      progress = file.progress;
      try {
        const chunks = readBars(file, run);
        for await (const bars of options.reverse === true ? reversed(chunks, path, internals) : chunks) {
          if (signal.aborted) return;
          yield { kind: 'bars', bars, phase: 'run', late: false };
        }
      } finally {
        await file.close();
      }
    },
  };
}

/** The first bars, in the file's order. */
async function firstBars(
  path: string,
  pass: CsvPass,
): Promise<{ first: Bars; fileNotes: readonly string[] }> {
  let file: CsvFile | undefined;
  try {
    file = await openCsvFile(path);
    for await (const first of readBars(file, pass)) return { first, fileNotes: file.notes };
  } finally {
    await file?.close();
  }
  const [skipped] = pass.skipped.notes();
  throw new DataError('CSV_NO_ROWS', 'the file has no bars', {
    file: path,
    value: 0,
    limit: 1,
    fix: skipped === undefined ? 'give a file with bars' : `give a file with bars (${skipped})`,
  });
}

/** Bars that come newest first, turned round: all of them must be in memory for that. */
async function* reversed(
  chunks: AsyncIterable<Bars>,
  file: string,
  { reverseLimit }: CsvInternals,
): AsyncGenerator<Bars> {
  const kept: Bars[] = [];
  let rows = 0;
  for await (const bars of chunks) {
    rows += bars.length;
    if (rows > reverseLimit) {
      throw new DataError('CSV_REVERSE_LIMIT', `the file has more than ${reverseLimit} rows to turn round`, {
        file,
        value: rows,
        limit: reverseLimit,
        fix: 'sort the file by time, and leave reverse out',
      });
    }
    kept.push(bars);
  }
  while (kept.length > 0) {
    const bars = kept.pop()!;
    for (const column of [bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume])
      column.reverse();
    for (const column of Object.values(bars.extra)) column.reverse();
    yield bars;
  }
}
