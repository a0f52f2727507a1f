import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Command } from 'commander';
import {
  isSynthetic,
  SYNTHETIC_PREFIX,
  syntheticCsv,
  syntheticFileName,
} from '../../feeds/synthetic/file.ts';
import { SYNTHETIC_DEFAULTS, syntheticBars } from '../../feeds/synthetic/synthetic.ts';
import { InputError } from '../../model/errors.ts';
import { parseInterval } from '../../model/interval.ts';
import { number, utcTime } from '../../report/console/format.ts';
import { shown } from '../files/shown.ts';
import { parseCount, parseTime } from '../options/options.ts';

interface SampleFlags {
  readonly seed?: string;
  readonly symbol: string;
  readonly interval: string;
  readonly bars?: string;
  readonly from?: string;
  readonly out?: string;
}

const EXAMPLES = `
Examples:
  qt data sample                                       synthetic-btcusdt-4h.csv: four years
  qt data sample --symbol ETHUSDT                      moves with the former, as coins do
  qt data sample --interval 1m --bars 1000000 --out data/synthetic-million.csv
  qt data sample --seed 7 --from 2020-01-01

The same options write the same bytes on every machine. The prices are made up: good for trying things out and for
tests, worthless as evidence that a strategy earns money.
`;

export function sampleCommand(): Command {
  const { seed, symbol, interval, bars, from } = SYNTHETIC_DEFAULTS;
  return new Command('sample')
    .description('Write synthetic bars to a CSV file.')
    .option('--seed <n>', `a whole number; another seed is another market (default: ${seed})`)
    .option('--symbol <name>', 'symbol; those of one seed are correlated', symbol)
    .option('--interval <interval>', 'bar length', interval)
    .option('--bars <n>', `how many (default: ${bars})`)
    .option('--from <time>', `open of the first bar (default: ${utcTime(from).slice(0, 10)})`)
    .option('--out <file>', `file, its name beginning with "${SYNTHETIC_PREFIX}"; replaced if it exists`)
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(runSample);
}

async function runSample(flags: SampleFlags): Promise<void> {
  const interval = parseInterval(flags.interval);
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(flags.symbol)) {
    throw new InputError('OPTION_INVALID', `--symbol was "${flags.symbol}"`, {
      value: flags.symbol,
      fix: 'give letters and digits, such as BTCUSDT',
    });
  }
  const symbol = flags.symbol.toUpperCase();
  const file = resolve(flags.out ?? syntheticFileName({ symbol, interval }));
  // The name is the mark by which every report tells made-up data from real; it also keeps real files safe.
  if (!isSynthetic(file)) {
    throw new InputError('SAMPLE_NAME', `--out was "${basename(file)}"`, {
      value: flags.out,
      fix: `let the name begin with "${SYNTHETIC_PREFIX}", by which reports know that the data is made up`,
    });
  }
  const bars = syntheticBars({
    symbol,
    interval,
    ...(flags.seed === undefined ? {} : { seed: parseCount('--seed', flags.seed) }),
    ...(flags.bars === undefined ? {} : { bars: parseCount('--bars', flags.bars, 1) }),
    ...(flags.from === undefined ? {} : { from: parseTime('--from', flags.from) }),
  });
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.part`;
  try {
    await writeFile(draft, syntheticCsv(bars));
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  const last = bars.time[bars.length - 1];
  process.stdout.write(
    `Wrote ${shown(file)}: ${number(bars.length, 0)} synthetic bars, ${utcTime(bars.time[0])} to ${utcTime(last)} UTC\n`,
  );
}
