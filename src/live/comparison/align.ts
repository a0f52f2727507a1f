import type { PlacedOrder, PlacedOrders } from './orders.ts';

/** The same order in two runs; undefined in the one that did not place it. */
export type Pair =
  | { readonly left: PlacedOrder; readonly right: PlacedOrder }
  | { readonly left: PlacedOrder; readonly right: undefined }
  | { readonly left: undefined; readonly right: PlacedOrder };

/**
 * Finds which orders of two runs are the same: those decided for the same moment on the same symbol and side, the likest
 * first, in the order in which they were placed. Gives the pairs moment by moment.
 */
export function* align(left: PlacedOrders, right: PlacedOrders): Generator<readonly Pair[]> {
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const time = Math.min(
      l < left.length ? left.time(l) : Number.POSITIVE_INFINITY,
      r < right.length ? right.time(r) : Number.POSITIVE_INFINITY,
    );
    const lefts: PlacedOrder[] = [];
    const rights: PlacedOrder[] = [];
    while (l < left.length && left.time(l) === time) lefts.push(left.at(l++));
    while (r < right.length && right.time(r) === time) rights.push(right.at(r++));
    yield pairs(lefts, rights);
  }
}

/** How alike two orders must be to be taken for the same one, strictest first. */
const LIKENESS: readonly ((order: PlacedOrder) => string)[] = [
  ({ symbol, side, type, tag, size, quote, limit, stop, trailAmount, trailPercent }) =>
    [symbol, side, type, size, quote, limit, stop, trailAmount, trailPercent, tag].join(' '),
  ({ symbol, side, type, tag }) => [symbol, side, type, tag].join(' '),
  ({ symbol, side }) => `${symbol} ${side}`,
];

function pairs(lefts: readonly PlacedOrder[], rights: PlacedOrder[]): Pair[] {
  const [left, right] = [lefts[0], rights[0]];
  if (lefts.length === 1 && rights.length === 1 && left.symbol === right.symbol && left.side === right.side) {
    return [{ left, right }];
  }
  const found = new Map<PlacedOrder, PlacedOrder>();
  for (const key of LIKENESS) {
    for (const left of lefts) {
      if (found.has(left)) continue;
      const at = rights.findIndex(right => key(right) === key(left));
      if (at >= 0) found.set(left, rights.splice(at, 1)[0]);
    }
  }
  return [
    ...lefts.map(left => ({ left, right: found.get(left) }) as Pair),
    ...rights.map(right => ({ left: undefined, right })),
  ];
}
