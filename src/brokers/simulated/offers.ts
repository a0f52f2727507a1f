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
  /** Number of the part, of a bar that grows part by part; else the bar's. */
  part: number;
  /** True for a revision of an open bar. */
  revision: boolean;
  /** At which the bar has opened, when nothing of the bar had been offered before; else NaN. */
  opened: number;
}

/** A revision that waits to be matched. */
interface Revision {
  readonly instrument: number;
  readonly bar: Bar;
  readonly time: number;
  readonly number: number;
  readonly part: number;
}

/** The bar that is offered for each instrument, and how far the market has been seen to go in it already. */
export class Offers {
  readonly slots: readonly Offer[];
  /** Revisions in the order in which they came. */
  #queue: Revision[] = [];
  /** Numbers, lows and highs of the open bars or parts as they have been seen, three an instrument. */
  readonly #seen: Float64Array;
  /** One row an instrument, filled in anew for each revision. */
  readonly #rows: readonly Bars[];

  constructor(instruments: number) {
    this.slots = Array.from({ length: instruments }, () => ({
      bars: undefined,
      row: 0,
      openTime: 0,
      closeTime: 0,
      bar: 0,
      part: 0,
      revision: false,
      opened: 0,
    }));
    this.#seen = new Float64Array(instruments * 3).fill(Number.NaN);
    this.#rows = this.slots.map(oneRow);
  }

  closed(
    instrument: number,
    bars: Bars,
    row: number,
    openTime: number,
    closeTime: number,
    bar: number,
    part: number,
  ): void {
    const slot = this.slots[instrument];
    slot.bars = bars;
    slot.row = row;
    slot.openTime = openTime;
    slot.closeTime = closeTime;
    slot.bar = bar;
    slot.part = part;
    slot.revision = false;
    slot.opened = this.#seen[instrument * 3] === part ? Number.NaN : bars.open[row];
  }

  revised(instrument: number, bar: Bar, time: number, number: number, part: number): void {
    this.#queue.push({ instrument, bar, time, number, part });
  }

  /** Offers the next revisions, at most one an instrument; false when none is left. */
  nextRevisions(): boolean {
    const queue = this.#queue;
    if (queue.length === 0) return false;
    let taken = 0;
    while (taken < queue.length && this.slots[queue[taken].instrument].bars === undefined) {
      this.#offer(queue[taken++]);
    }
    this.#queue = queue.slice(taken);
    return true;
  }

  /**
   * A revision as a bar of its own, from the last one to this: it opens and closes at the last price, and reaches beyond
   * it only where the open bar went further than it had been seen to go.
   */
  #offer({ instrument, bar, time, number, part }: Revision): void {
    const seen = this.#seen;
    const at = instrument * 3;
    const isNew = seen[at] !== part;
    const lower = isNew || bar.low < seen[at + 1];
    const higher = isNew || bar.high > seen[at + 2];
    const row = this.#rows[instrument];
    row.open[0] = bar.close;
    row.close[0] = bar.close;
    row.low[0] = lower ? bar.low : bar.close;
    row.high[0] = higher ? bar.high : bar.close;
    seen[at] = part;
    if (lower) seen[at + 1] = bar.low;
    if (higher) seen[at + 2] = bar.high;
    this.closed(instrument, row, 0, time, time, number, part);
    const slot = this.slots[instrument];
    slot.revision = true;
    if (isNew) slot.opened = bar.open;
  }

  /** The lowest price that is new in what is offered. */
  low(instrument: number): number {
    const { bars, row, part, revision } = this.slots[instrument];
    const low = bars!.low[row];
    const at = instrument * 3;
    const known = !revision && this.#seen[at] === part && !(low < this.#seen[at + 1]);
    return known ? bars!.close[row] : low;
  }

  /** The highest price that is new in what is offered. */
  high(instrument: number): number {
    const { bars, row, part, revision } = this.slots[instrument];
    const high = bars!.high[row];
    const at = instrument * 3;
    const known = !revision && this.#seen[at] === part && !(high > this.#seen[at + 2]);
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
