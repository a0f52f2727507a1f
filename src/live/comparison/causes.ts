import type { RecordedBars } from '../recorded-bars.ts';
import type { Pair } from './align.ts';
import { type Circumstances, type FirstUpdate, type Incident, iso, lateText } from './circumstances.ts';
import { type Explainer, type Explanation, short } from './compare.ts';
import { isOpen, type PlacedFill, type PlacedOrder } from './orders.ts';

/** All causes for which a backtest over a session's bars may do something else than the session. docs/replay.md explains them. */
export const CAUSES = [
  'different fill price',
  'restart',
  'arrival order',
  'placed within the bar',
  'late bar',
  'barrier',
  'gap',
  'connection',
  'fill within a bar',
  'exit',
  'stopped',
  'follows from the first difference',
  'unexplained',
] as const;

export type Cause = (typeof CAUSES)[number];

/** Sums in another order differ in their last places. */
const ROUNDING = 1e-9;

/** Refusals that depend on what the account holds when the order's turn comes. */
const ACCOUNT = ['INSUFFICIENT_CASH', 'SPOT_SHORT', 'NOTHING_TO_CLOSE'];

/**
 * Says why a backtest (right) differs from the session (left). What has evidence of its own gets that cause; what has none
 * follows from an earlier difference, if there was one, or from what the strategy was shown live and no backtest shows.
 * Else it is `unexplained`, which is a bug of this framework.
 */
export class Causes implements Explainer {
  readonly tolerance = ROUNDING;
  readonly #circumstances: Circumstances;
  readonly #bars: RecordedBars;
  readonly #symbols: readonly string[];
  /** Incidents by their moment, and all of them in its order. */
  readonly #at = new Map<number, Incident>();
  readonly #ordered: readonly Incident[];
  /** Fills that were known live before a backtest could know them. */
  readonly #early: { readonly from: number; readonly to: number; readonly order: PlacedOrder }[] = [];
  /** True once something was different, so that the accounts may be. */
  #parted = false;
  /** True once the strategy has decided otherwise, so that its own fields may be different. */
  #strayed = false;

  constructor(circumstances: Circumstances, bars: RecordedBars, symbols: readonly string[]) {
    this.#circumstances = circumstances;
    this.#bars = bars;
    this.#symbols = symbols;
    this.#ordered = circumstances.incidents.toSorted((a, b) => a.time - b.time);
    for (const incident of this.#ordered)
      if (!this.#at.has(incident.time)) this.#at.set(incident.time, incident);
  }

  decision(pair: Pair): Explanation {
    const explanation = this.#told(this.#ofDecision(pair.left, (pair.left ?? pair.right)!.time));
    if (pair.left === undefined || pair.right === undefined) this.#strayed = true;
    return explanation;
  }

  outcome(pair: Pair & { left: PlacedOrder; right: PlacedOrder }, group: readonly Pair[]): Explanation {
    return this.#told(this.#ofOutcome(pair.left, pair.right, group));
  }

  within(left: PlacedFill, right: PlacedFill, order: PlacedOrder): boolean {
    const feed = this.#feedOf(order);
    const same = this.#mayBeIn(feed, left.time, this.#barOf(feed, right));
    // Known before: that matters only if the strategy is asked in between.
    if (same && left.time < right.time && this.#bars.closedWithin(left.time, right.time)) {
      this.#early.push({ from: left.time, to: right.time, order });
    }
    return same;
  }

  #told(explanation: Explanation): Explanation {
    this.#parted = true;
    return explanation;
  }

  #feedOf({ symbol }: PlacedOrder): number {
    return this.#circumstances.matching[this.#symbols.indexOf(symbol)];
  }

