import { closedKline, type Kline, KlineSum } from './kline.ts';
import type { Listing } from './market.ts';
import type { Moment, Tape } from './tape.ts';

const DAY = 86_400_000;

/** The last 24 hours of a symbol as one kline; undefined before the first price. */
export function dayOf(tape: Tape, listing: Listing, moment: Moment): Kline | undefined {
  return windowOf(tape, listing, moment, DAY);
}

/** The last `length` ms as one kline: bars that opened within them, and at least the last one. */
export function windowOf(tape: Tape, { finest }: Listing, moment: Moment, length: number): Kline | undefined {
  const closed = tape.closed(finest, moment);
  const forming = tape.forming(finest, moment);
  const open = forming === undefined ? undefined : tape.update(finest, forming.row, forming.step);
  const since = moment.time - length;
  let first = finest.rowAt(since + 1);
  if (open === undefined) first = Math.min(first, closed - 1);
  if (first < 0) return undefined;
  if (first >= closed) return open && { ...open, openTime: since, closeTime: moment.time };
  const sum = new KlineSum(since, moment.time, closedKline(finest, first));
  for (let row = first + 1; row < closed; row++) sum.add(closedKline(finest, row));
  return sum.with(open);
}
