import type { RecordedBars } from '../recorded-bars.ts';
import type { Pair } from './align.ts';
import { type Circumstances, lateText } from './circumstances.ts';
import { close, type Explainer, type Explanation } from './compare.ts';
import { type Incident, iso } from './incident.ts';
import type { PlacedFill, PlacedOrder } from './orders.ts';
import { barsOf, mayBeIn } from './outcome-case.ts';
import { outcomeCause } from './outcome-causes.ts';
import { broughtSize, sharedSize } from './size-causes.ts';
import type { Told, ToldAt } from './told.ts';

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
  /** What the strategy was told of an order, in both runs. */
  readonly #told: { readonly left: Told; readonly right: Told };
  /** Steps at which only one of both runs had told the strategy what became of an order. */
  readonly #apart: Apart[] = [];
  /** True once something was different, so that the accounts may be. */
  #parted = false;
  /** True once the strategy has decided otherwise, so that its own fields may be different. */
  #strayed = false;
  /** True once an exchange has booked something that differs from a backtest by its rounding. */
  #drifted = false;

  constructor(
    circumstances: Circumstances,
    bars: RecordedBars,
    symbols: readonly string[],
    told: { readonly left: Told; readonly right: Told },
  ) {
    this.#told = told;
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
    const sized = this.isReal ? this.#ofSize(pair, group) : undefined;
    const explanation = this.#part(sized ?? this.#ofDecision(pair.left, (pair.left ?? pair.right)!.time));
    if (pair.left === undefined || pair.right === undefined) this.#strayed = true;
    return explanation;
  }

  outcome(pair: Pair & { left: PlacedOrder; right: PlacedOrder }, group: readonly Pair[]): Explanation {
    return this.#part(this.#ofOutcome(pair.left, pair.right, group));
  }

  within(left: PlacedFill, right: PlacedFill, order: PlacedOrder): boolean {
    const feed = this.#feedOf(order);
    return barsOf(this.#bars, feed, order, right, this.isReal).some(bar =>
      mayBeIn(this.#bars, feed, left.time, bar),
    );
  }

  agreed({ left, right }: { left: PlacedOrder; right: PlacedOrder }): void {
    const [live, history] = [this.#told.left.of(left.id), this.#told.right.of(right.id)];
    for (const what of ['executed', 'ended'] as const) {
      const [a, b] = [live[what], history[what]];
      // Of what one of both was never told nothing follows: it would be a bug.
      if (Number.isNaN(a) || Number.isNaN(b) || a === b) continue;
      this.#apart.push({ from: Math.min(a, b), to: Math.max(a, b), isEarly: a < b, what, order: left });
    }
  }

  same(left: PlacedFill, right: PlacedFill): void {
    const isRounded = !close(left.fee, right.fee, ROUNDING) || !close(left.size, right.size, ROUNDING);
    if (this.isReal && isRounded) this.#drifted = true;
  }

  #part(explanation: Explanation): Explanation {
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
    const apart = this.#apart.find(({ from, to }) => from <= time && time < to);
    if (apart !== undefined) return toldApart(apart);
    if (this.#parted) return FOLLOWS;
    const before = this.#ordered.findLast(incident => incident.time < time);
    // The first of what happened at that moment led to the rest of it.
    if (before !== undefined) {
      const { cause, detail } = this.#at.get(before.time)!;
      return { cause, detail };
    }
    const past = this.#apart.findLast(({ to }) => to <= time);
    if (past !== undefined) return toldApart(past);
    return this.#drifted ? DRIFTED : UNEXPLAINED;
  }

  /** Why a real order is for another size, though the same was decided. */
  #ofSize(pair: Pair, group: readonly Pair[]): Explanation | undefined {
    const shared = sharedSize(pair, group);
    if (shared !== undefined || this.#parted) return shared;
    return broughtSize(pair, group, this.#circumstances);
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

/** From the one step on and before the other, epoch ms UTC, both runs had told the strategy different things. */
interface Apart {
  readonly from: number;
  readonly to: number;
  /** True when the session was the first to tell it. */
  readonly isEarly: boolean;
  readonly what: keyof ToldAt;
  readonly order: PlacedOrder;
}

function toldApart({ from, to, isEarly, what, order: { id, side, symbol } }: Apart): Explanation {
  const known = `order ${id} (${side} ${symbol}) was ${what === 'executed' ? 'executed' : 'over'}: that was known`;
  return isEarly
    ? {
        cause: 'fill within a bar',
        detail: `${known} at ${iso(from)}; a backtest learns of it at ${iso(to)}`,
      }
    : { cause: 'late report', detail: `${known} at ${iso(to)}; a backtest learns of it at ${iso(from)}` };
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

  agreed(): void {}
}
