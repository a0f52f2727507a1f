import {
  calendarDays,
  type DataFeed,
  daySplitter,
  daySteps,
  heikinAshiBars,
  renkoBricks,
  type SessionOptions,
  sessionFiller,
  sessionFilter,
} from '../../../src/index.ts';
import { intervalMs } from '../../../src/model/interval.ts';
import type { NamedSpec } from './case.ts';
import { Given } from './given.ts';

/** A filter by backtrader's name and parameters. */
export function filterOf({ name, params }: NamedSpec): (feed: DataFeed) => DataFeed {
  const given = new Given(`filter ${name}`, params);
  const filter = filterNamed(name, given);
  given.done();
  return filter;
}

function filterNamed(name: string, given: Given): (feed: DataFeed) => DataFeed {
  switch (name) {
    case 'SessionFilter':
      return feed => sessionFilter(feed, sessionOf(feed));
    case 'SessionFilterSimple':
      // addfilter() takes it for another kind of filter, and it has no effect.
      return feed => feed;
    case 'SessionFiller': {
      const price = given.number('fill_price');
      const volume = volumeOf(given);
      given.take('fill_oi');
      if (given.flag('skip_first_fill') === false) throw new Error('skip_first_fill = false is not known');
      const options = { ...(price === undefined ? {} : { price }), volume };
      return feed => sessionFiller(feed, { ...sessionOf(feed), ...options, convention: 'backtrader' });
    }
    case 'HeikinAshi':
      return heikinAshiBars;
    case 'Renko': {
      const options = {
        size: given.number('size'),
        autosize: given.number('autosize'),
        dynamic: given.flag('dynamic'),
        align: given.number('align'),
        hilo: given.flag('hilo'),
      };
      given.flag('roundstart');
      const known = Object.entries(options).filter(([, value]) => value !== undefined);
      return feed => renkoBricks(feed, { ...Object.fromEntries(known), convention: 'backtrader' });
    }
    case 'CalendarDays': {
      const price = given.number('fill_price') ?? 0;
      const volume = volumeOf(given);
      given.take('fill_oi');
      return feed =>
        calendarDays(feed, { price: price > 0 ? price : price < 0 ? 'middle' : 'close', volume });
    }
    case 'DaySplitter_Close': {
      const closeVolume = given.number('closevol');
      return feed => daySplitter(feed, closeVolume === undefined ? {} : { closeVolume });
    }
    case 'DayStepsFilter':
    case 'BarReplayer_Open':
      return daySteps;
    default:
      throw new Error(`the filter ${name} is not known`);
  }
}

/** backtrader's bars may carry no volume. */
function volumeOf(given: Given): number {
  const value = given.take('fill_vol');
  return value === undefined || value === 'NaN' ? Number.NaN : Number(value);
}

/** In backtrader the bar stamped at the start of the session lies within it. */
function sessionOf({ tradingDay, interval }: DataFeed): SessionOptions {
  if (tradingDay === undefined) return {};
  return { tradingDay: { start: tradingDay.start - intervalMs(interval), end: tradingDay.end } };
}
