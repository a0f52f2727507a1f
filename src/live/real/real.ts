import { dryRun } from '../../brokers/binance/dry-run.ts';
import type { TradingPort } from '../../brokers/binance/port.ts';
import type { LiveNotice, PastBars, Series } from '../../feeds/live/contract.ts';
import { openLiveKlines } from '../../feeds/live/live-klines.ts';
import { resampled } from '../../feeds/live/resampled.ts';
import type { Network } from '../../net/network.ts';
import { realNetwork } from '../../net/real.ts';
import { endpointsOf } from '../../venues/binance/endpoints.ts';
import { type RealResult, type RealSessionOptions, tradeForReal } from './session.ts';

export interface RealOptions
  extends Omit<RealSessionOptions, 'exchange' | 'timers' | 'random' | 'simulatedTime'> {
  /** Where orders go; opened, and closed, by the caller. */
  readonly port: TradingPort;
  /** The first one is the strategy's `data`. */
  readonly series: readonly Series[];
  /** `binance` (default), `testnet`, `demo`, `local`, or a URL: the same that the port speaks to. */
  readonly exchange?: string | undefined;
  /** Orders are checked by the exchange and refused, and none is placed; default false. */
  readonly dryRun?: boolean | undefined;
  /** A bar is late when it is delivered more than this after its close, ms of the market's time; default: its interval. */
  readonly lateMs?: number | undefined;
  /** Fail when the exchange cannot be reached at the start, instead of trying again and again. */
  readonly once?: boolean | undefined;
  /** The strategy's data are bars of this length, made of those of the series, on which orders are matched. */
  readonly resample?: string | undefined;
  readonly network?: Network | undefined;
  /** Where warm-up is taken from before the exchange is asked for it: `storedPast('.qt/data.sqlite', 'binance')`. */
  readonly past?: PastBars | undefined;
  readonly onMarketNotice?: ((notice: LiveNotice) => void) | undefined;
}

/** Trades with real orders on Binance, or on a local exchange; see {@link tradeForReal}. */
export async function runReal(options: RealOptions): Promise<RealResult> {
  const network = options.network ?? realNetwork;
  const endpoints = endpointsOf(options.exchange ?? 'binance');
  const port = options.dryRun === true ? dryRun(options.port) : options.port;
  const klines = await openLiveKlines({
    endpoints,
    series: options.series,
    network,
    forming: true,
    ...(options.lateMs === undefined ? {} : { lateMs: options.lateMs }),
    ...(options.once === undefined ? {} : { once: options.once }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.past === undefined ? {} : { past: options.past }),
    ...(options.onMarketNotice === undefined ? {} : { onNotice: options.onMarketNotice }),
  });
  try {
    return await tradeForReal(resampled(klines, options.resample), port, {
      ...options,
      timers: network.timers,
      random: network.random,
      simulatedTime: endpoints.local,
      exchange: options.dryRun === true ? `${endpoints.name} (dry run)` : endpoints.name,
    });
  } finally {
    await klines.close();
  }
}
