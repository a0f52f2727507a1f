import type { Danfo, DataFrameLike } from '../feeds/frame/contract.ts';
import type { LiveKlines, LiveNotice, PastBars } from '../feeds/live/contract.ts';
import { openLiveKlines } from '../feeds/live/live-klines.ts';
import type { Bar, Bars } from '../model/bars.ts';
import { InputError } from '../model/errors.ts';
import type { Interval } from '../model/interval.ts';
import type { Network } from '../net/network.ts';
import { realNetwork } from '../net/real.ts';
import { endpointsOf } from '../venues/binance/endpoints.ts';
import { follow } from './follow.ts';
import { KlineHistory } from './kline-history.ts';
import { seriesOf } from './series.ts';

/** Bars a symbol that are kept unless told otherwise: ten weeks of minutes, 8 MB. */
const HISTORY = 100_000;

/** A bar with all that the exchange says about it. `time` is its open, epoch ms UTC. */
export interface Kline extends Bar {
  /** What was traded, in quote. */
  readonly quoteVolume: number;
  readonly trades: number;
  /** The part of `volume` whose buyer was the taker. */
  readonly takerBuyBase: number;
  /** The part of `quoteVolume` whose buyer was the taker. */
  readonly takerBuyQuote: number;
}

/** Which bar it is that `onBar` is given. */
export interface KlineContext<Frame = DataFrameLike> {
  readonly symbol: string;
  readonly interval: Interval;
  /** True for a bar that came long after it had closed, as after a lost connection. */
  readonly late: boolean;
  /** `warmup` for the bars that `warmup` asked for. */
  readonly phase: 'warmup' | 'run';
  /** The symbol's bars so far, this one the last. */
  readonly history: KlineHistory<Frame>;
}

export interface KlineHandlers<Frame = DataFrameLike> {
  /**
   * Called once for each closed bar, in order for each symbol, never twice at a time. If it returns a promise, no bar
   * is given before that has settled. What it throws ends everything.
   */
  readonly onBar: (bar: Kline, context: KlineContext<Frame>) => unknown;
  /** Called for every update of an open bar, as far as `onBar` keeps up; `time` is the exchange's, epoch ms UTC. */
  readonly onForming?:
    | ((bar: Bar, context: { symbol: string; interval: Interval; time: number }) => void)
    | undefined;
  /** Connections that come and go, bars that the exchange does not have: what a person who watches should know. */
  readonly onNotice?: ((notice: LiveNotice) => void) | undefined;
}

/** What of the past is to be given first. */
export interface KlinePast {
  /** Open time of the last bar that is there already, epoch ms UTC, of all symbols or of each: goes on with the next. */
  readonly after?: number | Readonly<Record<string, number>> | undefined;
  /** Closed bars to begin with, for symbols without `after`; default 0. */
  readonly warmup?: number | undefined;
  /** Where they are taken from before the exchange is asked for them: `storedPast('.qt/data.sqlite', 'binance')`. */
  readonly past?: PastBars | undefined;
}

/** What is kept of the bars that were given. */
export interface KlineKeeping<Frame = DataFrameLike> {
  /** Bars a symbol that `context.history` keeps at most, the newest; what it forgets it counts. Default 100 000. */
  readonly history?: number | undefined;
  /** What `context.history.frame()` makes frames with: danfojs-node or danfojs, or what `loadDanfo()` resolves to. */
  readonly danfo?: Danfo<Frame> | undefined;
}

export interface KlinesOptions<Frame = DataFrameLike>
  extends KlineHandlers<Frame>,
    KlinePast,
    KlineKeeping<Frame> {
  readonly symbols: readonly string[];
  readonly interval: Interval;
  /** `binance` (default), `testnet`, `local`, or the http(s) URL of an exchange that speaks Binance's API. */
  readonly exchange?: string | undefined;
  /** Fail when the exchange cannot be reached at the start, instead of trying again and again; default false. */
  readonly once?: boolean | undefined;
  /** Ends it; that is no error. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the real one. */
  readonly network?: Network | undefined;
}

