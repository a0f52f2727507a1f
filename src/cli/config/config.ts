import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { INTRABAR_POLICIES, type IntrabarPolicy } from '../../brokers/simulated/intrabar.ts';
import { QtError, suggestion } from '../../model/errors.ts';
import { requireFile } from '../files/input-file.ts';
import { shown } from '../files/shown.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { loadFile } from '../strategy/bundle.ts';
import { isStrategyClass } from '../strategy/strategy-file.ts';
import type { Config, DataFile, FetchConfig, LiveConfig } from './define-config.ts';
import { PROFILES } from './profile-option.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute; undefined when there is no config file. */
  readonly file: string | undefined;
  /** Where relative paths of the config begin. */
  readonly folder: string;
  /** SHA-256 of the bundled config, which holds its strategy. */
  readonly codeHash: string | undefined;
  /** Its bundle, for other threads. */
  readonly code: string | undefined;
}

export const CONFIG_NAMES = ['qt.config.ts', 'qt.config.mts', 'qt.config.js', 'qt.config.mjs'];

/** What each key may hold, for messages; the checks are beside it. */
const KEYS: Readonly<Record<keyof Config, readonly [check: (value: unknown) => boolean, wanted: string]>> = {
  strategy: [isStrategyClass, 'a strategy class (import it, do not name its file)'],
  params: [isRecord, 'an object: { fast: 5 }'],
  data: [isData, 'a file name, { file, symbol, interval, stamps }, or an array of them'],
  dataStore: [isText, 'a file name'],
  market: [value => value === 'spot' || value === 'usdm', "'spot' or 'usdm'"],
  from: [isTime, "a date: '2024-01-31', a Date or epoch milliseconds"],
  to: [isTime, "a date: '2024-01-31', a Date or epoch milliseconds"],
  warmup: [isNumber, 'a whole number of bars'],
  profile: [
    value => PROFILES.includes(value as 'crypto') || (isRecord(value) && typeof value.broker === 'function'),
    "'crypto', 'backtrader' or backtraderProfile({ … })",
  ],
  cash: [isNumber, 'a number'],
  commission: [
    value => isNumber(value) || isText(value) || (isRecord(value) && typeof value.fee === 'function'),
    "a fraction or a percentage, 0.001 or '0.1%', 'maker:0.02%,taker:0.05%' or a commission",
  ],
  feeIn: [value => value === 'quote' || value === 'base', "'quote' or 'base'"],
  exchangeInfo: [isText, 'a file name'],
  instruments: [
    value => isRecord(value) && Object.values(value).every(isTerms),
    'terms by symbol: { BTCUSDT: { tickSize: 0.01, lotStep: 0.00001, minNotional: 5 } }',
  ],
  slippage: [value => isNumber(value) || isText(value), "a fraction or a percentage: 0.001 or '0.1%'"],
  intrabar: [
    value => INTRABAR_POLICIES.includes(value as IntrabarPolicy),
    INTRABAR_POLICIES.map(one => `'${one}'`).join(', '),
  ],
  fillData: [isData, 'a file name, { file, symbol, interval, stamps }, or an array of them'],
  leverage: [isNumber, 'a factor: 5'],
  maintenance: [value => isNumber(value) || isText(value), "a fraction or a percentage: 0.005 or '0.5%'"],
  liquidationFee: [value => isNumber(value) || isText(value), "a fraction or a percentage: 0.005 or '0.5%'"],
  funding: [
    value => isNumber(value) || isText(value) || (Array.isArray(value) && value.every(isFundingRate)),
    "a fraction or a percentage, 0.0001 or '0.01%', a file of rates, or an array of { time, rate }",
  ],
  sizer: [
    value => isText(value) || (isRecord(value) && typeof value.size === 'function'),
    "'all-in', 'percent:50', 'fixed:0.1' or a sizer",
  ],
  resample: [isText, "an interval: '1h'"],
  onBadRow: [value => value === 'error' || value === 'skip', "'error' or 'skip'"],
  live: [isRecord, "an object: { symbols: ['BTCUSDT'], interval: '1m' }"],
  fetch: [isRecord, "an object: { archiveUrl: 'http://127.0.0.1:8080', restUrl: 'http://127.0.0.1:8080' }"],
  server: [isRecord, "an object: { port: 8765, venue: 'okx', symbols: 'BTC-USDT' }"],
  collect: [isRecord, "an object: { venue: 'okx', symbols: 'BTC-USDT' }"],
  report: [value => isText(value) || value === false, 'a file name, or false for none'],
};

/** The same for what `fetch` holds. */
const FETCH_KEYS: Readonly<
  Record<keyof FetchConfig, readonly [check: (value: unknown) => boolean, wanted: string]>
> = {
  archiveUrl: [isText, 'an http or https URL'],
  restUrl: [isText, 'an http or https URL'],
};

/** The same for what `live` holds. */
const LIVE_KEYS: Readonly<
  Record<keyof LiveConfig, readonly [check: (value: unknown) => boolean, wanted: string]>
