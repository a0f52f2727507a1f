import type { TradeBook } from '../../brokers/trades.ts';

/**
 * The longest time without a trade, ms, between `from` and `to` (epoch ms UTC): before the first entry, between one
 * trade and the next, after the last exit. NaN for a run without steps.
 */
export function longestFlat(
  trades: TradeBook,
  openEntries: readonly number[],
  from: number,
  to: number,
): number {
  const { length } = trades;
  const entries = new Float64Array(length + openEntries.length);
  const exits = new Float64Array(entries.length).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < length; i++) {
    entries[i] = trades.entryTime(i);
    exits[i] = trades.exitTime(i);
  }
  entries.set(openEntries, length);
  // Trades are found in the order in which they closed. Which entry belongs to which exit does not matter: as many trades are
  // open at any moment as have begun and not ended.
  entries.sort();
  exits.sort();
  let longest = 0;
  let flatSince = from;
  let ended = 0;
  for (const [begun, entry] of entries.entries()) {
    while (exits[ended] <= entry) flatSince = Math.max(flatSince, exits[ended++]);
    if (ended === begun) longest = Math.max(longest, entry - flatSince);
  }
  const last = exits.length === 0 ? flatSince : Math.max(flatSince, exits[exits.length - 1]);
  return Math.max(longest, to - last);
}
