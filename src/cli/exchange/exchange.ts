import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { ExchangeEvent } from '../../exchange/exchange.ts';
import type { SymbolInfo } from '../../exchange/exchange-info.ts';
import { FAULT_KINDS, type FaultScript, faultsFromJson, parseFaults } from '../../exchange/fault-script.ts';
import { DEFAULT_SPEED, type LocalExchange, localExchange } from '../../exchange/local-exchange.ts';
import { InputError } from '../../model/errors.ts';
import { number, utcTime } from '../../report/console/format.ts';
import { LOCAL_PORT } from '../../venues/binance/endpoints.ts';
import { addDataStoreOptions } from '../data/data-store.ts';
import { addSeriesOptions } from '../data/series-options.ts';
import { requireFile } from '../files/input-file.ts';
import { readExchangeInfo } from '../options/exchange-info-file.ts';
import { parseCount, parseNumber, parsePort } from '../options/options.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { KEYS_FILE, readAccounts, rehearsalAccount } from './accounts.ts';
import { type ReplayFlags, replayedData } from './data.ts';

interface ExchangeFlags extends ReplayFlags {
  readonly speed?: string;
  readonly lockstep?: boolean;
  readonly host?: string;
  readonly port?: string;
  readonly clients?: string;
  readonly updates?: string;
  readonly exchangeInfo?: string;
  readonly account?: string[];
  readonly balance?: string[];
  readonly keys?: string;
  readonly faults?: string;
  readonly seed?: string;
  readonly json?: boolean;
}

/** A line of status this often while clients are there, ms. */
const STATUS_EVERY = 10_000;

const EXAMPLES = `
Examples:
  qt exchange --data btcusdt-1m.csv                    a market minute a second; then, in another shell:
  qt live --paper --exchange local
  qt exchange --data btc.csv eth.csv --speed 600 --from 2024-06-01
  qt exchange BTCUSDT ETHUSDT --interval 1m --from 2024-06-01      what "qt data fetch" has brought
  qt exchange --from store BTCUSDT --from-time 2024-06-01          the same, said otherwise
  qt exchange --data btcusdt-1m.csv --lockstep         as fast as the clients follow, and exact
  qt exchange --data btcusdt-1m.csv --balance USDT=10000 BTC=1     takes orders, and writes a key for them
  qt exchange --data btcusdt-1m.csv --faults drop=0.01,cut@30m,rest-5xx=0.05 --seed 7

Faults: NAME=CHANCE or NAME@TIME (market time after the start), some with :MS or :MS..MS behind it.
  ${FAULT_KINDS.join(' ')}

Ctrl-C ends it, exit code 0. It ends by itself when the data is over and the last client has left.
`;

export function exchangeCommand(): Command {
  const command = new Command('exchange')
    .description("Replay data as a local exchange that speaks Binance's API, and takes orders.")
    .argument('[symbols...]', 'series of the data store, instead of files')
    .option('--data <file...>', 'CSV files of bars, one or more symbols and intervals')
    .option('--symbol <name...>', 'symbol of each data file (default: from its name)')
    .option(
      '--interval <interval...>',
      'bar length, one for all or one a file or symbol (default: the one that there is)',
    )
    .addOption(
      new Option('--stamps <meaning>', 'what the time of a bar means (default: open)').choices([
        'open',
        'close',
      ]),
    )
    .addOption(
      new Option('--on-bad-row <what>', 'rows that cannot be read (default: error)').choices([
        'error',
        'skip',
      ]),
    )
    .addOption(
      new Option('--speed <n>', `market seconds a second (default: ${DEFAULT_SPEED})`).conflicts('lockstep'),
    )
    .option('--lockstep', 'time goes on when the clients have acknowledged what they were told')
    .option('--from <time>', 'begin here; bars before are history (default: the first bar); or "store"')
    .option('--from-time <time>', 'the same beside "--from store"')
    .option('--to <time>', 'the data ends before this moment')
    .option('--host <address>', 'where to listen (default: 127.0.0.1, which only this machine reaches)')
    .option('--port <n>', `0 for any that is free (default: ${LOCAL_PORT})`)
    .option('--clients <n>', 'begin when so many listen (default: 0; with --lockstep 1)')
    .option(
      '--updates <n>',
      'updates of each open bar (default: one in 2 market seconds, at most 10 a second)',
    )
    .option('--exchange-info <file>', 'a Binance exchangeInfo, whose filters are served (default: none bind)')
    .option('--balance <asset=amount...>', 'an account to trade with, and what it begins with')
    .option('--keys <file>', `where its key is written (default: ${KEYS_FILE})`)
    .option('--account <file...>', 'accounts of your own: JSON files with keys and balances')
    .option('--faults <script>', 'what goes wrong: a script (below), or a file with one')
    .option('--seed <n>', 'decides when it goes wrong (default: 1)')
    .option('--json', 'one JSON object a line');
  return addDataStoreOptions(addSeriesOptions(command)).addHelpText('after', EXAMPLES).action(runExchange);
}

