import type { LiveNotice, PastBars, Series } from '../feeds/live/contract.ts';
import { openLiveKlines } from '../feeds/live/live-klines.ts';
import { resampled } from '../feeds/live/resampled.ts';
import type { Network } from '../net/network.ts';
import { realNetwork } from '../net/real.ts';
import { Journal } from '../store/journal.ts';
import { endpointsOf } from '../venues/binance/endpoints.ts';
import { type PaperResult, type PaperSessionOptions, tradeOnPaper } from './session.ts';

export interface PaperOptions extends Omit<PaperSessionOptions, 'exchange' | 'timers'> {
  /** The first one is the strategy's `data`. */
  readonly series: readonly Series[];
  /** `binance` (default), `testnet`, `local`, or a URL. */
  readonly exchange?: string | undefined;
  /** A bar is late when it is delivered more than this after its close, ms of the market's time; default: its interval. */
  readonly lateMs?: number | undefined;
  /** Fail when the exchange cannot be reached at the start, instead of trying again and again. */
  readonly once?: boolean | undefined;
  /** The strategy's data are bars of this length, made of those of the series, on which orders are matched. */
  readonly resample?: string | undefined;
  readonly network?: Network | undefined;
  /** Where warm-up is taken from before the exchange is asked for it: `storedPast('.qt/data.sqlite', 'binance')`. */
  readonly past?: PastBars | undefined;
  readonly onNotice?: ((notice: LiveNotice) => void) | undefined;
}

/** Trades on paper on Binance's klines, or those of a local exchange; see {@link tradeOnPaper}. */
export async function runPaper(options: PaperOptions): Promise<PaperResult> {
  const network = options.network ?? realNetwork;
  const endpoints = endpointsOf(options.exchange ?? 'binance');
  // A store that cannot be written is told at once, not when the exchange has answered.
  new Journal(options.store).close();
  const klines = await openLiveKlines({
    endpoints,
    series: options.series,
    network,
    forming: true,
    ...(options.lateMs === undefined ? {} : { lateMs: options.lateMs }),
    ...(options.once === undefined ? {} : { once: options.once }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.past === undefined ? {} : { past: options.past }),
    ...(options.onNotice === undefined ? {} : { onNotice: options.onNotice }),
  });
  try {
    return await tradeOnPaper(resampled(klines, options.resample), {
      ...options,
      timers: network.timers,
      exchange: endpoints.name,
    });
  } finally {
    await klines.close();
  }
}
