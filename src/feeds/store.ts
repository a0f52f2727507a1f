import { type Bars, OHLCV } from '../model/bars.ts';
import { DataError } from '../model/errors.ts';
import { type Instrument, instrument, type Market } from '../model/instrument.ts';
import type { Interval } from '../model/interval.ts';
import { seriesKey, seriesName } from '../store/bar-series.ts';
import { BarStore, type SeriesKey } from '../store/bars.ts';
import type { DataFeed, FeedEvent, FeedRequest } from './feed.ts';

/** Bars a chunk, about; results never depend on it. */
const CHUNK = 16_384;

export interface StoreFeedOptions {
  /** Open time of the first bar of the run, epoch ms UTC; bars before it warm up. Default: the first bar that there is. */
  readonly from?: number | undefined;
  /** The run ends before the bar that opens here, epoch ms UTC. */
  readonly to?: number | undefined;
  /** Terms of the instrument; default: read off the symbol. */
  readonly instrument?: Instrument;
}

/**
 * A feed of the bars that a store has of a series, read as they are asked for: memory does not grow with them. `from` is found
 * without reading what is before it but for the warm-up. `store` is an open store or the file of one, which is then open
 * while it is read. Throws `STORE_SERIES_UNKNOWN` and other `STORE_*`, and `BAR_CONTRADICTORY` while it runs.
 */
export function storeFeed(
  store: BarStore | string,
  key: SeriesKey,
  options: StoreFeedOptions = {},
): DataFeed {
  const known = seriesKey(key);
  const { from, to } = options;
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const [columns, length] = withStore(store, open => {
    const found = open.series(known);
    if (found === undefined) throw unknown(open, known);
    return [found.columns, open.count(known, range)] as const;
  });
  let given = 0;
  return {
    instrument: options.instrument ?? instrument(known.symbol, { market: known.market as Market }),
    interval: known.interval as Interval,
    stamps: 'open',
    columns,
    length,
    progress: () => (length === 0 ? 1 : Math.min(1, given / length)),
    async *events({ signal, warmup, after }: FeedRequest): AsyncGenerator<FeedEvent> {
      given = 0;
      const open = typeof store === 'string' ? new BarStore(store, { readOnly: true }) : store;
      try {
        const begin = after === undefined ? from : Math.max(after + 1, from ?? after + 1);
        if (after === undefined && from !== undefined && warmup > 0) {
          const bars = open.last(known, warmup, from);
          check(bars, known);
          if (bars.length > 0) yield { kind: 'bars', bars, phase: 'warmup', late: false };
        }
        const rest = { ...range, ...(begin === undefined ? {} : { from: begin }) };
        for (const bars of open.chunks(known, rest, CHUNK)) {
          if (signal.aborted) return;
          check(bars, known);
          given += bars.length;
          yield { kind: 'bars', bars, phase: 'run', late: false };
        }
      } finally {
        if (open !== store) open.close();
      }
    },
  };
}

function withStore<R>(store: BarStore | string, act: (store: BarStore) => R): R {
  if (typeof store !== 'string') return act(store);
  const open = new BarStore(store, { readOnly: true });
  try {
    return act(open);
  } finally {
    open.close();
  }
}

function unknown({ file }: BarStore, key: SeriesKey): DataError {
  return new DataError('STORE_SERIES_UNKNOWN', `has no bars of ${seriesName(key)}`, {
    file,
    value: seriesName(key),
    fix: 'qt data list shows what there is, qt data import brings more',
  });
}

/** A store keeps what a venue said; no order is filled in a bar that cannot have been. */
function check({ length, time, open, high, low, close }: Bars, key: SeriesKey): void {
  for (let i = 0; i < length; i++) {
    const most = Math.max(open[i], close[i]);
    const least = Math.min(open[i], close[i]);
    if (high[i] >= most && low[i] <= least) continue;
    const values = [open, high, low, close].map((column, c) => `${OHLCV[c]} ${column[i]}`).join(', ');
    const stamp = new Date(time[i]).toISOString();
    throw new DataError('BAR_CONTRADICTORY', `${seriesName(key)}: the bar of ${stamp} has ${values}`, {
      value: high[i],
      fix: 'qt data check lists such bars; delete them, or put right ones in their place with --replace',
    });
  }
}
