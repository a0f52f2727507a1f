import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { InputError } from '../../model/errors.ts';
import { number } from '../../report/console/format.ts';
import { seriesName } from '../../store/bar-series.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { addDataStoreOptions, type DataStoreFlags, withDataStore } from './data-store.ts';
import {
  addRangeOptions,
  addSeriesOptions,
  oneSeries,
  type RangeFlags,
  rangeOf,
  type SeriesFlags,
} from './series-options.ts';

interface DeleteFlags extends DataStoreFlags, SeriesFlags, RangeFlags {
  readonly yes?: boolean;
}

const EXAMPLES = `
Examples:
  qt data delete BTCUSDT 1m
  qt data delete BTCUSDT 1m --from 2024-03-01 --to 2024-03-02 --yes
`;

export function deleteCommand(): Command {
  const command = new Command('delete')
    .description('Remove bars from the store.')
    .argument('<symbol>', 'symbol')
    .argument('[interval]', 'bar length (default: the only one that there is)');
  addRangeOptions(addSeriesOptions(command)).option('--yes', 'do not ask');
  return addDataStoreOptions(command).addHelpText('after', EXAMPLES).action(runDelete);
}

async function runDelete(symbol: string, interval: string | undefined, flags: DeleteFlags): Promise<void> {
  const range = rangeOf(flags);
  await withDataStore(flags, { mustExist: true }, async store => {
    const series = oneSeries(store, symbol, interval, flags);
    if (flags.yes !== true) {
      const part = flags.from === undefined && flags.to === undefined ? '' : 'of the range ';
      await ask(`Delete the bars ${part}of ${seriesName(series)}?`);
    }
    const removed = store.delete(series, range);
    process.stdout.write(`Deleted ${number(removed, 0)} bars of ${seriesName(series)}\n`);
  });
}

/** Throws unless the answer is yes. */
async function ask(question: string): Promise<void> {
  const { stdin: input, stdout: output } = process;
  if (input.isTTY !== true || output.isTTY !== true) {
    throw new InputError('NO_TERMINAL', 'to delete wants a yes, and there is no terminal to ask on', {
      fix: 'add --yes',
    });
  }
  const prompt = createInterface({ input, output });
  try {
    const answer = await prompt.question(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  throw new CliError(EXIT.interrupted, 'NOT_CONFIRMED', 'nothing was deleted');
}