/**
 * Gives the klines of an exchange as they close, each exactly once and in order, whatever happens to the connections.
 * Resolves when `signal` aborts or a local exchange's data is over. Rejects with what a handler threw, with
 * `SYMBOL_UNKNOWN`, `INTERVAL_UNSUPPORTED`, `EXCHANGE_UNKNOWN`, `HISTORY_COUNT`, and with `once` also `EXCHANGE_UNREACHABLE`.
 */
export async function klines<Frame = DataFrameLike>(options: KlinesOptions<Frame>): Promise<void> {
  const { symbols, interval, exchange = 'binance', network = realNetwork, once = false, signal } = options;
  const { onNotice, onForming, history, past } = options;
  if (history !== undefined && !(history >= 0)) {
    throw new InputError('HISTORY_COUNT', `history was ${history}`, {
      value: history,
      limit: 0,
      fix: 'give how many bars are to be kept, 0 or more; Infinity keeps all',
    });
  }
  const live = await openLiveKlines({
    endpoints: endpointsOf(exchange),
    series: seriesOf(symbols, interval),
    network,
    forming: onForming !== undefined,
    once,
    ...(signal === undefined ? {} : { signal }),
    ...(past === undefined ? {} : { past }),
    ...(onNotice === undefined ? {} : { onNotice }),
  }).catch(error => {
    // What was under way when it was told to stop fails.
    if (signal?.aborted) return undefined;
    throw error;
  });
  if (live === undefined) return;
  try {
    await deliver(live, options, options, signal);
  } finally {
    await live.close();
  }
}

/** Hands the bars of open feeds to the handlers until the feeds end or `signal` aborts. */
export function deliver<Frame = DataFrameLike>(
  live: Pick<LiveKlines, 'feeds'>,
  { onBar, onForming }: KlineHandlers<Frame>,
  { after, warmup = 0, history: keep = HISTORY, danfo }: KlinePast & KlineKeeping<Frame>,
  signal?: AbortSignal,
): Promise<void> {
  const histories = new Map<string, KlineHistory<Frame>>();
  const historyOf = (symbol: string) => {
    let history = histories.get(symbol);
    if (history === undefined) {
      history = new KlineHistory(keep, danfo);
      histories.set(symbol, history);
    }
    return history;
  };
  const afterOf = (symbol: string) =>
    typeof after === 'object' ? (after[symbol] ?? after[symbol.toLowerCase()]) : after;
  return follow(
    live.feeds,
    feed => ({ warmup, after: afterOf(feed.instrument.symbol) }),
    {
      onBars({ instrument, interval }, bars, { late, phase }) {
        const { symbol } = instrument;
        const history = historyOf(symbol);
        return each(0, bars.length, row => {
          history.add(bars, row);
          return onBar(klineOf(bars, row), { symbol, interval, late, phase, history });
        });
      },
      onForming:
        onForming &&
        (({ instrument, interval }, bar, time) =>
          onForming(bar, { symbol: instrument.symbol, interval, time })),
    },
    signal,
  );
}

/** Calls `take` with the rows from `from` to `end`; a promise only if it gave one. */
function each(from: number, end: number, take: (row: number) => unknown): Promise<void> | undefined {
  for (let row = from; row < end; row++) {
    const result = take(row);
    if (isPromise(result)) return Promise.resolve(result).then(() => each(row + 1, end, take));
  }
  return undefined;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined | null)?.then === 'function';
}

function klineOf(bars: Bars, row: number): Kline {
  const { quoteVolume, trades, takerBuyBase, takerBuyQuote } = bars.extra;
  return {
    time: bars.time[row],
    open: bars.open[row],
    high: bars.high[row],
    low: bars.low[row],
    close: bars.close[row],
    volume: bars.volume[row],
    quoteVolume: quoteVolume?.[row] ?? Number.NaN,
    trades: trades?.[row] ?? Number.NaN,
    takerBuyBase: takerBuyBase?.[row] ?? Number.NaN,
    takerBuyQuote: takerBuyQuote?.[row] ?? Number.NaN,
  };
}
