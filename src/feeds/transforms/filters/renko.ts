import { InputError } from '../../../model/errors.ts';
import type { DataFeed } from '../../feed.ts';
import { filterFeed } from './bar-filter.ts';

export interface RenkoOptions {
  /** Height of a brick, in quote. Default: by `autosize`. */
  readonly size?: number;
  /** Without `size`: the price divided by this, in whole units if it is above 1. Default 20. */
  readonly autosize?: number;
  /** Size each brick by the close that makes it, and end it at a multiple of `align`. Default false. */
  readonly dynamic?: boolean;
  /** The first boundary is a multiple of this, the nearest one to the first open. Default 1. */
  readonly align?: number;
  /** Bricks are made by highs and lows instead of closes. Default false. */
  readonly hilo?: boolean;
  /** `backtrader` gives each brick its close as the high, its open as the low and no volume, and cuts multiples to whole units. */
  readonly convention?: 'usual' | 'backtrader';
}

/**
 * Renko bricks: a bar of the feed gives one brick when its close has left the last one by going through a boundary, at most one,
 * stamped as the bar; further ones follow with the bars that come. The volume is that of all bars since the brick before.
 * Throws `RENKO_INVALID`.
 */
export function renkoBricks(feed: DataFeed, options: RenkoOptions = {}): DataFeed {
  const { autosize = 20, dynamic = false, align = 1, hilo = false, convention = 'usual' } = options;
  for (const [name, value] of Object.entries({ size: options.size ?? 1, autosize, align })) {
    if (value > 0 && Number.isFinite(value)) continue;
    throw new InputError('RENKO_INVALID', `${name} of the bricks was ${value}`, {
      value,
      limit: 0,
      fix: 'use a number above 0',
    });
  }
  const isUsual = convention === 'usual';
  const sizeAt = (price: number) => {
    const size = options.size ?? price / autosize;
    return options.size !== undefined || size < 1 ? size : Math.trunc(size);
  };
  const aligned = (price: number) => {
    if (isUsual) return Math.round(price / align) * align;
    const count = Math.round(price / align);
    // Python rounds halves to even.
    return Math.trunc((count - price / align === 0.5 && count % 2 !== 0 ? count - 1 : count) * align);
  };
  return filterFeed(
    feed,
    () => {
      let [top, bottom, size, volume] = [Number.NaN, Number.NaN, Number.NaN, 0];
      return {
        add(bars, row, given) {
          if (Number.isNaN(size)) {
            const start = aligned(bars.open[row]);
            size = sizeAt(bars.open[row]);
            top = start + size;
            bottom = start - size;
          }
          volume += bars.volume[row];
          const rises = (hilo ? bars.high[row] : bars.close[row]) >= top;
          if (!rises && !((hilo ? bars.low[row] : bars.close[row]) <= bottom)) return;
          const open = rises ? top : bottom;
          if (dynamic) size = sizeAt(bars.close[row]);
          const end = rises ? open + size : open - size;
          const close = dynamic && aligned(end) !== open ? aligned(end) : end;
          top = Math.max(open, close);
          bottom = Math.min(open, close);
          const [high, low] = isUsual ? [top, bottom] : [close, open];
          given.push(bars.time[row], open, high, low, close, isUsual ? volume : 0);
          volume = 0;
        },
      };
    },
    { columns: [], forming: false },
  );
}