> = {
  symbols: [value => Array.isArray(value) && value.every(isText), "an array of symbols: ['BTCUSDT']"],
  interval: [value => isText(value) || (Array.isArray(value) && value.every(isText)), "an interval: '1m'"],
  exchange: [isText, "'binance', 'testnet', 'demo', 'local' or a URL"],
  store: [isText, 'a file name'],
  barrierMs: [isNumber, 'milliseconds'],
  lateMs: [isNumber, 'milliseconds'],
  risk: [isRecord, 'limits: { maxOrderNotional: 100, maxDailyLoss: 30 }'],
  onExit: [value => ['keep', 'cancel', 'flatten'].includes(value as string), "'keep', 'cancel' or 'flatten'"],
};

/** Loads the config that `--config` names, or the nearest one in this folder and those above it. */
export async function loadConfig(given?: string): Promise<LoadedConfig> {
  const file =
    given === undefined ? await findConfig(process.cwd()) : await requireFile(given, 'config file');
  if (file === undefined)
    return { config: {}, file, folder: process.cwd(), codeHash: undefined, code: undefined };
  const { exports, codeHash, code } = await load(file);
  const config = exports.default;
  if (!isRecord(config)) {
    throw new CliError(EXIT.config, 'CONFIG_INVALID', `${shown(file)} has no config as its default export`, {
      fix: 'write "export default defineConfig({ … })" with defineConfig from \'qt-trader\'',
    });
  }
  check(config, file);
  return { config: config as Config, file, folder: dirname(file), codeHash, code };
}

/** Data files of the config with absolute paths. */
export function dataOf({ config, folder }: LoadedConfig, key: 'data' | 'fillData' = 'data'): DataFile[] {
  const { [key]: data = [] } = config;
  return (Array.isArray(data) ? data : [data]).map((one: string | DataFile) => {
    const entry = typeof one === 'string' ? { file: one } : one;
    return { ...entry, file: resolve(folder, entry.file) };
  });
}

/** What goes wrong in the config's own file is the config's fault, whatever it would be in a strategy. */
async function load(file: string): ReturnType<typeof loadFile> {
  try {
    return await loadFile(file);
  } catch (error) {
    if (error instanceof CliError) {
      const { code, message, excerpt, value } = error;
      throw new CliError(EXIT.config, code, message, {
        value,
        ...(excerpt === undefined ? {} : { excerpt }),
      });
    }
    if (error instanceof QtError) {
      throw new CliError(EXIT.config, 'CONFIG_THREW', error.message, { cause: error.cause });
    }
    throw error;
  }
}

async function findConfig(from: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    for (const name of CONFIG_NAMES) {
      const file = join(folder, name);
      if ((await stat(file).catch(() => undefined))?.isFile()) return file;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function check(config: Readonly<Record<string, unknown>>, file: string): void {
  checkKeys(config, KEYS, '', file);
  if (isRecord(config.live)) checkKeys(config.live, LIVE_KEYS, 'live.', file);
  if (isRecord(config.fetch)) checkKeys(config.fetch, FETCH_KEYS, 'fetch.', file);
}

function checkKeys(
  values: Readonly<Record<string, unknown>>,
  keys: Readonly<Record<string, readonly [check: (value: unknown) => boolean, wanted: string]>>,
  prefix: string,
  file: string,
): void {
  for (const [key, value] of Object.entries(values)) {
    const name = `${prefix}${key}`;
    if (!Object.hasOwn(keys, key)) {
      throw new CliError(EXIT.config, 'CONFIG_UNKNOWN_KEY', `${shown(file)} has the unknown key "${name}"`, {
        value: name,
        fix: suggestion(key, Object.keys(keys)),
      });
    }
    const [fits, wanted] = keys[key];
    if (value !== undefined && !fits(value)) {
      throw new CliError(EXIT.config, 'CONFIG_INVALID', `"${name}" in ${shown(file)} was ${brief(value)}`, {
        value,
        fix: `give ${wanted}`,
      });
    }
  }
}

function brief(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : value.name;
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function isTime(value: unknown): boolean {
  return isText(value) || isNumber(value) || value instanceof Date;
}

function isData(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isData);
  if (isText(value)) return true;
  const known = ['file', 'symbol', 'interval', 'stamps'];
  return isRecord(value) && isText(value.file) && Object.keys(value).every(key => known.includes(key));
}

const STEPS = [
  'tickSize',
  'lotStep',
  'minSize',
  'maxSize',
  'maxMarketSize',
  'minNotional',
  'minMarketNotional',
];

function isFundingRate(value: unknown): boolean {
  return isRecord(value) && isNumber(value.time) && isNumber(value.rate);
}

function isTerms(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.entries(value).every(([key, term]) =>
      key === 'base' || key === 'quote'
        ? isText(term)
        : STEPS.includes(key) && isNumber(term) && Number(term) >= 0,
    )
  );
}
