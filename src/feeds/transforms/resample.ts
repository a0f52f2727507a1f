import { type Interval, parseInterval } from '../../model/interval.ts';
import type { Derivation, ResampleOptions } from '../../model/resampling.ts';
import type { DataFeed, FeedEvent } from '../feed.ts';
import { Aggregator } from './aggregator.ts';
import { checkDivides, mostBars } from './periods.ts';
import { type FeedTransform, transformFeed } from './transform.ts';

type BarsEvent = Extract<FeedEvent, { kind: 'bars' }>;

/**
 * Longer bars of a feed's: `resample(feed, '1h')`. A bar is given when it has closed, and is known at its end; the last one
 * of a history that ends in its middle is not given. Periods without bars give none. Throws `INTERVAL_INVALID`,
 * `RESAMPLE_INDIVISIBLE`, `RESAMPLE_INVALID`, and while it runs `RESAMPLE_MISALIGNED`.
 */
export function resample(feed: DataFeed, interval: string, options: ResampleOptions = {}): DataFeed {
  return longerBars(feed, interval, options, 'closed');
}

/**
 * Longer bars of a feed's that are seen while they grow: `replay(feed, '1h')`. Each bar of the feed makes a step, in which
 * the longer bar is current as it has become. Orders are matched on the feed's own bars. Throws as {@link resample} does.
 */
export function replay(feed: DataFeed, interval: string, options: ResampleOptions = {}): DataFeed {
  return longerBars(feed, interval, options, 'growing');
}

/** Longer bars that are made of those of another consumer of the same source. */
export interface Derived {
  /** The terms of the longer bars; its events are for those who have no other consumer. */
  readonly feed: DataFeed;
  readonly transform: FeedTransform;
  /** Bars of the source that hold this many longer ones. */
  readonly sourceWarmup: (bars: number) => number;
}

/** Longer bars to go with `feed`. Throws as {@link resample} does. */
export function deriveBars(
  feed: DataFeed,
  interval: string,
  options: ResampleOptions,
  derivation: Derivation,
): Derived {
  const longer = longerBars(feed, interval, options, derivation);
  const aggregator = new Aggregator(feed, longer.interval, options);
  return {
    feed: longer,
    transform: derivation === 'growing' ? new Growing(aggregator) : new Resampling(aggregator),
    sourceWarmup: bars => sourceWarmup(bars, feed.interval, longer.interval),
  };
}

function longerBars(
  feed: DataFeed,
  interval: string,
  options: ResampleOptions,
  derivation: Derivation,
): DataFeed {
  const target = parseInterval(interval);
  checkDivides(feed.interval, target);
  const make = () => new Aggregator(feed, target, options);
  const { stamps } = make();
  const most = mostBars(feed.interval, target);
  const isGrowing = derivation === 'growing';
  return transformFeed(
    feed,
    {
      interval: target,
      stamps,
      share: isGrowing ? 1 : 1 / most,
      ...(isGrowing ? { growsBy: feed.interval } : {}),
      request: request => ({
        ...request,
        warmup: sourceWarmup(request.warmup, feed.interval, target),
        after: request.after === undefined ? undefined : make().lastPart(request.after),
      }),
    },
    () => (isGrowing ? new Growing(make()) : new Resampling(make())),
  );
}

/**
 * Bars of the source that hold `bars` whole longer bars, and what has passed of the one that is open, wherever they begin.
 */
function sourceWarmup(bars: number, source: Interval, target: Interval): number {
  return (bars + 1) * mostBars(source, target) - 1;
}

/** Gives longer bars once they have closed. */
class Resampling implements FeedTransform {
  readonly #aggregator: Aggregator;
  #phase: BarsEvent['phase'] = 'warmup';

  constructor(aggregator: Aggregator) {
    this.#aggregator = aggregator;
  }

  take(event: FeedEvent): readonly FeedEvent[] {
    const aggregator = this.#aggregator;
    switch (event.kind) {
      case 'bars':
        return this.#add(event);
      case 'clock':
        // An end of all time is the end of the data, and no bar has closed by it.
        if (event.upTo === Number.POSITIVE_INFINITY) return [event];
        return [...this.#passed(event.upTo), event];
      case 'forming':
        return [{ ...event, bar: aggregator.forming(event.bar) }];
      default:
        return [event];
    }
  }

  end(): readonly FeedEvent[] {
    return [];
  }

  #add(event: BarsEvent): readonly FeedEvent[] {
    const events: FeedEvent[] = [];
    const { bars, phase } = event;
    if (bars.length === 0) return events;
    // What had closed before the first bar of the run belongs to the warm-up, though that bar is what shows it.
    if (phase !== this.#phase) events.push(...this.#passed(this.#aggregator.stampOpen(bars.time[0])));
    this.#phase = phase;
    const longer = this.#aggregator.add(bars, phase === 'warmup');
    if (longer.length > 0) events.push({ ...event, bars: longer });
    return events;
  }

  #passed(time: number): readonly FeedEvent[] {
    const bars = this.#aggregator.pass(time);
    return bars.length === 0 ? [] : [{ kind: 'bars', bars, phase: this.#phase, late: false }];
  }
}

/** Gives longer bars while they grow. */
class Growing implements FeedTransform {
  readonly #aggregator: Aggregator;

  constructor(aggregator: Aggregator) {
    this.#aggregator = aggregator;
  }

  take(event: FeedEvent): readonly FeedEvent[] {
    if (event.kind !== 'bars') return [event];
    const grown = this.#aggregator.grow(event.bars, event.phase === 'warmup');
    return grown === undefined ? [] : [{ ...event, ...grown }];
  }

  end(): readonly FeedEvent[] {
    return [];
  }
}
