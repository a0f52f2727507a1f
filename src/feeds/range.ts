import { type Bars, sliceBars } from '../model/bars.ts';
import { InputError } from '../model/errors.ts';
import { barStart } from '../model/interval.ts';
import type { DataFeed, FeedEvent } from './feed.ts';

export interface Range {
  /** Open time of the first bar of the run, epoch ms UTC; bars before it warm up. */
  readonly from?: number;
  /** The run ends before the bar that opens here, epoch ms UTC. */
  readonly to?: number;
  /** Bars of warm-up. Default: what the strategy's indicators need before `from`, none without `from`. */
  readonly warmup?: number;
}

/** The part of a feed from `from` to `to`, preceded by its warm-up bars. */
export function rangeFeed(feed: DataFeed, range: Range): DataFeed {
  const { from, to, warmup } = range;
  if (from === undefined && to === undefined && warmup === undefined) return feed;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new InputError('RANGE_EMPTY', `the range from ${iso(from)} to ${iso(to)} holds nothing`, {
      value: from,
      limit: to,
      fix: 'let --from be earlier than --to',
    });
  }
  if (warmup !== undefined && (!Number.isInteger(warmup) || warmup < 0)) {
    throw new InputError('WARMUP_INVALID', `the warm-up was ${warmup} bars`, {
      value: warmup,
      limit: 0,
      fix: 'use a whole number of bars, 0 or more',
    });
  }
  const opens = (stamp: number) => (feed.stamps === 'open' ? stamp : barStart(stamp, feed.interval));
  const rows = (bars: Bars, time: number) => {
    let low = 0;
    let high = bars.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (opens(bars.time[middle]) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    instrument: feed.instrument,
    interval: feed.interval,
    stamps: feed.stamps,
    columns: feed.columns,
    ...(feed.tradingDay === undefined ? {} : { tradingDay: feed.tradingDay }),
    ...(feed.length === undefined ? {} : { length: feed.length }),
    // Lines depend on where the bars begin, which their keys say, and not on where they end, which nobody could tell later.
    ...(feed.lines === undefined || to !== undefined ? {} : { lines: feed.lines }),
    progress: () => feed.progress?.() ?? Number.NaN,
    notes: () => feed.notes?.() ?? [],
    async *events(request): AsyncGenerator<FeedEvent> {
      const wanted = warmup ?? (from === undefined ? 0 : request.warmup);
      const tail = new Tail(wanted);
      let seen = 0;
      // A source that finds `from` by itself gives the warm-up itself.
      for await (const event of feed.events({ ...request, warmup: wanted })) {
        if (event.kind !== 'bars' || event.phase === 'warmup') {
          yield event;
          continue;
        }
        const { bars } = event;
        const end = to === undefined ? bars.length : rows(bars, to);
        const start = Math.min(end, from === undefined ? Math.max(0, wanted - seen) : rows(bars, from));
        if (start > 0) tail.push(sliceBars(bars, 0, start));
        seen += bars.length;
        if (end > start) {
          for (const kept of tail.take()) yield { kind: 'bars', bars: kept, phase: 'warmup', late: false };
          yield { ...event, bars: sliceBars(bars, start, end) };
        }
        if (end < bars.length) return;
      }
    },
  };
}

/** The last `size` bars of what was pushed, without copying. */
class Tail {
  readonly #size: number;
  #chunks: Bars[] = [];
  #length = 0;

  constructor(size: number) {
    this.#size = size;
  }

  push(bars: Bars): void {
    this.#chunks.push(bars);
    this.#length += bars.length;
    while (this.#chunks.length > 0 && this.#length - this.#chunks[0].length >= this.#size) {
      this.#length -= this.#chunks.shift()!.length;
    }
  }

  take(): Bars[] {
    const surplus = Math.max(0, this.#length - this.#size);
    const chunks = this.#chunks.map((bars, i) => (i === 0 ? sliceBars(bars, surplus, bars.length) : bars));
    this.#chunks = [];
    this.#length = 0;
    return chunks;
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
