import { DRY_RUN } from '../../brokers/binance/dry-run.ts';
import type { AccountRecord, OrderTrace } from './account-record.ts';
import { type Explanation, short } from './compare.ts';
import { iso } from './incident.ts';
import { isOpen } from './orders.ts';
import { barsOf, mayBeIn, type OutcomeCase } from './outcome-case.ts';

/** An order that an exchange executed, or did not, and the same in a backtest. */
interface RealCase extends OutcomeCase {
  readonly account: AccountRecord;
  readonly trace: OrderTrace | undefined;
}

type Rule = (one: RealCase) => Explanation | undefined;

/** Refusals that depend on what the account holds, and on what has become of other orders. */
const RELATED = ['PARENT_ENDED', 'OCO_ENDED', 'FAMILY_REFUSED'];
const DEPENDENT = ['INSUFFICIENT_CASH', 'SPOT_SHORT', 'NOTHING_TO_CLOSE', ...RELATED];
/** How an order ended that the exchange, and nobody here, has ended. */
const EXPIRED = ['EXPIRED_AT_EXCHANGE', 'SELF_TRADE', 'IOC_NOT_FILLED', 'FOK_NOT_FILLED'];

/** Why something else became of a real order than of the same one in a backtest; undefined where nothing tells. */
export function realCause(one: OutcomeCase): Explanation | undefined {
  const { account } = one.circumstances;
  if (account === undefined) return undefined;
  const whole: RealCase = { ...one, account, trace: account.trace(one.left.id) };
  for (const rule of RULES) {
    const found = rule(whole);
    if (found !== undefined) return found;
  }
  return undefined;
}

const heldBack: Rule = ({ left, account }) => {
  const { reason, id } = left;
  const detail = account.reason(id);
  if (reason === 'RISK_HALTED') return { cause: 'halted', detail };
  return reason.startsWith('RISK_') ? { cause: 'risk limit', detail } : undefined;
};

const rehearsed: Rule = ({ trace }) => {
  if (trace?.refusal !== DRY_RUN) return undefined;
  return { cause: 'dry run', detail: 'the exchange has checked the order, and none was placed' };
};

const neverSent: Rule = ({ left, account, trace }) => {
  if (left.reason === 'NOT_SENT') {
    const cause = trace !== undefined && !account.beganAfter(trace.seq) ? 'not sent' : 'restart';
    return { cause, detail: account.reason(left.id) };
  }
  if (!isOpen(left) || left.fill !== undefined || trace === undefined || trace.heard) return undefined;
  const detail = Number.isNaN(trace.sentAt)
    ? 'it was not sent before the session stopped'
    : `it was sent at ${iso(trace.sentAt)}, and the session stopped before anything was heard of it`;
  return { cause: 'stopped', detail };
};

const refused: Rule = ({ left, right, account, trace }) => {
  const { status, reason, fill, id } = left;
  if (
    status === 'canceled' &&
    fill === undefined &&
    right.fill !== undefined &&
    trace?.refusal !== undefined
  ) {
    const detail = `${trace.refusal}; the strategy had cancelled it before that was known`;
    return { cause: 'refused', detail };
  }
  if (fill !== undefined || (status !== 'rejected' && status !== 'margin') || reason === right.reason)
    return undefined;
  // What came of nothing in both runs for what it depends on.
  const isHeld = right.fill !== undefined || !RELATED.includes(reason);
  if (DEPENDENT.includes(reason) && trace?.refusal === undefined && isHeld) return undefined;
  return { cause: 'refused', detail: account.reason(id) };
};

const endedThere: Rule = ({ left, account }) => {
  const { reason, id } = left;
  if (EXPIRED.includes(reason)) return { cause: 'expired at the exchange', detail: account.reason(id) };
  if (reason === 'CANCELED_OUTSIDE') return { cause: 'cancelled outside', detail: account.reason(id) };
  return reason === 'LATE_ORDER' ? { cause: 'refused', detail: account.reason(id) } : undefined;
};

/** It has ended in a bar that the session did not see the end of: a backtest has no such bar. */
const endedLast: Rule = ({ left, right, trace, feed, bars }) => {
  const end = bars.endOf(feed);
  if (!isOpen(right) || isOpen(left) || !(trace !== undefined && trace.endedAt >= end)) return undefined;
  return { cause: 'stopped', detail: `the session was stopped within the bar that began at ${iso(end)}` };
};

/** It trails by each trade and in whole ticks, or is moved from here once a bar. */
const trailing: Rule = ({ left, right, trace }) => {
  if (!left.type.startsWith('stopTrail') || (left.fill ?? right.fill) === undefined) return undefined;
  const moves = (trace?.placements ?? 1) - 1;
  const detail =
    moves > 0
      ? `the exchange has no such trail: it was moved ${moves} times, at the ends of bars`
      : 'the exchange trails by each trade and in whole ticks, a backtest by the extremes of bars';
  return { cause: 'trailing stop', detail };
};

