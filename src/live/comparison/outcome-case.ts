import type { RecordedBars } from '../recorded-bars.ts';
import type { Pair } from './align.ts';
import type { Circumstances } from './circumstances.ts';
import type { PlacedFill, PlacedOrder } from './orders.ts';

/** The same order in a session (left) and in a backtest (right), of which something else became. */
export interface OutcomeCase {
  readonly left: PlacedOrder;
  readonly right: PlacedOrder;
  /** All orders decided for the same moment. */
  readonly group: readonly Pair[];
  /** The series on which the order is matched. */
  readonly feed: number;
  readonly circumstances: Circumstances;
  readonly bars: RecordedBars;
}

/** The bars in which a backtest may have filled an order: what fills at an open has its time, what fills within a bar that
 * of its close. A stop may have been filled in either way; `isExact`: its price tells which. */
export function barsOf(
  bars: RecordedBars,
  feed: number,
  { type }: PlacedOrder,
  { time, maker, price }: PlacedFill,
  isExact = false,
): number[] {
  const [before, after] = [bars.barAt(feed, time), bars.barAt(feed, time + 1)];
  if (maker === true || type === 'close') return [before];
  if (!type.startsWith('stop')) return [after];
  // At an open it gets that, unless slippage was given; what it gets within a bar is its own price.
  const opened = bars.firstPriceOf(feed, after);
  return isExact && before !== after && price !== opened ? [before] : [before, after];
}

/** A moment at which one bar closes and another opens may belong to either. */
export function mayBeIn(bars: RecordedBars, feed: number, time: number, bar: number): boolean {
  return bars.barAt(feed, time) === bar || bars.barAt(feed, time + 1) === bar;
}

/** True for two orders of which one cancels the other: exits of one entry, or a pair. */
export function isPartnerOf(a: PlacedOrder, b: PlacedOrder): boolean {
  if (a.id === b.id) return false;
  return (a.parentId !== 0 && a.parentId === b.parentId) || a.ocoId === b.id || b.ocoId === a.id;
}
