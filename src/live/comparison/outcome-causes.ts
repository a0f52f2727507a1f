import type { FirstUpdate } from './circumstances.ts';
import { type Explanation, short } from './compare.ts';
import { iso } from './incident.ts';
import { isOpen } from './orders.ts';
import { barsOf, isPartnerOf, mayBeIn, type OutcomeCase } from './outcome-case.ts';
import { realCause } from './real-causes.ts';

type Rule = (one: OutcomeCase) => Explanation | undefined;

/** The first cause for which there is evidence; undefined when there is none. */
export function outcomeCause(one: OutcomeCase): Explanation | undefined {
  for (const rule of RULES) {
    const found = rule(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

const refusedAsLate: Rule = ({ left, circumstances }) => {
  if (left.reason !== 'LATE_BAR') return undefined;
  const name = circumstances.late(left.id)?.name ?? left.symbol;
  const detail = `the bar of ${name} that closed at ${iso(left.time)} came too late to open a position`;
  return { cause: 'late bar', detail };
};

const cancelledByExit: Rule = ({ left, circumstances }) => {
  const exit = circumstances.exits.get(left.id);
  if (exit === undefined || left.status !== 'canceled') return undefined;
  if (exit.halted !== undefined) return { cause: 'halted', detail: exit.halted };
  const detail = `cancelled when the session was ended with ${exit.policy} at ${iso(exit.time)}`;
  return { cause: 'exit', detail };
};

/** It met its price in a bar that the session did not see the end of: a backtest has no such bar. */
const inLastBar: Rule = ({ left, right, feed, circumstances, bars }) => {
  const end = bars.endOf(feed);
  const time = left.fill?.time ?? circumstances.update(left.id)?.time ?? Number.NaN;
  if (!isOpen(right) || !(time >= end)) return undefined;
  return { cause: 'stopped', detail: `the session was stopped within the bar that began at ${iso(end)}` };
};

/** Refusals that depend on what the account holds when the order's turn comes. */
const ACCOUNT = ['INSUFFICIENT_CASH', 'SPOT_SHORT', 'NOTHING_TO_CLOSE'];

/** An order of another symbol came before it in one run and after it in the other, and the account decided. */
const inAnotherOrder: Rule = ({ left, right, group, circumstances }) => {
  const refused = [left, right].some(order => ACCOUNT.includes(order.reason));
  const mine = circumstances.update(left.id);
  if (!refused || mine === undefined) return undefined;
  const other = group.find(pair => {
    if (pair.left === undefined || pair.right === undefined || pair.left.symbol === left.symbol) return false;
    const its = circumstances.update(pair.left.id);
    return its !== undefined && pair.right.id < right.id !== its.seq < mine.seq;
  });
  if (other?.left === undefined) return undefined;
  const { symbol } = other.left;
  const detail = `the updates of ${symbol} and ${left.symbol} came in another order than the orders were placed in`;
  return { cause: 'arrival order', detail };
};

/** The first update that the order met, if a backtest fills it in the same bar, or not at all. */
function updateInBar({ left, right, feed, circumstances, bars }: OutcomeCase): FirstUpdate | undefined {
  const update = circumstances.update(left.id);
  if (update === undefined || right.fill === undefined) return update;
  const of = barsOf(bars, feed, right, right.fill);
  return of.some(bar => mayBeIn(bars, feed, update.time, bar)) ? update : undefined;
}

/** Bars do not say which price came first: two orders of a family, or a trigger that moves and is hit in one bar. */
const pathInsideBar: Rule = ({ left, right, group, feed, bars }) => {
  const detail = 'a bar does not say which of its prices came first; the session saw it';
  const cause = 'path inside the bar';
  if (left.type.startsWith('stopTrail') && (left.fill ?? right.fill) !== undefined) return { cause, detail };
  for (const other of group) {
    if (other.left === undefined || other.right === undefined || !isPartnerOf(left, other.left)) continue;
    const [live, history] = left.fill === undefined ? [other.left, right] : [left, other.right];
    if (live.fill === undefined || history.fill === undefined) continue;
    const { time } = live.fill;
    if (barsOf(bars, feed, history, history.fill).some(bar => mayBeIn(bars, feed, time, bar))) {
      return { cause, detail };
    }
  }
  return undefined;
};

/** The price of a limit order was there before the order met its first update. */
const missedByLimit: Rule = one => {
  const { limit, side } = one.left;
  const update = updateInBar(one);
  if (update === undefined || one.right.fill?.maker !== true) return undefined;
  const { time, price, high, low } = update;
  const sell = side === 'sell';
  if (!(sell ? high >= limit && price < limit : low <= limit && price > limit)) return undefined;
  const extreme = sell ? `the high of ${short(high)}` : `the low of ${short(low)}`;
  const detail = `${extreme} was before ${iso(time)}, the first update after the order`;
  return { cause: 'placed within the bar', detail };
};

const offTheOpen: Rule = one => {
  const update = updateInBar(one);
  if (update === undefined || update.price === update.open) return undefined;
  const seconds = short((update.time - one.left.time) / 1000);
  const price = `first update after ${seconds} s at ${short(update.price)}, the bar opened at ${short(update.open)}`;
  return update.restarted
    ? { cause: 'restart', detail: `the session was down when the bar opened; ${price}` }
    : { cause: 'different fill price', detail: price };
};

/** It was filled in a later bar, before the one in which a backtest fills it had come. */
const beforeItsBar: Rule = ({ left, right, feed, circumstances, bars }) => {
  if (left.fill === undefined || right.fill === undefined) return undefined;
  const bar = Math.min(...barsOf(bars, feed, right, right.fill));
  const given = circumstances.givenAtFill(left.id);
  if (given === undefined || given > bar || !(bars.barAt(feed, left.fill.time) > bar)) return undefined;
  const detail = `the bar of ${left.symbol} in which a backtest fills it came after ${iso(left.fill.time)}`;
  return { cause: 'late bar', detail };
};

const decidedLate: Rule = ({ left, circumstances }) => {
  const late = circumstances.late(left.id);
  if (late === undefined) return undefined;
  const detail = `it was placed when the late bar of ${late.name} that closed at ${iso(late.time)} had come`;
  return { cause: 'late bar', detail };
};

/** Strongest evidence first. */
const RULES: readonly Rule[] = [
  refusedAsLate,
  cancelledByExit,
  inLastBar,
  inAnotherOrder,
  realCause,
  pathInsideBar,
  missedByLimit,
  offTheOpen,
  beforeItsBar,
  decidedLate,
];
