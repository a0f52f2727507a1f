import { parseInterval } from '../model/interval.ts';
import type { Channel, MarketRecord } from '../model/records.ts';
import type { Network } from '../net/network.ts';
import { microseconds, realNetwork } from '../net/real.ts';
import { Collection } from './collection.ts';
import { liveVenue } from './live-venue.ts';
import type { MarketView } from './market-view.ts';
import { replayCapture } from './replay.ts';
import { channelsNamed, metricsWindow } from './terms.ts';

/** What of a venue's market data is wanted, and who takes it. */
export interface RecordsWanted {
  /** Default: `trades` and `book`; of captures all. What a venue does not serve is left out, and told. */
  readonly channels?: readonly Channel[] | undefined;
  /** Measures each instrument so often, `1s`, `1m`, at most `1d`: records of kind `metrics`. Default: never. */
  readonly metrics?: string | undefined;
  /**
   * Called once for each record, in order. It is not waited for: whoever needs longer than the market queues them. What it throws
   * ends everything.
   */
  readonly onRecord: (record: MarketRecord, market: MarketView) => void;
}

export interface CollectOptions extends RecordsWanted {
  /** As `qt collect --venue` names it: `okx`, `binance-spot`. */
  readonly venue: string;
  /** In any spelling: `BTC-USDT`, `btcusdt`, `XBT/USDT`. One that the venue lacks is a notice `SYMBOL_UNKNOWN`. */
  readonly symbols: readonly string[];
  /** Of klines; default `1m`. */
  readonly interval?: string | undefined;
  /** Where the venue is reached, without a slash at the end; default: its own addresses. */
  readonly addresses?: { readonly stream?: string; readonly rest?: string } | undefined;
  /** Ends it; that is no error. */
  readonly signal?: AbortSignal | undefined;
  /** What a person who watches should know: connections that come and go, symbols that are not there. */
  readonly onNotice?:
    | ((notice: { level: 'info' | 'warning'; code: string; message: string }) => void)
    | undefined;
  /** Default: the real one. */
  readonly network?: Network | undefined;
}

/**
 * Collects market data of a venue, checked by every rule that it has, until `signal` aborts. Connections are made again for
 * ever; what is missing meanwhile is a gap record, and a book with something missing is not valid until it is whole again.
 * Throws InputError `VENUE_UNKNOWN`, `VENUE_CLOSED`, `CHANNEL_UNKNOWN`, `INTERVAL_INVALID`, `OPTION_INVALID`, `SYMBOLS_UNKNOWN`;
 * NetworkError `VENUE_UNREACHABLE` when its lists of instruments cannot be had; what `onRecord` threw.
 */
export async function collect(options: CollectOptions): Promise<void> {
  const { addresses, network, onNotice, onRecord, signal, symbols } = options;
  const venue = liveVenue(options.venue);
  const thrown = new AbortController();
  const ended = signal === undefined ? thrown.signal : AbortSignal.any([signal, thrown.signal]);
  let failure: { readonly error: unknown } | undefined;
  const collection: Collection = new Collection({
    ...{ venue, symbols, sinks: [], interval: parseInterval(options.interval ?? '1m') },
    network: network ?? realNetwork,
    clock: network === undefined ? microseconds : () => network.timers.now() * 1000,
    channels: channelsNamed(options.channels ?? ['trades', 'book']),
    ...(options.metrics === undefined ? {} : { metricsEvery: metricsWindow('metrics', options.metrics) }),
    addresses: { ...venue.addresses, ...addresses },
    signal: ended,
    onRecord: record => {
      if (ended.aborted) return;
      try {
        onRecord(record, collection.market);
      } catch (error) {
        failure = { error };
        thrown.abort();
      }
    },
    onNotice: (level, code, message) => onNotice?.({ level, code, message }),
  });
  await collection.run();
  if (failure !== undefined) throw failure.error;
}

/**
 * The records of a capture (`qt collect --capture`), through the same decoder and books as live and in the same order: what was
 * written for `collect` runs over it unchanged. Throws DataError `CAPTURE_*`, InputError as `collect` does; what `onRecord` threw.
 */
export async function replayRecords(file: string, options: RecordsWanted): Promise<void> {
  const { channels, metrics, onRecord } = options;
  await replayCapture(file, {
    ...(channels === undefined ? {} : { channels: channelsNamed(channels) }),
    ...(metrics === undefined ? {} : { metricsEvery: metricsWindow('metrics', metrics) }),
    onRecord,
  });
}
