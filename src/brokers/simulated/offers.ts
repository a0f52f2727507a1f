import type { Bar, Bars } from '../../model/bars.ts';

/** What an instrument's orders may match now: a closed bar, or what an open one has shown since its last revision. */
export interface Offer {
  /** Undefined when there is nothing. */
  bars: Bars | undefined;
  row: number;
  openTime: number;
  closeTime: number;
  /** Number of the bar. */
  bar: number;
  /** True for the first revision of a bar: its high and low may be older than an order that was placed within the bar. */
  unseen: boolean;
}

/** The bar that is offered for each instrument, and how far the market has been seen to go in it already. */
export class Offers {
  readonly slots: readonly Offer[];
  /** True once the revision of an open bar has been seen: in a live run. */
  live = false;
  /** Numbers, lows and highs of the open bars as they have been seen, three an instrument. */
  readonly #seen: Float64Array;
  /** One row an instrument, filled in anew for each revision. */
  readonly #revisions: readonly Bars[];

  constructor(instruments: number) {
    this.slots = Array.from({ length: instruments }, () => ({
      bars: undefined,
      row: 0,
      openTime: 0,
      closeTime: 0,
      bar: 0,
      unseen: false,
    }));
    this.#seen = new Float64Array(instruments * 3).fill(Number.NaN);
    this.#revisions = this.slots.map(oneRow);
  }

  /** Number of the bar whose last revision has been seen; NaN before the first. */
  seenBar(instrument: number): number {
    return this.#seen[instrument * 3];
  }

  closed(
    instrument: number,
    bars: Bars,
    row: number,
    openTime: number,
    closeTime: number,
    bar: number,
  ): void {
    const slot = this.slots[instrument];
    slot.bars = bars;
    slot.row = row;
    slot.openTime = openTime;
    slot.closeTime = closeTime;
    slot.bar = bar;
    slot.unseen = false;
  }

  /**
   * A revision as a bar of its own, from the last one to this: it opens and closes at the last price, and reaches beyond
   * it only where the open bar went further than it had been seen to go.
   */
  forming(instrument: number, bar: Bar, time: number, number: number): void {
    this.live = true;
    const seen = this.#seen;
    const at = instrument * 3;
    const unseen = seen[at] !== number;
    const lower = unseen || bar.low < seen[at + 1];
    const higher = unseen || bar.high > seen[at + 2];
    const row = this.#revisions[instrument];
    const slot = this.slots[instrument];
    const low = lower ? bar.low : bar.close;
    const high = higher ? bar.high : bar.close;
    seen[at] = number;
    if (lower) seen[at + 1] = bar.low;
    if (higher) seen[at + 2] = bar.high;
    row.close[0] = bar.close;
    if (slot.bars === row && slot.bar === number) {
      // The one before has not been matched yet: together they are one, which begins with the first.
      row.low[0] = Math.min(row.low[0], low);
      row.high[0] = Math.max(row.high[0], high);
      slot.closeTime = time;
      return;
    }
    row.open[0] = bar.close;
    row.low[0] = low;
    row.high[0] = high;
    this.closed(instrument, row, 0, time, time, number);
    slot.unseen = unseen;
  }

  /** True when a revision of an open bar is offered, not a closed one. */
  isRevision(instrument: number): boolean {
    return this.slots[instrument].bars === this.#revisions[instrument];
  }

  /** The lowest price that is new in what is offered. */
  low(instrument: number): number {
    const { bars, row, bar } = this.slots[instrument];
    const low = bars!.low[row];
    const at = instrument * 3;
    const known = !this.isRevision(instrument) && this.#seen[at] === bar && !(low < this.#seen[at + 1]);
    return known ? bars!.close[row] : low;
  }

  /** The highest price that is new in what is offered. */
  high(instrument: number): number {
    const { bars, row, bar } = this.slots[instrument];
    const high = bars!.high[row];
    const at = instrument * 3;
    const known = !this.isRevision(instrument) && this.#seen[at] === bar && !(high > this.#seen[at + 2]);
    return known ? bars!.close[row] : high;
  }
}

function oneRow(): Bars {
  const column = () => new Float64Array(1);
  return {
    length: 1,
    time: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    extra: {},
  };
}
