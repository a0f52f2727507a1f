import type { Broker } from '../brokers/broker.ts';
import type { DataFeed } from '../feeds/feed.ts';
import { DataError, InputError } from '../model/errors.ts';
import { intervalMs } from '../model/interval.ts';
import type { LineTerms } from '../series/data.ts';
import { FeedCursor, matchingInterval } from './cursor.ts';

/** The distinct instruments of the feeds, in their order: what the broker trades. */
export function instrumentsOf(feeds: readonly DataFeed[]) {
  const all = feeds.map(feed => feed.instrument);
  return all.filter((one, i) => all.findIndex(other => other.symbol === one.symbol) === i);
}

/**
 * The cursors of a run: first those of `fillFeeds`, on which orders are matched and nothing else happens, then those of the
 * strategy's feeds. Throws `FILL_DATA_INVALID`.
 */
export function cursorsOf(
  feeds: readonly DataFeed[],
  fillFeeds: readonly DataFeed[],
  broker: Broker,
  lines: LineTerms,
): FeedCursor[] {
  const instrumentOf = (feed: DataFeed) =>
    broker.instruments.findIndex(one => one.symbol === feed.instrument.symbol);
  const instruments = feeds.map(instrumentOf);
  const fills = fillFeeds.map((feed, i) => {
    checkFillFeed(feed, feeds, fillFeeds.slice(0, i));
    return new FeedCursor(feed, instrumentOf(feed), true, undefined, true);
  });
  const datas = feeds.map((feed, i) => {
    // Orders are matched on the instrument's finest feed, the first of equals.
    let finest = i;
    for (let j = feeds.length - 1; j >= 0; j--) {
      if (instruments[j] !== instruments[i]) continue;
      const shorter = intervalMs(matchingInterval(feeds[j])) - intervalMs(matchingInterval(feeds[finest]));
      if (shorter < 0 || (shorter === 0 && j < finest)) finest = j;
    }
    const hasFills = fills.some(({ instrument }) => instrument === instruments[i]);
    return new FeedCursor(feed, instruments[i], finest === i && !hasFills, lines);
  });
  return [...fills, ...datas];
}

function checkFillFeed(feed: DataFeed, datas: readonly DataFeed[], others: readonly DataFeed[]): void {
  const { symbol } = feed.instrument;
  const same = (one: DataFeed) => one.instrument.symbol === symbol;
  const finest = datas
    .filter(same)
    .sort((a, b) => intervalMs(matchingInterval(a)) - intervalMs(matchingInterval(b)))[0];
  const invalid = (problem: string, value: unknown, limit: unknown, fix: string) =>
    new InputError('FILL_DATA_INVALID', problem, { value, limit, fix });
  if (finest === undefined) {
    const symbols = datas.map(one => one.instrument.symbol);
    const fix = `give data of ${symbols.join(' or ')}, or say with its symbol whose it is`;
    throw invalid(
      `the data to fill orders on is of ${symbol}, which the run does not trade`,
      symbol,
      symbols,
      fix,
    );
  }
  const [fine, limit] = [matchingInterval(feed), matchingInterval(finest)];
  if (intervalMs(fine) >= intervalMs(limit)) {
    const fix = `give data that is finer than ${limit}`;
    const problem = `the data to fill orders on of ${symbol} has bars of ${fine}, the strategy’s of ${limit}`;
    throw invalid(problem, fine, limit, fix);
  }
  if (others.some(same)) {
    throw invalid(`two data to fill orders on are of ${symbol}`, symbol, 'one a symbol', 'give one of them');
  }
}

/**
 * Throws `FILL_DATA_MISSING` if orders waited during a bar of which the instrument's finer feed, if it has one, shows
 * nothing. `openTime`: the bar's, epoch ms UTC.
 */
export function checkFills(data: FeedCursor, openTime: number, cursors: readonly FeedCursor[]): void {
  const fills = cursors.find(one => one.fillsOnly && one.instrument === data.instrument);
  if (fills === undefined || (fills.writer.row >= 0 && fills.writer.known > openTime)) return;
  const when = new Date(openTime).toISOString();
  throw new DataError(
    'FILL_DATA_MISSING',
    `${data.writer.data.name} has a bar at ${when}, and the data to fill orders on, ${fills.writer.data.name}, has none within it`,
    {
      value: openTime,
      fix: 'give data to fill orders on for the whole run, or cut the run to what it covers',
    },
  );
}
