import { createHash } from 'node:crypto';
import type { DataFeed, FeedEvent, TradingDay } from '../feeds/feed.ts';
import { type Bars, sliceBars } from '../model/bars.ts';
import { NumberColumn } from '../model/columns.ts';
import { InputError } from '../model/errors.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Interval } from '../model/interval.ts';
import type { LineMemory } from '../series/line-memory.ts';

/** The bars of a feed in memory that all threads read: nothing is copied, whatever their number. */
export interface SharedBars {
  readonly instrument: Instrument;
  readonly interval: Interval;
  readonly stamps: 'open' | 'close';
  readonly tradingDay: TradingDay | undefined;
  readonly length: number;
  /** `time` … `volume`, then the further columns, one after the other in {@link buffer}. */
  readonly columns: readonly string[];
  readonly buffer: SharedArrayBuffer;
}

const OWN = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;
const CHUNK = 65_536;

/**
 * Reads a feed to its end; `warmup`: how many bars before its beginning, of a feed that can give them. Throws `SWEEP_DATA_GROWS` for bars that are given while
 * they grow, and what the feed throws.
 */
export async function shareFeed(feed: DataFeed, signal: AbortSignal, warmup = 0): Promise<SharedBars> {
  if (feed.growsBy !== undefined) {
    throw new InputError('SWEEP_DATA_GROWS', `${feed.instrument.symbol} gives bars while they grow`, {
      value: feed.growsBy,
      fix: 'give the finer bars, and let the strategy make longer ones: this.data.replay()',
    });
  }
  const columns = [...OWN, ...feed.columns];
  const grown = columns.map(() => new NumberColumn(feed.length ?? 1024));
  for await (const event of feed.events({ signal, warmup })) {
    if (event.kind !== 'bars') continue;
    const { bars } = event;
    for (const [i, name] of columns.entries()) {
      const values = i < OWN.length ? bars[name as 'time'] : bars.extra[name];
      grown[i].append(values.subarray(0, bars.length));
    }
  }
  const { length } = grown[0];
  const buffer = new SharedArrayBuffer(columns.length * length * 8);
  for (const [i, values] of grown.entries())
    new Float64Array(buffer, i * length * 8, length).set(values.view());
  const { instrument, interval, stamps, tradingDay } = feed;
  return { instrument, interval, stamps, tradingDay, length, columns, buffer };
}

/**
 * The bars as a feed again. They were checked when they were first read. `lines`: where indicators over them are kept from run to
 * run.
 */
export function sharedFeed(shared: SharedBars, lines?: LineMemory): DataFeed {
  const { instrument, interval, stamps, tradingDay, length, columns, buffer } = shared;
  const values = columns.map((_, i) => new Float64Array(buffer, i * length * 8, length));
  const extra = Object.fromEntries(
    columns.slice(OWN.length).map((name, i) => [name, values[OWN.length + i]]),
  );
  const [time, open, high, low, close, volume] = values;
  const bars: Bars = { length, time, open, high, low, close, volume, extra };
  return {
    ...{ instrument, interval, stamps, length },
    columns: columns.slice(OWN.length),
    ...(tradingDay === undefined ? {} : { tradingDay }),
    ...(lines === undefined ? {} : { lines }),
    async *events(): AsyncGenerator<FeedEvent> {
      for (let from = 0; from < length; from += CHUNK) {
        const chunk = sliceBars(bars, from, Math.min(length, from + CHUNK));
        yield { kind: 'bars', bars: chunk, phase: 'run', late: false };
      }
    },
  };
}

/** SHA-256 over the bars and what is said of them. */
export function hashOf({ buffer, ...about }: SharedBars): string {
  return createHash('sha256').update(JSON.stringify(about)).update(new Uint8Array(buffer)).digest('hex');
}
