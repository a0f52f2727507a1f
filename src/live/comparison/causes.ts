import type { RecordedBars } from '../recorded-bars.ts';
import type { Pair } from './align.ts';
import { type Circumstances, lateText } from './circumstances.ts';
import { close, type Explainer, type Explanation } from './compare.ts';
import { type Incident, iso } from './incident.ts';
import type { PlacedFill, PlacedOrder } from './orders.ts';
import { barsOf, mayBeIn } from './outcome-case.ts';
import { outcomeCause } from './outcome-causes.ts';

/** All causes for which a backtest over a session's bars may do something else than the session. docs/replay.md explains them. */
export const CAUSES = [
  'different fill price',
  'restart',
  'arrival order',
  'path inside the bar',
  'placed within the bar',
  'late bar',
  'barrier',
  'gap',
  'connection',
  'fill within a bar',
  'slippage',
  'partial fill',
  'price reached, not filled',
  'sent late',
  'not sent',
  'late report',
  'refused',
  'expired at the exchange',
  'cancelled outside',
  'filled before its cancel',
  'trailing stop',
  'fees',
  'risk limit',
  'halted',
  'dry run',
  'exit',
  'stopped',
  'follows from the first difference',
  'unexplained',
] as const;

export type Cause = (typeof CAUSES)[number];

/** Sums in another order differ in their last places. */
const ROUNDING = 1e-9;
/** An exchange counts in eight digits, and takes fees in other assets by prices of its own. */
const EXACTNESS = { sizeTolerance: 1e-6, feeTolerance: 0.005, unit: 2.1e-8 };

/**
 * Says why a backtest (right) differs from the session (left). What has evidence of its own gets that cause; what has none
 * follows from an earlier difference, if there was one, or from what the strategy was shown live and no backtest shows.
 * Else it is `unexplained`, which is a bug of this framework.
 */
export class Causes implements Explainer {
  readonly tolerance = ROUNDING;
  /** True for a session with real orders. */
  readonly isReal: boolean;
  readonly sizeTolerance: number;
  readonly feeTolerance: number;
  readonly unit: number;
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
  /** True once an exchange has booked something that differs from a backtest by its rounding. */
  #drifted = false;

  constructor(circumstances: Circumstances, bars: RecordedBars, symbols: readonly string[]) {
    this.#circumstances = circumstances;
    this.#bars = bars;
    this.#symbols = symbols;
    this.isReal = circumstances.account !== undefined;
    this.sizeTolerance = this.isReal ? EXACTNESS.sizeTolerance : ROUNDING;
    this.feeTolerance = this.isReal ? EXACTNESS.feeTolerance : ROUNDING;
    this.unit = this.isReal ? EXACTNESS.unit : 0;
    this.#ordered = circumstances.incidents.toSorted((a, b) => a.time - b.time);
    for (const incident of this.#ordered)
      if (!this.#at.has(incident.time)) this.#at.set(incident.time, incident);
  }

  decision(pair: Pair, group: readonly Pair[]): Explanation {
    const sized = this.isReal ? this.#ofExitSize(pair, group) : undefined;
    const explanation = this.#told(sized ?? this.#ofDecision(pair.left, (pair.left ?? pair.right)!.time));
    if (pair.left === undefined || pair.right === undefined) this.#strayed = true;
    return explanation;
  }

  outcome(pair: Pair & { left: PlacedOrder; right: PlacedOrder }, group: readonly Pair[]): Explanation {
    return this.#told(this.#ofOutcome(pair.left, pair.right, group));
  }

  within(left: PlacedFill, right: PlacedFill, order: PlacedOrder): boolean {
    const feed = this.#feedOf(order);
    const same = barsOf(this.#bars, feed, order, right, this.isReal).some(bar =>
      mayBeIn(this.#bars, feed, left.time, bar),
    );
    // Known before: that matters only if the strategy is asked in between.
    if (same && left.time < right.time && this.#bars.closedWithin(left.time, right.time)) {
      this.#early.push({ from: left.time, to: right.time, order });
    }
    return same;
  }

  same(left: PlacedFill, right: PlacedFill): void {
    const isRounded = !close(left.fee, right.fee, ROUNDING) || !close(left.size, right.size, ROUNDING);
    if (this.isReal && isRounded) this.#drifted = true;
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
      if (exit.halted !== undefined) return { cause: 'halted', detail: exit.halted };
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
    if (known !== undefined) return knownEarly(known);
    return this.#drifted ? DRIFTED : UNEXPLAINED;
  }

  /** An exit is for what its entry brought: at the exchange what fees have left before may make up for those of the entry. */
  #ofExitSize({ left, right }: Pair, group: readonly Pair[]): Explanation | undefined {
    if (left === undefined || right === undefined || left.parentId === 0 || this.#parted) return undefined;
    const { lotStep } = this.#circumstances.instrument(left.symbol);
    const entry = group.find(pair => pair.left?.id === left.parentId)?.left?.fill;
    const fee = entry === undefined ? 0 : entry.fee / entry.price;
    if (!(Math.abs(left.size - right.size) <= (lotStep + fee) * 1.01)) return undefined;
    const detail =
      'an exit for what its entry brought: fees, and what they have left over, made a step of difference';
    return { cause: 'fees', detail };
  }

  /** Why something else became of the same order. */
  #ofOutcome(left: PlacedOrder, right: PlacedOrder, group: readonly Pair[]): Explanation {
    const circumstances = this.#circumstances;
    const feed = this.#feedOf(left);
    const found = outcomeCause({ left, right, group, feed, circumstances, bars: this.#bars });
    if (found !== undefined) return found;
    if (this.#parted) return FOLLOWS;
    // To cancel is a decision, made some time after the order.
    const cancels = (left.status === 'canceled') !== (right.status === 'canceled');
    const incident = this.#ordered.find(one => one.time >= left.time) ?? this.#ordered.at(-1);
    if (!cancels || incident === undefined) return this.#drifted ? DRIFTED : UNEXPLAINED;
    return { cause: incident.cause, detail: incident.detail };
  }
}

const FOLLOWS: Explanation = { cause: 'follows from the first difference', detail: '' };
const DRIFTED: Explanation = {
  cause: 'fees',
  detail: 'the exchange takes fees in eight digits: both accounts have differed in their last places',
};
const UNEXPLAINED: Explanation = {
  cause: 'unexplained',
  detail: 'nothing in the journal tells why: please report it',
};

function knownEarly({ from, to, order }: { from: number; to: number; order: PlacedOrder }): Explanation {
  const detail = `the ${order.side} of ${order.symbol} was known at ${iso(from)}; a backtest learns of it at ${iso(to)}`;
  return { cause: 'fill within a bar', detail };
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

  same(): void {}
}
