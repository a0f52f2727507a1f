import { Command } from 'commander';
import { InputError } from '../../model/errors.ts';
import { number, paint, type TerminalStyle, utcTime } from '../../report/console/format.ts';
import { checkSeries } from '../../store/bar-check.ts';
import type { Finding } from '../../store/bar-finding.ts';
import { seriesName } from '../../store/bar-series.ts';
import type { BarStore, SeriesKey } from '../../store/bars.ts';
import { EXIT } from '../output/failure.ts';
import { writeAll } from '../output/output.ts';
import { styleOf } from '../output/terminal.ts';
import { addDataStoreOptions, type DataStoreFlags, withDataStore } from './data-store.ts';
import { addSeriesOptions, chosenSeries, type SeriesFlags } from './series-options.ts';

interface CheckFlags extends DataStoreFlags, SeriesFlags {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  qt data check                         the whole store
  qt data check BTCUSDT                 all intervals of one symbol, also against each other
  qt data check BTCUSDT 1m --json

Exit codes: 0 nothing is wrong, 1 something is.
`;

export function checkCommand(): Command {
  const command = new Command('check')
    .description('Look for gaps, duplicates, impossible bars, and bars that contradict each other.')
    .argument('[symbol]', 'only this one')
    .argument('[interval]', 'only this one, within itself');
  addSeriesOptions(command).option('--json', 'one JSON document on stdout');
  return addDataStoreOptions(command).addHelpText('after', EXAMPLES).action(runCheck);
}

async function runCheck(
  symbol: string | undefined,
  interval: string | undefined,
  flags: CheckFlags,
): Promise<void> {
  await withDataStore(flags, { readOnly: true }, store => {
    store.checkStructure();
    const series = chosenSeries(store, symbol, interval, flags);
    if (series.length === 0 && symbol !== undefined) {
      throw new InputError(
        'SERIES_UNKNOWN',
        `the store ${store.file} has no bars of ${symbol} ${interval ?? ''}`.trim(),
        {
          value: symbol,
          fix: 'qt data list shows what there is',
        },
      );
    }
    const found = { count: 0 };
    const pieces = flags.json === true ? asJson(store, series, found) : asText(store, series, found);
    writeAll(process.stdout, pieces);
    if (found.count > 0) process.exitCode = EXIT.found;
  });
}

function* asText(store: BarStore, series: readonly SeriesKey[], found: { count: number }): Generator<string> {
  const style = styleOf(process.stdout);
  for (const finding of checkSeries(store, series)) {
    found.count++;
    yield `${line(finding, style)}\n`;
  }
  const what = `${number(series.length, 0)} series`;
  yield found.count === 0
    ? `${what} checked: nothing is wrong\n`
    : `${what} checked: ${number(found.count, 0)} finding${found.count === 1 ? '' : 's'}\n`;
}

function line({ kind, series, from, to, problem }: Finding, style: TerminalStyle): string {
  const colour = kind === 'gap' ? 'yellow' : 'red';
  return `${paint(style, colour, kind.padEnd(13))} ${seriesName(series)}  ${utcTime(from)} to ${utcTime(to)} UTC  ${problem}`;
}

function* asJson(store: BarStore, series: readonly SeriesKey[], found: { count: number }): Generator<string> {
  yield `{"format":1,"series":${JSON.stringify(series)},"findings":[`;
  for (const finding of checkSeries(store, series)) {
    const { kind, series, from, to, bars, problem } = finding;
    const { venue, market, symbol, interval } = series;
    yield `${found.count++ === 0 ? '' : ','}${JSON.stringify({ kind, venue, market, symbol, interval, from, to, bars, problem })}`;
  }
  yield ']}\n';
}
