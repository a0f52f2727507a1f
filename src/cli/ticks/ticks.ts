import { Command } from 'commander';
import { Collection } from '../../collection/collection.ts';
import { liveVenue } from '../../collection/live-venue.ts';
import { SinkQueue } from '../../collection/sinks/sink-queue.ts';
import { InputError } from '../../model/errors.ts';
import { microseconds, realNetwork } from '../../net/real.ts';
import { VENUES } from '../../venues/market-data/index.ts';
import { parseCount } from '../options/options.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { openSink } from '../sinks/open-sinks.ts';
import { RowStream } from './row-stream.ts';

const EXAMPLES = `
Examples:
  qt ticks bitfinex btcusd ltcusd ltcbtc ethusd ethbtc
  qt ticks bitfinex tBTCUSD --tickers
  qt ticks kraken BTC-USD --count 100 | jq .price
  qt ticks okx BTC-USDT ETH-USDT --sink sqlite:ticks.sqlite

Each trade is one JSON object on stdout: {"symbol","price","volume","is_buy","timestamp"}.
Ctrl-C ends it, exit code 0.
`;

interface Flags {
  readonly tickers?: boolean;
  readonly count?: number;
  readonly sink?: readonly string[];
  readonly out: string;
  readonly stream?: string;
  readonly rest?: string;
  readonly quiet?: boolean;
}

export function ticksCommand(): Command {
  return new Command('ticks')
    .description('Print the trades of a venue as they happen, one JSON object each.')
    .argument('<venue>', `one of ${[...VENUES.keys()].join(', ')}`)
    .argument('<symbols...>', 'in any spelling: btcusd, tBTCUSD, BTC-USD')
    .option('--tickers', 'tickers instead of trades')
    .option('--count <rows>', 'end after so many rows', text => parseCount('--count', text, 1))
    .option('--sink <name...>', 'keep whole records as well, as for qt collect: sqlite:FILE, csv, jsonl')
    .option('--out <folder>', 'where sinks without a file of their own write', 'collected')
    .option('--stream <url>', 'another address for websockets')
    .option('--rest <url>', 'another address for requests')
    .option('--quiet', 'warnings and errors only')
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(runTicks);
}

async function runTicks(name: string, symbols: readonly string[], flags: Flags): Promise<void> {
  const venue = liveVenue(name);
  const channel = flags.tickers === true ? 'tickers' : 'trades';
  if (!venue.channels.includes(channel)) {
    throw new InputError('CHANNEL_MISSING', `${venue.name} has no ${channel}`, {
      value: channel,
      limit: venue.channels.join(', '),
      fix: flags.tickers === true ? 'leave out --tickers' : 'ask another venue',
    });
  }
  const controller = new AbortController();
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    controller.abort();
  };
  const stdout = new RowStream(process.stdout, {
    most: flags.count ?? Number.POSITIVE_INFINITY,
    onFull: () => controller.abort(),
  });
  const sinks = [new SinkQueue(stdout, { onFailure: fail })];
  for (const sink of flags.sink ?? []) {
    sinks.push(new SinkQueue(await openSink(sink, venue.id, flags.out), { onFailure: fail }));
  }
  const release = onInterrupt(() => controller.abort(), ['SIGINT', 'SIGTERM']);
  const collection = new Collection({
    ...{ venue, network: realNetwork, clock: microseconds, symbols, sinks, interval: '1m' },
    channels: [channel],
    addresses: {
      stream: (flags.stream ?? venue.addresses.stream).replace(/\/+$/, ''),
      rest: (flags.rest ?? venue.addresses.rest).replace(/\/+$/, ''),
    },
    signal: controller.signal,
    onNotice: (level, code, message) => {
      // Each is an error of its own, though the others go on.
      if (code === 'SYMBOL_UNKNOWN') tell(`qt: ${code}: ${message}`);
      else if (level === 'warning') tell(`warning ${code}: ${message}`);
      else if (flags.quiet !== true) tell(message);
    },
  });
  try {
    await collection.run();
  } finally {
    release();
  }
  if (failure !== undefined) throw failure;
}

function tell(text: string): void {
  process.stderr.write(`${text.replace(/\s*\n\s*/g, ' ')}\n`);
}
