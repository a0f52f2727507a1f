import type { Interval } from '../model/interval.ts';
import type { OrderReason, Side } from '../model/order.ts';

/**
 * What happens while something runs live, one object each, as `--json` prints them. Field names are stable. `time` is
 * the market's, epoch ms UTC; sizes are in base, money in quote.
 */
export type LiveEvent =
  | SessionEvent
  | StatusEvent
  | WarningEvent
  | BarEvent
  | GapEvent
  | OrderEvent
  | FillEvent
  | TradeEvent
  | EquityEvent
  | LogEvent
  | CommandEvent
  | ReportEvent
  | HaltEvent
  | AlarmEvent
  | EndEvent;

/** The first event of a session. */
export interface SessionEvent {
  readonly type: 'session';
  readonly time: number;
  readonly session: number | string;
  readonly mode: 'paper' | 'real';
  readonly strategy: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly exchange: string;
  readonly series: readonly { readonly symbol: string; readonly interval: Interval }[];
  /** Steps that were lived through again; 0 for a new session. */
  readonly resumedSteps: number;
  /** Of real orders: the account, as halts name it, and whether orders are only checked. */
  readonly account?: string;
  readonly dryRun?: boolean;
}

/** Connections that come and go, and other things as they should be. */
export interface StatusEvent {
  readonly type: 'status';
  readonly time: number;
  readonly code: string;
  readonly message: string;
}

/** Something that should not be, and is dealt with. */
export interface WarningEvent {
  readonly type: 'warning';
  readonly time: number;
  readonly code: string;
  readonly message: string;
}

export interface BarEvent {
  readonly type: 'bar';
  readonly time: number;
  readonly symbol: string;
  readonly interval: Interval;
  readonly openTime: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** False for an update of the open bar. */
  readonly closed: boolean;
  /** True for a bar that was given too late to act on. */
  readonly late: boolean;
}

/** The exchange itself has no bars that opened at `from` or later, and before `to`. */
export interface GapEvent {
  readonly type: 'gap';
  readonly time: number;
  readonly symbol: string;
  readonly interval: Interval;
  readonly from: number;
  readonly to: number;
  readonly cause: string;
}

/** An order that was placed or has ended. */
export interface OrderEvent {
  readonly type: 'order';
  readonly time: number;
  readonly id: number;
  readonly symbol: string;
  readonly side: Side;
  readonly orderType: string;
  readonly status: string;
  /** NaN (null in JSON) for an order in quote that is not filled. */
  readonly size: number;
  /** NaN (null in JSON) for an order in base. */
  readonly quote: number;
  /** The trigger; NaN (null in JSON) without one. */
  readonly stop: number;
  /** NaN (null in JSON) for an order that has none. */
  readonly limit: number;
  readonly filled: number;
  /** Average of its fills; NaN (null in JSON) before the first. */
  readonly price: number;
  readonly tag: string;
  readonly reason: OrderReason | null;
}

export interface FillEvent {
  readonly type: 'fill';
  readonly time: number;
  readonly order: number;
  readonly symbol: string;
  readonly side: Side;
  readonly size: number;
  readonly price: number;
  readonly fee: number;
}

/** A round trip that has closed. */
export interface TradeEvent {
  readonly type: 'trade';
  readonly time: number;
  readonly id: number;
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly size: number;
  readonly entryTime: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly fees: number;
  /** After fees. */
  readonly net: number;
}

/** The account after a step. */
export interface EquityEvent {
  readonly type: 'equity';
  readonly time: number;
  readonly cash: number;
  readonly value: number;
}

export interface LogEvent {
  readonly type: 'log';
  readonly time: number;
  readonly message: string;
}

/** Something is to be done at the exchange. Sent after it was kept. */
export interface CommandEvent {
  readonly type: 'command';
  readonly time: number;
  readonly action: 'place' | 'placeList' | 'cancel' | 'cancelList';
  readonly symbol: string;
  /** The exchange's name for the order or the list. */
  readonly id: string;
  readonly message: string;
}

/** What the exchange said of an order. */
export interface ReportEvent {
  readonly type: 'report';
  readonly time: number;
  /** Empty where only the order is known. */
  readonly symbol: string;
  readonly id: string;
  /** As the exchange has it, or `REFUSED` for an order that does not exist. */
  readonly status: string;
  /** Base units so far, a decimal text. */
  readonly executed: string;
  readonly message: string;
}

/** The account was halted, or trades again. */
export interface HaltEvent {
  readonly type: 'halt';
  readonly time: number;
  readonly halted: boolean;
  readonly code: string;
  readonly message: string;
}

/** Money may be at risk until somebody looks. */
export interface AlarmEvent {
  readonly type: 'alarm';
  readonly time: number;
  readonly code: string;
  readonly message: string;
}

/** The last event of a session. */
export interface EndEvent {
  readonly type: 'end';
  readonly time: number;
  /** `ended`: the data is over, or the account was flattened; `stopped`: it can go on; `failed`: it threw. */
  readonly reason: 'ended' | 'stopped' | 'failed';
  readonly bars: number;
  readonly steps: number;
  readonly orders: number;
  readonly fills: number;
  readonly trades: number;
  readonly value: number;
}
