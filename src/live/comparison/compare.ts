import { align, type Pair } from './align.ts';
import { isOpen, type PlacedFill, type PlacedOrder, type PlacedOrders } from './orders.ts';
import { type Slippage, SlippageSum } from './slippage.ts';

/** Why two runs differ: a short name that is always the same, and what happened. */
export interface Explanation {
  readonly cause: string;
  readonly detail: string;
}

export interface Difference extends Explanation {
  /** The moment that the order was decided for, epoch ms UTC. */
  readonly time: number;
  readonly symbol: string;
  /** `order`: whether it was placed, and for how much; `fill`; `end`: how it ended without one; others: no order's matter. */
  readonly what: 'order' | 'fill' | 'end' | 'step' | 'log' | 'account';
  /** In short, for people. */
  readonly left: string;
  readonly right: string;
  readonly leftOrder: PlacedOrder | undefined;
  readonly rightOrder: PlacedOrder | undefined;
}

/** Knows the causes. Asked in the order of time, once for each difference. */
export interface Explainer {
  /** Why only one run placed the order, or not for the same. */
  decision(pair: Pair, group: readonly Pair[]): Explanation;
  /** Why something else became of it. */
  outcome(pair: Pair & { left: PlacedOrder; right: PlacedOrder }, group: readonly Pair[]): Explanation;
  /** True for fills of one order that differ by nothing but their moment within a bar, which history cannot know. */
  within(left: PlacedFill, right: PlacedFill, order: PlacedOrder): boolean;
  /** Hears of fills that are called equal. */
  same(left: PlacedFill, right: PlacedFill): void;
  /** Hears of orders of which the same has become, or nothing yet. */
  agreed(pair: { readonly left: PlacedOrder; readonly right: PlacedOrder }): void;
  /** How far prices may be apart, relative, and still be called equal. */
  readonly tolerance: number;
  /** The same of sizes and amounts, and of fees; `tolerance` unless given. */
  readonly sizeTolerance?: number;
  /** Sizes and amounts no further apart than this are equal, too; default 0. */
  readonly unit?: number;
  readonly feeTolerance?: number;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Fills that are equal but for their moment within the bar. */
  readonly withinBar: number;
  /** What the prices of the left run have cost beside those of the right one. */
  readonly slippage: Slippage;
}

/** Compares what two runs ordered, and what came of it. */
export function compare(left: PlacedOrders, right: PlacedOrders, explainer: Explainer): Comparison {
  const differences: Difference[] = [];
  const slippage = new SlippageSum();
  let withinBar = 0;
  for (const group of align(left, right)) {
    for (const pair of group) {
      const add = (what: Difference['what'], explanation: Explanation, told: [string, string]) => {
        const { time, symbol } = (pair.left ?? pair.right)!;
        const [leftText, rightText] = told;
        differences.push({
          time,
          symbol,
          what,
          left: leftText,
          right: rightText,
          leftOrder: pair.left,
          rightOrder: pair.right,
          ...explanation,
        });
      };
      if (pair.left === undefined || pair.right === undefined) {
        add('order', explainer.decision(pair, group), texts(pair.left, pair.right, askedText));
        continue;
      }
      const sameAsked = asksTheSame(pair.left, pair.right, explainer);
      if (!sameAsked) {
        add('order', explainer.decision(pair, group), texts(pair.left, pair.right, askedText));
      }
      slippage.add(pair.left, pair.right);
      const outcome = compareOutcomes(pair, sameAsked, explainer);
      if (outcome === 'fill' || outcome === 'end') {
        add(outcome, explainer.outcome(pair, group), texts(pair.left, pair.right, outcomeText));
        continue;
      }
      if (outcome === 'within the bar') withinBar++;
      explainer.agreed(pair);
    }
  }
  return { differences, withinBar, slippage: { ...slippage } };
}

