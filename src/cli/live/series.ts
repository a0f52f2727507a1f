import type { LiveNotice, Series } from '../../feeds/live/contract.ts';
import { unreachable } from '../../feeds/live/opening.ts';
import { InputError, NetworkError } from '../../model/errors.ts';
import { type Interval, parseInterval } from '../../model/interval.ts';
import type { Network } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import type { Endpoints } from '../../venues/binance/endpoints.ts';
import { INFO_PATH, type LocalInfo } from '../../venues/binance/replay.ts';

/** How long a local exchange may take to say what it replays, and how long it is left alone when it is not there, ms. */
const PATIENCE_MS = 2000;
const PAUSE_MS = 1000;

/** How to wait for an exchange. */
export interface Waiting {
  /** Not at all. */
  readonly once: boolean;
  readonly signal: AbortSignal;
  readonly onNotice: (notice: LiveNotice) => void;
}

/** What flags and config say about the series to follow. */
export interface SeriesChoice {
  readonly symbols: readonly string[] | undefined;
  /** One for all symbols, or one a symbol. */
  readonly intervals: readonly string[] | undefined;
  /** What the config says, where the flags say nothing. */
  readonly config: {
    readonly symbols?: readonly string[];
    readonly interval?: Interval | readonly Interval[];
  };
}

/**
 * The series to follow: what the flags say; what a local exchange replays, if they say nothing; else what the config
 * says. Throws `NO_SYMBOL` and `OPTION_INVALID`.
 */
export async function chooseSeries(
  { symbols, intervals, config }: SeriesChoice,
  endpoints: Endpoints,
  network: Network,
  waiting: Waiting,
): Promise<Series[]> {
  const asks = symbols === undefined && endpoints.local;
  const replayed = asks ? await replayedBy(endpoints, network, waiting) : undefined;
  if (replayed !== undefined) {
    const [only, ...others] = intervals ?? [];
    if (others.length > 0) throw wrongCount(intervals!, replayed.length);
    return replayed.map(({ symbol, interval }) => ({ symbol, interval: parseInterval(only ?? interval) }));
  }
  const chosen = (symbols ?? config.symbols)?.map(nativeSymbol);
  if (chosen === undefined || chosen.length === 0) {
    throw new InputError('NO_SYMBOL', 'no symbol was given', {
      fix: 'name it with --symbol BTCUSDT --interval 1m, or set "live" in qt.config.ts',
    });
  }
  const lengths = intervals ?? ([] as Interval[]).concat(config.interval ?? []);
  if (lengths.length === 0) {
    throw new InputError('NO_INTERVAL', 'no interval was given', {
      fix: 'name it with --interval 1m, or set "live" in qt.config.ts',
    });
  }
  if (lengths.length !== 1 && lengths.length !== chosen.length) throw wrongCount(lengths, chosen.length);
  return chosen.map((symbol, i) => ({
    symbol,
    interval: parseInterval(lengths[lengths.length === 1 ? 0 : i]),
  }));
}

/** `btc-usdt`, `BTC/USDT` and `BTCUSDT` are the same to Binance's users; `BTCUSDT` is what it knows. */
export function nativeSymbol(symbol: string): string {
  if (!/^[A-Za-z0-9]+([-/_]?[A-Za-z0-9]+)*$/.test(symbol)) {
    throw new InputError('SYMBOL_INVALID', `the symbol was "${symbol}"`, {
      value: symbol,
      fix: 'give letters and digits, such as BTCUSDT or BTC/USDT',
    });
  }
  return symbol.replace(/[-/_]/g, '').toUpperCase();
}

/**
 * What the exchange replays, if it is a local one. One that is not there yet is waited for, unless only one attempt is
 * wanted.
 */
async function replayedBy(
  endpoints: Endpoints,
  network: Network,
  { once, signal, onNotice }: Waiting,
): Promise<LocalInfo['series'] | undefined> {
  for (let told = false; ; told = true) {
    try {
      const url = `${endpoints.rest}${INFO_PATH}`;
      const { status, body } = await network.http({ url, timeoutMs: PATIENCE_MS, signal });
      const info = status === 200 ? (JSON.parse(body) as LocalInfo) : undefined;
      return Array.isArray(info?.series) && info.series.length > 0 ? info.series : undefined;
    } catch (error) {
      // An answer that is no JSON is that of another kind of exchange.
      if (!(error instanceof NetworkError)) return undefined;
      const problem = unreachable(endpoints, error);
      if (once) throw problem;
      const { message } = problem;
      if (!told) onNotice({ time: network.timers.now(), level: 'warning', code: 'UNREACHABLE', message });
    }
    await sleep(network.timers, PAUSE_MS, signal);
    signal.throwIfAborted();
  }
}

function wrongCount(intervals: readonly string[], symbols: number): InputError {
  return new InputError('OPTION_INVALID', `${intervals.length} intervals were given for ${symbols} symbols`, {
    value: intervals,
    limit: symbols,
    fix: 'give one --interval for all, or one a symbol in their order',
  });
}