const inPart: Rule = ({ left, right, trace, account, feed, bars }) => {
  const { fill } = left;
  if (fill === undefined) return undefined;
  const parts = `in ${trace?.executions ?? 1} execution${trace?.executions === 1 ? '' : 's'}`;
  const asked = Number.isNaN(left.size) ? (right.fill?.size ?? Number.NaN) : left.size;
  if (left.status !== 'completed' && fill.size < asked * 0.995) {
    const reason = account.reason(left.id);
    const because = reason === '' ? '' : `: ${reason}`;
    const detail = `${short(fill.size)} of ${short(asked)} was executed, ${parts}${because}`;
    return { cause: 'partial fill', detail };
  }
  if (trace === undefined || trace.executions < 2) return undefined;
  if (bars.barAt(feed, trace.firstAt) === bars.barAt(feed, fill.time)) return undefined;
  const detail = `it was executed ${parts}, from ${iso(trace.firstAt)} to ${iso(fill.time)}`;
  return { cause: 'partial fill', detail };
};

/** It is only known to have been sent when the bar in which a backtest fills it was over. */
const tooLate: Rule = ({ left, right, trace, feed, bars }) => {
  if (trace === undefined || right.fill === undefined || Number.isNaN(trace.sentAt)) return undefined;
  const latest = Math.max(...barsOf(bars, feed, right, right.fill, true));
  if (!(bars.barAt(feed, trace.sentAt) > latest)) return undefined;
  const seconds = short((trace.sentAt - left.time) / 1000, 4);
  return { cause: 'sent late', detail: `it was sent ${seconds} s after it was decided` };
};

const elsewhere: Rule = ({ left, right, trace }) => {
  const [fill, expected] = [left.fill, right.fill];
  if (fill === undefined || expected === undefined || fill.price === expected.price) return undefined;
  const seconds = short((fill.time - left.time) / 1000, 4);
  const parts = (trace?.executions ?? 1) > 1 ? `, in ${trace?.executions} executions` : '';
  const rests =
    left.type === 'market' || left.type === 'close'
      ? `${seconds} s after it was decided`
      : `at ${iso(fill.time)}`;
  const share = (fill.price / expected.price - 1) * 100;
  const off = `${share > 0 ? '+' : ''}${short(share, 3)} %`;
  const detail = `executed ${rests}${parts} at ${short(fill.price)}; a backtest has ${short(expected.price)} (${off})`;
  if (trace?.restarted === true)
    return { cause: 'restart', detail: `the session was down in between; ${detail}` };
  return { cause: 'slippage', detail };
};

/** An exit and its entry in one bar: at the exchange the price may have been there before the entry. */
const besideItsEntry: Rule = ({ left, right, group, feed, bars }) => {
  const entry = group.find(pair => pair.left?.id === left.parentId)?.left;
  if (entry?.fill === undefined || right.fill === undefined || left.parentId === 0) return undefined;
  const { time } = entry.fill;
  if (!barsOf(bars, feed, right, right.fill, true).some(bar => mayBeIn(bars, feed, time, bar)))
    return undefined;
  const detail = `its entry was executed at ${iso(time)}, in the bar in which a backtest fills it`;
  return { cause: 'path inside the bar', detail };
};

/** A bar's range says that a price was there, not that whoever waited for it got it. */
const passedBy: Rule = ({ left, right, trace, feed, bars }) => {
  const expected = right.fill;
  if (expected === undefined) return undefined;
  const [bar] = barsOf(bars, feed, right, expected, true);
  const isLater = left.fill === undefined || bars.barAt(feed, left.fill.time) > bar;
  const limit = Number.isNaN(left.limit) && expected.maker === true ? expected.price : left.limit;
  if (!isLater || Number.isNaN(limit) || trace === undefined) return undefined;
  const { sentAt } = trace;
  const opened = bars.openOf(feed, bar);
  const price = `the bar that opened at ${iso(opened)} reached ${short(limit)}`;
  const why =
    sentAt > opened
      ? `the order was sent only at ${iso(sentAt)}`
      : 'others were served first, or it was there only before the order was';
  return { cause: 'price reached, not filled', detail: `${price}: ${why}` };
};

const beforeItsCancel: Rule = ({ left, right }) => {
  if (left.fill === undefined || right.fill !== undefined || right.status !== 'canceled') return undefined;
  const detail = `it was executed at ${iso(left.fill.time)}, before its cancel came to the exchange`;
  return { cause: 'filled before its cancel', detail };
};

const charged: Rule = ({ left, right }) => {
  const [fill, expected] = [left.fill, right.fill];
  if (fill === undefined || expected === undefined || fill.price !== expected.price) return undefined;
  const difference = Math.abs(fill.size - expected.size) * fill.price;
  if (difference > Math.max(fill.fee, expected.fee) * 1.01) return undefined;
  const detail = `the exchange took ${short(fill.fee, 6)} (in quote); by the session's rates it is ${short(expected.fee, 6)}`;
  return { cause: 'fees', detail };
};

/** Strongest evidence first. */
const RULES: readonly Rule[] = [
  heldBack,
  rehearsed,
  neverSent,
  refused,
  endedThere,
  endedLast,
  trailing,
  tooLate,
  inPart,
  charged,
  elsewhere,
  besideItsEntry,
  passedBy,
  beforeItsCancel,
];
