import { Command } from 'commander';
import { liveVenue } from '../../collection/live-venue.ts';
import { InputError } from '../../model/errors.ts';
import { CHANNELS } from '../../model/records.ts';
import type { Venue } from '../../venues/market-data/contract.ts';
import { VENUES } from '../../venues/market-data/index.ts';
import { parseChannels, parseMetrics } from '../capture/options.ts';
import { addConfigOptions } from '../config/config-options.ts';
import { addIniOption, applySettings } from '../config/settings.ts';
import { parsePort } from '../options/options.ts';
import { checkAddresses } from './addresses.ts';
import type { CollectFlags } from './contract.ts';
import { CollectScreen } from './screen.ts';
import { superviseVenues } from './supervisor.ts';
import { collectVenue } from './venue.ts';

const EXAMPLES = `
Examples:
  qt collect --venue okx --symbols BTC-USDT --channels trades,book --sink stdout
  qt collect --venue okx,kraken,bybit --symbols BTC-USDT,ETH-USDT --sink sqlite
  qt collect --venue binance-spot --symbols btcusdt --channels klines --interval 1m --sink csv
  qt collect --venue kraken --symbols BTC-USD --metrics 1s --sink jsonl
  qt collect --venue okx --symbols BTC-USDT --sink kafka://localhost:9092
  qt collect --venue kraken --symbols BTC-USD --capture captures --sink ./my-sink.ts

Each venue is collected by a process of its own: one that dies is started again and does not touch the others.
Ctrl-C ends it when everything is written, exit code 0.
`;

export function collectCommand(): Command {
  const command = new Command('collect')
    .description('Collect trades, books, klines and tickers of exchanges, checked and normalised.')
    .option('--venue <list>', `of ${[...VENUES.keys()].join(', ')}`)
    .option('--symbols <list>', 'in any spelling: BTC-USDT, btcusdt, BTC/USDT')
    .option('--channels <list>', `of ${CHANNELS.join(', ')}`, parseChannels, ['trades', 'book'] as const)
    .option('--interval <interval>', 'of klines', '1m')
    .option(
      '--sink <name...>',
      'sqlite, csv, jsonl, stdout, kafka://HOST:9092 or a module, ./my-sink.ts; a file or folder after a colon: sqlite:btc.sqlite',
    )
    .option('--out <folder>', 'where sinks without a file of their own write', 'collected')
    .option('--capture <folder>', 'write down what comes over the wire, for qt capture')
    .option(
      '--topic <template>',
      'of kafka:// sinks: {symbol}, {venue}, {channel}, any text (default: {symbol})',
    )
    .option('--raw-to <address>', 'send what comes over the wire to a topic: kafka://HOST:9092/raw')
    .option(
      '--metrics-port <port>',
      'serve /metrics for Prometheus on loopback; one more for each further venue',
      text => parsePort('--metrics-port', text),
    )
    .option('--metrics <interval>', 'measure each instrument so often: 1s, 1m', parseMetrics)
    .option('--stream <url>', 'another address for websockets; of several venues okx=URL,kraken=URL')
    .option('--rest <url>', 'another address for requests, likewise')
    .option('--json', 'the state of each venue as a JSON line a second, on stderr')
    .option('--quiet', 'warnings and errors only')
    .option('--child', 'report to the process above')
    .option('--raw', 'and what comes over the wire');
  return addConfigOptions(addIniOption(command))
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action((_: unknown, self: Command) => runCollect(self));
}

/** Options that config.ini and qt.config.ts may give. */
const SETTINGS = [
  'venue',
  'symbols',
  'channels',
  'interval',
  'sink',
  'out',
  'capture',
  'metrics',
  'stream',
  'rest',
];

async function runCollect(command: Command): Promise<void> {
  // The process above has read them already.
  if (command.opts<CollectFlags>().child !== true)
    await applySettings(command, command.opts(), { section: 'collect', names: SETTINGS });
  const flags = command.opts<CollectFlags>();
  for (const name of ['venue', 'symbols'] as const) {
    if (flags[name] !== undefined) continue;
    throw new InputError('OPTION_MISSING', `--${name} is missing`, {
      fix: 'give --venue okx --symbols BTC-USDT, or write both into config.ini',
    });
  }
  const venues = venuesOf(flags.venue);
  checkAddresses('--stream', flags.stream, venues);
  checkAddresses('--rest', flags.rest, venues);
  if (flags.child === true) {
    // Nobody would end this one if the process above were killed.
    const orphaned = () => process.kill(process.pid, 'SIGTERM');
    process.once('disconnect', orphaned);
    await collectVenue(venues[0], flags, {
      state: state => process.send?.({ type: 'state', state }),
      notice: (level, code, message) => process.send?.({ type: 'notice', level, code, message }),
    });
    process.off('disconnect', orphaned);
    process.disconnect?.();
    return;
  }
  const screen = new CollectScreen(flags);
  try {
    if (venues.length === 1) await collectVenue(venues[0], flags, screen);
    else await superviseVenues(venues, flags, screen);
  } finally {
    screen.close();
  }
}

function venuesOf(text: string): readonly Venue[] {
  const names = [...new Set(text.split(',').map(name => name.trim()))];
  return names.map(liveVenue);
}
