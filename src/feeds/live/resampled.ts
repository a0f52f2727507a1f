import { resample } from '../transforms/resample.ts';
import type { LiveKlines } from './contract.ts';

/** Live klines as longer bars of `interval`; without one as they are. Throws `RESAMPLE_INDIVISIBLE`, `INTERVAL_INVALID`. */
export function resampled(klines: LiveKlines, interval: string | undefined): LiveKlines {
  if (interval === undefined) return klines;
  return {
    feeds: klines.feeds.map(feed => resample(feed, interval)),
    status: () => klines.status(),
    close: () => klines.close(),
  };
}
