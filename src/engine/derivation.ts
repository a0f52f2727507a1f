import { deriveBars } from '../feeds/transforms/resample.ts';
import type { Data, LineTerms } from '../series/data.ts';
import { FeedCursor } from './cursor.ts';

/**
 * Lets the strategy make datas of longer bars of those of `base`, and of those in turn; the same terms give the same data.
 * `add` is told of each cursor that is made.
 */
export function letDerive(base: FeedCursor, lines: LineTerms, add: (cursor: FeedCursor) => void): void {
  const known = new Map<string, Data>();
  base.writer.onDerive = (interval, options, derivation) => {
    const { offset, weekStart, columns } = options;
    const terms = JSON.stringify([derivation, interval, offset, weekStart, columns]);
    const before = known.get(terms);
    if (before !== undefined) return before;
    const { feed, ...made } = deriveBars(base.feed, interval, options, derivation);
    const cursor = new FeedCursor(feed, base.instrument, false, lines, false, true);
    base.derived.push({ ...made, cursor });
    add(cursor);
    letDerive(cursor, lines, add);
    known.set(terms, cursor.writer.data);
    return cursor.writer.data;
  };
}
