import type { DataFeed, FeedEvent, FeedRequest } from '../../../src/feeds/feed.ts';
import type { LiveKlines } from '../../../src/feeds/live/contract.ts';
import { syntheticBars } from '../../../src/feeds/synthetic/synthetic.ts';
import type { Bars } from '../../../src/model/bars.ts';
import { sliceBars } from '../../../src/model/bars.ts';
import { instrument } from '../../../src/model/instrument.ts';
import type { Interval } from '../../../src/model/interval.ts';

/** Bars with the exchange's further columns. */
export function klineBars(
  symbol: string,
  bars: number,
  interval: Interval = '1m',
  from = Date.UTC(2024, 0, 31),
): Bars {
  const plain = syntheticBars({ symbol, interval, bars, from });
  return {
    ...plain,
    extra: {
      quoteVolume: plain.volume.map((volume, i) => volume * plain.close[i]),
      trades: plain.volume.map(volume => Math.round(volume)),
      takerBuyBase: plain.volume.map(volume => volume / 4),
      takerBuyQuote: plain.volume.map((volume, i) => (volume * plain.close[i]) / 4),
    },
  };
}

export interface FakeSeries {
  readonly symbol: string;
  readonly interval?: Interval;
  /** What happens, in order, whatever is asked for. */
  readonly script?: readonly FeedEvent[];
  /** Or: the bars of an exchange that answers what is asked for, from bar `start` on as if live. */
  readonly bars?: Bars;
  readonly start?: number;
  readonly onRequest?: (request: FeedRequest) => void;
  readonly error?: Error;
  /** Wait for the end of the run instead of ending. */
  readonly endless?: boolean;
}

/** Feeds that say what a test tells them to. */
export function fakeLive(series: readonly FakeSeries[]): LiveKlines & { closed: boolean } {
  const live = {
    closed: false,
    feeds: series.map(fakeFeed),
    status: () => ({
      connections: [],
      series: [],
      time: Date.UTC(2024, 0, 31, 12),
      counters: { frames: 0, duplicates: 0, revised: 0, reconnects: 0, gapsFilled: 0, dropped: 0 },
    }),
    close: async () => {
      live.closed = true;
    },
  };
  return live;
}

function fakeFeed(series: FakeSeries): DataFeed {
  const { symbol, interval = '1m', script, bars, start = 0, onRequest, error, endless = false } = series;
  return {
    instrument: instrument(symbol),
    interval,
    stamps: 'open',
    columns: ['quoteVolume', 'trades', 'takerBuyBase', 'takerBuyQuote'],
    async *events(request): AsyncGenerator<FeedEvent> {
      onRequest?.(request);
      for (const event of script ?? []) {
        if (request.signal.aborted) return;
        yield event;
        await Promise.resolve();
      }
      if (bars !== undefined) {
        const first = bars.time.findIndex(time => time > (request.after ?? Number.POSITIVE_INFINITY));
        const from =
          request.after === undefined
            ? Math.max(0, start - request.warmup)
            : first === -1
              ? bars.length
              : first;
        if (from < start)
          yield { kind: 'bars', bars: sliceBars(bars, from, start), phase: 'run', late: true };
        for (let i = Math.max(from, start); i < bars.length && !request.signal.aborted; i++) {
          yield { kind: 'bars', bars: sliceBars(bars, i, i + 1), phase: 'run', late: false };
        }
      }
      if (error !== undefined) throw error;
      if (endless && !request.signal.aborted) {
        await new Promise(done => request.signal.addEventListener('abort', done, { once: true }));
      }
    },
  };
}
