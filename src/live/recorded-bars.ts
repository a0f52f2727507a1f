import type { DataFeed, FeedEvent } from '../feeds/feed.ts';
import { type Bars, type Growth, OHLCV, sliceBars } from '../model/bars.ts';
import { NumberColumn } from '../model/columns.ts';
import { barEnd, barStart } from '../model/interval.ts';
import type { JournalEntry, JournalGrowth } from '../store/journal.ts';
import { growthOf, sliceGrowth } from './inputs.ts';
import type { SessionSettings } from './settings.ts';

type Terms = SessionSettings['datas'][number];

/** Bars a chunk. */
const CHUNK = 65_536;

/** The bars of a session in columns, as history: how and when they came is forgotten. */
export class RecordedBars {
  readonly #feeds: readonly RecordedFeed[];

  constructor(datas: readonly Terms[]) {
    this.#feeds = datas.map(terms => new RecordedFeed(terms));
  }

  add(entry: JournalEntry): void {
    if (entry.kind !== 'warmup' && entry.kind !== 'bar' && entry.kind !== 'late') return;
    const feed = this.#feeds[entry.feed];
    if (entry.kind === 'warmup') feed.warmup++;
    feed.time.push(entry.time);
    for (const name of OHLCV) feed.ohlcv[name].push(entry[name]);
    for (let i = 0; i < feed.extra.length; i++) feed.extra[i].push(entry.extra[i]);
    if (entry.growth !== undefined) feed.growth.push(entry.growth);
  }

  /** One feed a series: warm-up as warm-up, the rest as the run. */
  feeds(): DataFeed[] {
    return this.#feeds.map(feed => feed.asFeed());
  }

  /** Number of the bar of series `feed` that was open at `time` (epoch ms UTC), or had closed just then; -1 before the first. */
  barAt(feed: number, time: number): number {
    return this.#feeds[feed].barAt(time);
  }

  /** When bar number `bar` of series `feed` opened, epoch ms UTC. */
  openOf(feed: number, bar: number): number {
    return this.#feeds[feed].open(bar);
  }

  /** The first price of bar number `bar` of series `feed`; NaN where there is none. */
  firstPriceOf(feed: number, bar: number): number {
    const { ohlcv } = this.#feeds[feed];
    return bar >= 0 && bar < ohlcv.open.length ? ohlcv.open.at(bar) : Number.NaN;
  }

  /** When the last bar of series `feed` closed, epoch ms UTC; -Infinity without one. */
  endOf(feed: number): number {
    const recorded = this.#feeds[feed];
    const { length } = recorded.time;
    return length === 0 ? Number.NEGATIVE_INFINITY : recorded.end(length - 1);
  }
}

class RecordedFeed {
  readonly terms: Terms;
  warmup = 0;
  readonly time = new NumberColumn(1024);
  readonly ohlcv = Object.fromEntries(OHLCV.map(name => [name, new NumberColumn(1024)])) as Record<
    (typeof OHLCV)[number],
    NumberColumn
  >;
  readonly extra: readonly NumberColumn[];
  readonly growth: JournalGrowth[] = [];

  constructor(terms: Terms) {
    this.terms = terms;
    this.extra = terms.columns.map(() => new NumberColumn(1024));
  }

  asFeed(): DataFeed {
    const { terms, warmup } = this;
    const bars = this.#bars();
    const growth: Growth | undefined =
      terms.growsBy === undefined ? undefined : growthOf(this.growth, terms.columns);
    return {
      ...terms,
      length: bars.length,
      async *events({ signal }): AsyncGenerator<FeedEvent> {
        for (let from = 0; from < bars.length && !signal.aborted; ) {
          const isWarmup = from < warmup;
          const to = Math.min(from + CHUNK, isWarmup ? warmup : bars.length);
          const phase = isWarmup ? 'warmup' : 'run';
          yield {
            ...{ kind: 'bars', bars: sliceBars(bars, from, to), phase, late: false },
            ...(growth === undefined ? {} : { growth: sliceGrowth(growth, from, to) }),
          };
          from = to;
        }
      },
    };
  }

  #bars(): Bars {
    const { time, ohlcv, extra, terms } = this;
    return {
      length: time.length,
      time: time.view(),
      open: ohlcv.open.view(),
      high: ohlcv.high.view(),
      low: ohlcv.low.view(),
      close: ohlcv.close.view(),
      volume: ohlcv.volume.view(),
      extra: Object.fromEntries(terms.columns.map((name, i) => [name, extra[i].view()])),
    };
  }

  end(bar: number): number {
    if (this.growth.length > 0) return this.growth[bar].known;
    const stamp = this.time.at(bar);
    return this.terms.stamps === 'open' ? barEnd(stamp, this.terms.interval) : stamp;
  }

  open(bar: number): number {
    if (this.growth.length > 0) return this.growth[bar].part[0];
    const stamp = this.time.at(bar);
    return this.terms.stamps === 'open' ? stamp : barStart(stamp, this.terms.interval);
  }

  /** A moment at which one bar closes and the next opens belongs to the earlier one. */
  barAt(moment: number): number {
    let low = 0;
    let high = this.time.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.open(middle) < moment) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