function compareOutcomes(
  { left, right }: { left: PlacedOrder; right: PlacedOrder },
  sameAsked: boolean,
  explainer: Explainer,
): 'same' | 'within the bar' | 'fill' | 'end' {
  const { tolerance, sizeTolerance = tolerance, feeTolerance = tolerance, unit } = explainer;
  if (left.fill === undefined || right.fill === undefined) {
    if (left.fill !== right.fill) return 'fill';
    const same =
      left.reason === right.reason && (left.status === right.status || (isOpen(left) && isOpen(right)));
    return same ? 'same' : 'end';
  }
  const [a, b] = [left.fill, right.fill];
  if (!close(a.price, b.price, tolerance)) return 'fill';
  // An order for another size is filled for another size: that has been told.
  const sameSize = close(a.size, b.size, sizeTolerance, unit) && close(a.fee, b.fee, feeTolerance);
  if (!sameSize && sameAsked) return 'fill';
  explainer.same(a, b);
  if (a.time === b.time) return 'same';
  return explainer.within(a, b, left) ? 'within the bar' : 'fill';
}

function asksTheSame(
  left: PlacedOrder,
  right: PlacedOrder,
  { tolerance, sizeTolerance = tolerance, unit }: Explainer,
): boolean {
  return (
    left.type === right.type &&
    left.tag === right.tag &&
    left.timeInForce === right.timeInForce &&
    (isUnsized(left, right) || close(left.size, right.size, sizeTolerance, unit)) &&
    close(left.quote, right.quote, sizeTolerance, unit) &&
    close(left.limit, right.limit, tolerance) &&
    close(left.stop, right.stop, tolerance) &&
    close(left.trailAmount, right.trailAmount, tolerance) &&
    close(left.trailPercent, right.trailPercent, tolerance)
  );
}

/** An exit is for what its entry brought: where that has brought nothing, no size was decided. */
function isUnsized(left: PlacedOrder, right: PlacedOrder): boolean {
  return left.parentId !== 0 && (Number.isNaN(left.size) || Number.isNaN(right.size));
}

/** NaN is as good as NaN. */
export function close(a: number, b: number, tolerance: number, unit = 0): boolean {
  const least = Math.max(unit, tolerance * Math.max(Math.abs(a), Math.abs(b)));
  return Object.is(a, b) || a === b || Math.abs(a - b) <= least;
}

type Text = (order: PlacedOrder, digits: number) => string;

/** Both in as few digits as show the difference. */
function texts(left: PlacedOrder | undefined, right: PlacedOrder | undefined, text: Text): [string, string] {
  const told = (order: PlacedOrder | undefined, digits: number) =>
    order === undefined ? 'none' : text(order, digits);
  const digits = [6, 8, 11, 17].find(count => told(left, count) !== told(right, count)) ?? 17;
  return [told(left, digits), told(right, digits)];
}

const askedText: Text = ({ size, quote, limit, stop, timeInForce, tag }, digits) => {
  const asked = Number.isNaN(size) ? 'what its entry brings' : short(size, digits);
  const amount = Number.isNaN(quote) ? asked : `for ${short(quote, digits)}`;
  const force = timeInForce === 'GTC' ? '' : ` ${timeInForce}`;
  const at = Number.isNaN(limit) ? '' : ` @ ${short(limit, digits + 1)}${force}`;
  const trigger = Number.isNaN(stop) ? '' : ` from ${short(stop, digits + 1)} on`;
  return `${amount}${trigger}${at}${tag === '' ? '' : ` "${tag}"`}`;
};

const outcomeText: Text = (order, digits) => {
  const { fill, status, reason } = order;
  if (fill !== undefined) return `${short(fill.size, digits)} @ ${short(fill.price, digits + 1)}`;
  if (isOpen(order)) return 'not filled yet';
  return reason === '' ? status : reason;
};

/** At most so many significant digits. */
export function short(value: number, digits = 8): string {
  return String(Number(value.toPrecision(Math.min(17, digits))));
}