  /** Why the strategy decided otherwise at `time`. */
  #ofDecision(left: PlacedOrder | undefined, time: number): Explanation {
    const exit = left === undefined ? undefined : this.#circumstances.exits.get(left.id);
    if (exit?.placed === true) {
      return { cause: 'exit', detail: `the session was ended with ${exit.policy} at ${iso(exit.time)}` };
    }
    const late = left === undefined ? undefined : this.#circumstances.late(left.id);
    if (late?.behind === true) return { cause: 'late bar', detail: lateText(late.name, late.time) };
    if (this.#strayed) return FOLLOWS;
    const now = this.#at.get(time);
    if (now !== undefined) return { cause: now.cause, detail: now.detail };
    const early = this.#early.find(({ from, to }) => from <= time && time < to);
    if (early !== undefined) return knownEarly(early);
    if (this.#parted) return FOLLOWS;
    const before = this.#ordered.findLast(incident => incident.time < time);
    // The first of what happened at that moment led to the rest of it.
    if (before !== undefined) {
      const { cause, detail } = this.#at.get(before.time)!;
      return { cause, detail };
    }
    const known = this.#early.findLast(({ to }) => to <= time);
    return known === undefined ? UNEXPLAINED : knownEarly(known);
  }

  /** Why something else became of the same order. */
  #ofOutcome(left: PlacedOrder, right: PlacedOrder, group: readonly Pair[]): Explanation {
    const circumstances = this.#circumstances;
    if (left.reason === 'LATE_BAR') {
      const late = circumstances.late(left.id);
      const detail = `the bar of ${late?.name ?? left.symbol} that closed at ${iso(left.time)} came too late to open a position`;
      return { cause: 'late bar', detail };
    }
    const exit = circumstances.exits.get(left.id);
    if (exit !== undefined && left.status === 'canceled') {
      return {
        cause: 'exit',
        detail: `cancelled when the session was ended with ${exit.policy} at ${iso(exit.time)}`,
      };
    }
    const update = circumstances.update(left.id);
    const feed = this.#feedOf(left);
    const end = this.#bars.endOf(feed);
    if (isOpen(right) && (left.fill?.time ?? update?.time ?? Number.NaN) >= end) {
      return { cause: 'stopped', detail: `the session was stopped within the bar that began at ${iso(end)}` };
    }
    const earlier = this.#settledOtherwise(left, right, group);
    if (earlier !== undefined) {
      const detail = `the update of ${earlier.symbol} came after that of ${left.symbol}, though its order was older`;
      return { cause: 'arrival order', detail };
    }
    const sameBar =
      update !== undefined &&
      (right.fill === undefined || this.#mayBeIn(feed, update.time, this.#barOf(feed, right.fill)));
    const passed = sameBar && right.fill?.maker === true ? passedBefore(left, update) : undefined;
    if (passed !== undefined) return { cause: 'placed within the bar', detail: passed };
    if (sameBar && update.price !== update.open) {
      const seconds = short((update.time - left.time) / 1000);
      const price = `first update after ${seconds} s at ${short(update.price)}, the bar opened at ${short(update.open)}`;
      return update.restarted
        ? { cause: 'restart', detail: `the session was down when the bar opened; ${price}` }
        : { cause: 'different fill price', detail: price };
    }
    const seen = circumstances.seenBefore(left.id);
    if (
      seen !== undefined &&
      right.fill !== undefined &&
      this.#mayBeIn(feed, seen, this.#barOf(feed, right.fill))
    ) {
      const detail = `the bar had been open for a while: it was seen at ${iso(seen)}, before the order was placed`;
      return { cause: 'placed within the bar', detail };
    }
    const bar = right.fill === undefined ? undefined : this.#barOf(feed, right.fill);
    if (bar !== undefined && left.fill !== undefined && this.#bars.barAt(feed, left.fill.time) > bar) {
      // It was filled in a later bar, before this one had come.
      const given = circumstances.givenAtFill(left.id);
      if (given !== undefined && given <= bar) {
        const detail = `the bar of ${left.symbol} in which a backtest fills it came after ${iso(left.fill.time)}`;
        return { cause: 'late bar', detail };
      }
    }
    const late = circumstances.late(left.id);
    if (late !== undefined) return { cause: 'late bar', detail: lateOrderText(late) };
    // To cancel is a decision.
    if ((left.status === 'canceled') !== (right.status === 'canceled'))
      return this.#ofDecision(undefined, left.time);
    return this.#parted ? FOLLOWS : UNEXPLAINED;
  }

  /** Market orders fill at the moment at which their bar opens, resting ones at that at which it closes. */
  #barOf(feed: number, { time, maker }: PlacedFill): number {
    return this.#bars.barAt(feed, maker ? time : time + 1);
  }

  /** A moment at which one bar closes and another opens may belong to either. */
  #mayBeIn(feed: number, time: number, bar: number): boolean {
    return this.#bars.barAt(feed, time) === bar || this.#bars.barAt(feed, time + 1) === bar;
  }

  /** An order of another symbol that came first in the backtest and later in the session, when the account decided. */
  #settledOtherwise(left: PlacedOrder, right: PlacedOrder, group: readonly Pair[]): PlacedOrder | undefined {
    const refused = [left, right].some(order => ACCOUNT.includes(order.reason));
    const mine = this.#circumstances.update(left.id);
    if (!refused || mine === undefined) return undefined;
    const other = group.find(pair => {
      if (pair.left === undefined || pair.right === undefined || pair.left.symbol === left.symbol)
        return false;
      const its = this.#circumstances.update(pair.left.id);
      return its !== undefined && pair.right.id < right.id !== its.seq < mine.seq;
    });
    return other?.left;
  }
}

const FOLLOWS: Explanation = { cause: 'follows from the first difference', detail: '' };
const UNEXPLAINED: Explanation = {
  cause: 'unexplained',
  detail: 'nothing in the journal tells why: please report it',
};

/** What a limit order missed: its price was there before it met its first update. */
function passedBefore(
  { limit, side }: PlacedOrder,
  { time, price, high, low }: FirstUpdate,
): string | undefined {
  const sell = side === 'sell';
  const missed = sell ? high >= limit && price < limit : low <= limit && price > limit;
  const extreme = sell ? `the high of ${short(high)}` : `the low of ${short(low)}`;
  return missed ? `${extreme} was before ${iso(time)}, the first update after the order` : undefined;
}

function knownEarly({ from, to, order }: { from: number; to: number; order: PlacedOrder }): Explanation {
  const detail = `the ${order.side} of ${order.symbol} was known at ${iso(from)}; a backtest learns of it at ${iso(to)}`;
  return { cause: 'fill within a bar', detail };
}

function lateOrderText({ name, time }: { readonly name: string; readonly time: number }): string {
  return `it was placed when the late bar of ${name} that closed at ${iso(time)} had come`;
}

/** One cause for whatever differs. */
export class OneCause implements Explainer {
  readonly tolerance = 0;
  readonly #explanation: Explanation;

  constructor(explanation: Explanation) {
    this.#explanation = explanation;
  }

  decision(): Explanation {
    return this.#explanation;
  }

  outcome(): Explanation {
    return this.#explanation;
  }

  within(): boolean {
    return false;
  }
}
