import type { DataFeed } from '../../feed.ts';
import { filterFeed } from './bar-filter.ts';

/**
 * Heikin-Ashi bars: the close is the mean of the four prices, the open the middle of the body before (of the first bar, of its own
 * body), high and low reach around them. Volume and further columns stay. Orders on the feed are matched at these made-up
 * prices: trade on the bars themselves, and let these stand beside them. Source: Dan Valcu, Stocks & Commodities 22:2.
 */
export function heikinAshiBars(feed: DataFeed): DataFeed {
  return filterFeed(
    feed,
    () => {
      let lastOpen = Number.NaN;
      let lastClose = Number.NaN;
      return {
        add(bars, row, given) {
          const open = bars.open[row];
          const high = bars.high[row];
          const low = bars.low[row];
          const middle = Number.isNaN(lastOpen) ? (open + bars.close[row]) / 2 : (lastOpen + lastClose) / 2;
          const mean = (open + high + low + bars.close[row]) / 4;
          lastOpen = middle;
          lastClose = mean;
          const top = Math.max(high, middle, mean);
          given.push(bars.time[row], middle, top, Math.min(low, middle, mean), mean, bars.volume[row]);
          for (const [i, name] of feed.columns.entries()) given.pushExtra(i, bars.extra[name][row]);
        },
      };
    },
    { forming: false },
  );
}
