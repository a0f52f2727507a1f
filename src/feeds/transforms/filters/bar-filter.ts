import type { Bars } from '../../../model/bars.ts';
import { barEnd, barStart } from '../../../model/interval.ts';
import type { DataFeed, FeedEvent } from '../../feed.ts';
import { BarBuilder } from '../bar-builder.ts';
import { type TransformTerms, transformFeed } from '../transform.ts';

/** Looks at the bars of a feed one by one, and gives those that take their place. */
export interface BarFilter {
  /** Pushes what takes the place of row `row`; times go forwards. */
  add(bars: Bars, row: number, given: BarBuilder): void;
  /** Pushes what is known now that nothing more will come at or before `time`, epoch ms UTC. */
  pass?(time: number, given: BarBuilder): void;
}

/** The feed of what `make`'s filter, made anew for each run, gives for the bars of `feed`. */
export function filterFeed(
  feed: DataFeed,
  make: () => BarFilter,
  terms: TransformTerms & { readonly forming?: boolean } = {},
): DataFeed {
  const { forming = true, ...changed } = terms;
  return transformFeed(feed, changed, () => {
    const filter = make();
    const given = new BarBuilder(changed.columns ?? feed.columns);
    let phase: 'warmup' | 'run' = 'warmup';
    const taken = (late: boolean): FeedEvent[] =>
      given.length === 0 ? [] : [{ kind: 'bars', bars: given.take(), phase, late }];
    return {
      take(event) {
        if (event.kind === 'bars') {
          phase = event.phase;
          for (let row = 0; row < event.bars.length; row++) filter.add(event.bars, row, given);
          return taken(event.late);
        }
        if (event.kind === 'forming' && !forming) return [];
        if (event.kind !== 'clock' || event.upTo === Number.POSITIVE_INFINITY) return [event];
        filter.pass?.(event.upTo, given);
        return [...taken(false), event];
      },
      end: () => [],
    };
  });
}

/** When the bars of a feed begin and end, epoch ms UTC, by their stamps. */
export function timesOf({ stamps, interval }: Pick<DataFeed, 'stamps' | 'interval'>) {
  return {
    openOf: (stamp: number) => (stamps === 'open' ? stamp : barStart(stamp, interval)),
    closeOf: (stamp: number) => (stamps === 'close' ? stamp : barEnd(stamp, interval)),
    next: (stamp: number) => barEnd(stamp, interval),
  };
}