async function runExchange(symbolNames: readonly string[], flags: ExchangeFlags): Promise<void> {
  const count = (option: string, value: string | undefined, least = 0) =>
    value === undefined ? undefined : parseCount(option, value, least);
  const { feeds, from, to } = await replayedData(symbolNames, flags);
  const accounts = await readAccounts(flags.account ?? []);
  const rehearsal =
    flags.balance === undefined ? undefined : await rehearsalAccount(flags.balance, flags.keys ?? KEYS_FILE);
  if (flags.keys !== undefined && rehearsal === undefined) {
    throw new InputError('KEYS_WITHOUT_BALANCE', '--keys writes the key of an account that --balance makes', {
      value: flags.keys,
      fix: 'add --balance USDT=10000, or leave --keys out',
    });
  }
  const symbols = flags.exchangeInfo === undefined ? undefined : await readExchangeInfo(flags.exchangeInfo);
  const say = flags.json ? jsonLine : textLine;
  const exchange = await localExchange({
    data: feeds,
    lockstep: flags.lockstep ?? false,
    ...(flags.speed === undefined ? {} : { speed: parseNumber('--speed', flags.speed.replace(/x$/i, '')) }),
    ...(flags.host === undefined ? {} : { host: flags.host }),
    port: flags.port === undefined ? LOCAL_PORT : parsePort('--port', flags.port),
    from,
    to,
    clients: count('--clients', flags.clients),
    updates: count('--updates', flags.updates, 1),
    symbols,
    accounts: rehearsal === undefined ? accounts : [rehearsal.account, ...accounts],
    faults: flags.faults === undefined ? undefined : await readFaults(flags.faults),
    seed: count('--seed', flags.seed),
    onEvent: event => say(event),
  });
  const { promise: asked, resolve: stop } = Promise.withResolvers<void>();
  const release = onInterrupt(stop);
  process.once('SIGTERM', stop);
  say(opening(exchange));
  if (rehearsal !== undefined) {
    const message = `orders are taken with the key in ${rehearsal.file}, which is good for this run only`;
    say({ kind: 'note', code: 'KEY_WRITTEN', message, file: rehearsal.file });
  }
  for (const message of notesOf(exchange, feeds, symbols)) say({ kind: 'note', code: 'NOTE', message });
  const timer = reportStatus(exchange, say);
  await Promise.race([exchange.finished, asked]);
  clearInterval(timer);
  const ending = closing(exchange);
  await exchange.close();
  say(ending);
  release();
}

/** Something to tell, as a line of text or of JSON. */
interface Line {
  readonly kind: string;
  readonly code: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

function jsonLine(line: Line | ExchangeEvent): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function textLine({ kind, message, time }: Line | ExchangeEvent): void {
  const stamp = typeof time === 'number' ? `${utcTime(Math.floor(time / 1000) * 1000)}  ` : '';
  process.stdout.write(`${stamp}${kind === 'warning' || kind === 'note' ? `${kind}: ` : ''}${message}\n`);
}

function opening({ info, market, from, url, port }: LocalExchange): Line {
  const bars = market.sources.reduce((sum, { length }) => sum + length, 0);
  const series = info.series.map(({ symbol, interval }) => `${symbol} ${interval}`).join(', ');
  const pace = info.lockstep ? 'in lockstep' : `at ${number(info.speed!, 0)}x`;
  const where = port === LOCAL_PORT && url.includes('127.0.0.1') ? 'local' : url;
  return {
    kind: 'listening',
    code: 'LISTENING',
    message:
      `Replaying ${series} (${number(bars, 0)} bars, ${utcTime(from)} to ${utcTime(info.end)} UTC) ${pace}` +
      ` on ${url}; connect with: npx qt live --paper --exchange ${where}`,
    url,
    port,
    bars,
    ...info,
    // What is told of the market's time is shown with it; this line has its own.
    time: undefined,
    from,
  };
}

function notesOf(
  { market, url }: LocalExchange,
  feeds: readonly { notes?(): readonly string[] }[],
  symbols: ReadonlyMap<string, SymbolInfo> | undefined,
): string[] {
  const notes = feeds.flatMap(feed => feed.notes?.() ?? []);
  for (const symbol of market.listings.keys()) {
    if (symbols !== undefined && !symbols.has(symbol)) notes.push(`--exchange-info does not have ${symbol}`);
  }
  if (!/127\.|localhost|\[::1\]/.test(url)) notes.push('other machines may reach it, and read without a key');
  return notes;
}

/** Tells how it goes, where something has changed. */
function reportStatus(exchange: LocalExchange, say: (line: Line) => void): NodeJS.Timeout {
  let last = '';
  return setInterval(() => {
    const { time, connections, subscriptions, behind, counters, executions, ended } = exchange.status;
    const late = behind > 1000 ? `, ${number(behind / 1000, 1)} s behind` : '';
    const message =
      `${number(connections, 0)} clients, ${number(subscriptions, 0)} streams, ` +
      `${number(counters.frames, 0)} frames, ${number(counters.requests, 0)} requests` +
      `${executions > 0 ? `, ${number(executions, 0)} executions` : ''}${late}`;
    if (ended || message === last) return;
    last = message;
    const shown = { time, connections, subscriptions, behind, counters, executions };
    say({ kind: 'status', code: 'STATUS', message, ...shown });
  }, STATUS_EVERY);
}

function closing({ status, accounts, injected }: LocalExchange): Line {
  const { frames, requests } = status.counters;
  const faults = Object.entries(status.faults).map(([kind, count]) => `${kind} ${number(count!, 0)}`);
  return {
    kind: 'closed',
    code: 'CLOSED',
    message:
      `${status.ended ? 'The data is over' : 'Stopped'}: ${number(frames, 0)} frames, ${number(requests, 0)} requests` +
      (faults.length === 0 ? '' : `; faults injected: ${faults.join(', ')}`),
    time: status.time,
    counters: status.counters,
    faults: status.faults,
    executions: status.executions,
    accounts: accounts.map(({ uid, balances }) => ({ uid, balances })),
    injected,
  };
}

/** A script as it stands, or the file of that name: JSON or lines. */
async function readFaults(given: string): Promise<FaultScript> {
  if (/[=@]/.test(given)) return parseFaults(given);
  const text = await readFile(await requireFile(given, 'fault script'), 'utf8');
  return text.trimStart().startsWith('{') ? faultsFromJson(text) : parseFaults(text);
}
