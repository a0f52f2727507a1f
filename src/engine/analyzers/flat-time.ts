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
  // Which entry belongs to which exit does not matter: as many trades are open at any moment as have begun and not ended.
  sort(entries);
  sort(exits);
  let longest = 0;
  let flatSince = from;
  let ended = 0;
  for (let begun = 0; begun < entries.length; begun++) {
    while (exits[ended] <= entries[begun]) flatSince = exits[ended++];
    if (ended === begun) longest = Math.max(longest, entries[begun] - flatSince);
  }
  // A trade that is open has no exit but Infinity: nothing is flat after it.
  const last = exits.length === 0 ? from : exits[exits.length - 1];
  return Math.max(longest, to - last);
}

/** Sorts times, which mostly are in order already: trades of one instrument follow each other. */
function sort(times: Float64Array): void {
  for (let i = 1; i < times.length; i++) {
    if (times[i] >= times[i - 1]) continue;
    times.sort();
    return;
  }
}
