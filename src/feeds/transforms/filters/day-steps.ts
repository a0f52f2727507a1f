import type { DataFeed, FeedEvent } from '../../feed.ts';
import { BarBuilder } from '../bar-builder.ts';
import { transformFeed } from '../transform.ts';
import { timesOf } from './bar-filter.ts';

/**
 * Shows each bar twice: when it has opened, with its open as all four prices and without volume, and when it has closed, as it is. The
 * bar grows from the one to the other; orders that are placed at the open meet the prices after it.
 */
export function daySteps(feed: DataFeed): DataFeed {
  const { openOf, closeOf } = timesOf(feed);
  return transformFeed(feed, { growsBy: feed.interval, share: 2 }, () => {
    const rows = new BarBuilder(feed.columns);
    const parts = new BarBuilder(feed.columns);
    let last = Number.NEGATIVE_INFINITY;
    return {
      take(event): readonly FeedEvent[] {
        if (event.kind === 'forming') return [];
        if (event.kind !== 'bars') return [event];
        const { bars } = event;
        const known = new Float64Array(2 * bars.length);
        for (let row = 0; row < bars.length; row++) {
          const time = bars.time[row];
          const open = bars.open[row];
          const began = openOf(time);
          for (const builder of [rows, parts]) {
            builder.push(builder === rows ? time : began, open, open, open, open, 0);
            for (const [i, name] of feed.columns.entries()) builder.pushExtra(i, bars.extra[name][row]);
            builder.pushRow(bars, row, builder === rows ? time : began);
          }
          // One bar opens when the one before it closes; each step has its moment.
          known[2 * row] = began > last ? began : last + 1;
          known[2 * row + 1] = closeOf(time);
          last = known[2 * row + 1];
        }
        const revises = Uint8Array.from(known, (_, i) => i % 2);
        return [{ ...event, bars: rows.take(), growth: { revises, known, parts: parts.take() } }];
      },
      end: () => [],
    };
  });
}
