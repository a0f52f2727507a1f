import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { BinanceGateway } from '../../brokers/binance/gateway/gateway.ts';
import { type Check, readiness } from '../../live/real/readiness.ts';
import { rehearseOrder, rehearseStream } from '../../live/real/rehearsal.ts';
import { QtError } from '../../model/errors.ts';
import { realNetwork } from '../../net/real.ts';
import { checkLine } from '../../report/console/checks.ts';
import { Halts } from '../../store/halts.ts';
import { type ExchangeEndpoints, endpointsOf } from '../../venues/binance/endpoints.ts';
import { addConfigOptions, configOf } from '../config/config-options.ts';
import { addKeyOption, type KeyFlags, keysOf } from '../options/key-option.ts';
import { parseNumber } from '../options/options.ts';
import { pick } from '../options/run-options.ts';
import { addStoreOption, type StoreFlags, storeOf } from '../options/store-option.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { styleOf } from '../output/terminal.ts';
import { nativeSymbol } from './series.ts';

interface DoctorFlags extends KeyFlags, StoreFlags {
  readonly exchange?: string;
  readonly symbol?: string[];
  readonly cash?: string;
  readonly json?: boolean;
  readonly config?: string;
}

const EXAMPLES = `
Examples:
  qt doctor --symbol BTCUSDT
  qt doctor --exchange testnet --key-file testnet-keys.json --symbol BTCUSDT --cash 1000
  qt doctor --json | jq '.checks[] | select(.state != "ok")'

Nothing is changed by it, and no order is placed. Exit code 0 when nothing failed, 4 otherwise.
`;

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('Look at everything that has to be right before real orders are sent.')
    .option('--exchange <name>', 'binance, testnet, demo, local, or a URL (default: binance)')
    .option('--symbol <name...>', 'what is to be traded (default: what qt.config.ts says)')
    .option('--cash <amount>', 'capital that the strategy is to be given, in quote');
  return addConfigOptions(addStoreOption(addKeyOption(command)))
    .option('--json', 'one JSON document on stdout')
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(examine);
}

async function examine(flags: DoctorFlags): Promise<void> {
  const { config, folder } = await configOf(flags);
  const live = config.live ?? {};
  const endpoints = endpointsOf(flags.exchange ?? live.exchange ?? 'binance');
  const symbols = (flags.symbol ?? live.symbols ?? []).map(nativeSymbol);
  const cash = pick(flags.cash, 'cash', config.cash, parseNumber);
  const style = styleOf(process.stdout);
  const checks: Check[] = [];
  const tell = (check: Check) => {
    checks.push(check);
    if (flags.json !== true) process.stdout.write(`${checkLine(check, style)}\n`);
  };
  const store = storeOf(flags, live.store === undefined ? undefined : resolve(folder, live.store));
  tell(attempt('STORE', () => storeCheck(store)));
  tell(await marketCheck(endpoints, symbols));
  await tradingChecks(flags, endpoints, symbols, cash, tell);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ format: 1, exchange: endpoints.name, checks })}\n`);
  }
  const failed = checks.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return;
  throw new CliError(EXIT.notReady, 'NOT_READY', `${failed.length} of ${checks.length} checks failed`, {
    value: failed.map(({ code }) => code),
    fix: 'see the lines marked FAILED',
  });
}

async function tradingChecks(
  flags: DoctorFlags,
  endpoints: ExchangeEndpoints,
  symbols: readonly string[],
  cash: number | undefined,
  tell: (check: Check) => void,
): Promise<void> {
  const { keyFile } = flags;
  const { openGateway } = await import('../../brokers/binance/gateway/open-gateway.ts');
  let port: BinanceGateway | undefined;
  tell(
    attempt('KEYS', () => {
      const keys = keysOf(flags);
      port = openGateway({ endpoints, keys });
      const where = keyFile === undefined ? 'the environment' : keyFile;
      return { code: 'KEYS', state: 'ok', text: `a key of type ${keys.type} from ${where}`, fix: '' };
    }),
  );
  if (port === undefined) return;
  try {
    const found = await readiness({ port, symbols, cash, simulatedTime: endpoints.local, onCheck: tell });
    if (found.account === undefined) return;
    for (const [i, terms] of found.symbols.entries()) {
      tell(await rehearseOrder(port, terms, `qdoctor-${realNetwork.timers.now().toString(36)}-${i}`));
    }
    tell(await rehearseStream(port, realNetwork.timers));
  } finally {
    port.close();
  }
}

/** Whether klines can be had, of the first symbol. */
async function marketCheck(endpoints: ExchangeEndpoints, symbols: readonly string[]): Promise<Check> {
  const of = symbols[0] === undefined ? 'ping' : `klines?symbol=${symbols[0]}&interval=1m&limit=1`;
  const url = `${endpoints.rest}/api/v3/${of}`;
  try {
    const { status } = await realNetwork.http({ url, timeoutMs: 10_000 });
    const text = `market data of ${endpoints.name}`;
    if (status === 200) return { code: 'MARKET_DATA', state: 'ok', text: `${text} can be had`, fix: '' };
    const fix = symbols[0] === undefined ? 'try again later' : 'check the symbol';
    return { code: 'MARKET_DATA', state: 'failed', text: `${text} answers with HTTP ${status}`, fix };
  } catch (error) {
    const { state, text, fix } = failure('MARKET_DATA', error);
    return { code: 'MARKET_DATA', state, text: `market data of ${endpoints.name}: ${text}`, fix };
  }
}

/** Whether the store can be written, and whether somebody has halted an account in it. */
function storeCheck(store: string): Check {
  if (!existsSync(store)) {
    return { code: 'STORE', state: 'ok', text: `${store} will be made`, fix: '' };
  }
  const halts = new Halts(store, { mustExist: true });
  try {
    const [halted] = halts.all();
    if (halted === undefined) {
      return { code: 'STORE', state: 'ok', text: `${store} can be written, no account is halted`, fix: '' };
    }
    const { account, halt } = halted;
    const text = `${account} is halted: ${halt.message} (${halt.code})`;
    return { code: 'STORE', state: 'warning', text, fix: 'qt resume lets it trade again' };
  } finally {
    halts.close();
  }
}

function attempt(code: string, check: () => Check): Check {
  try {
    return check();
  } catch (error) {
    return failure(code, error);
  }
}

/** An error of ours as a check; what is none is a bug, and thrown on. */
function failure(code: string, error: unknown): Check {
  if (!(error instanceof QtError)) throw error;
  return { code, state: 'failed', text: `${error.message} (${error.code})`, fix: '' };
}
