import type { Bar, Bars } from '../model/bars.ts';
import type { Instrument } from '../model/instrument.ts';
import type { OrderReason } from '../model/order.ts';
import type { Account } from './account.ts';
import type { OrderEvents } from './order-events.ts';
import type { OrderTable } from './orders.ts';

export type Profile = 'crypto' | 'backtrader';

/**
 * Executes orders. The engine drives it: `offer` for each bar that an instrument's matching feed closed in the step,
 * `match` once, then `events` is drained, then the strategy runs. The ledger is the session's: the capital given to the strategy.
 */
export interface Broker {
  readonly instruments: readonly Instrument[];
  readonly account: Account;
  /** Every order of the run, as the strategy knows it: the engine adds rows, and updates them from `events`. */
  readonly orders: OrderTable;
  readonly events: OrderEvents;
  /** Orders that wait for a match or an answer; while there are none, bars need not be offered. */
  readonly waiting: number;
  /** True when it is to be offered every bar, whether or not an order waits; false where undefined. */
  readonly watches?: boolean | undefined;
  /**
   * Whose rules the strategy's side of the run goes by. `crypto`: orders may be given in quote, sizes are fractions, and
   * what cannot be meant is refused. `backtrader`: orders are given in units, and taken as backtrader takes them.
   */
  readonly profile: Profile;
  /** True when the strategy may order at a new bar's open before the broker matches it: see `Strategy.nextOpen`. */
  readonly cheatsOnOpen: boolean;
  /** Trades of which bars left open what became of them: another path inside them might have led elsewhere. */
  readonly pathDependent: number;
  /** How many positions were liquidated. */
  readonly liquidations: number;
  /** Takes the order with this id, just added to `orders`. */
  submit(id: number): void;
  /** Ends the order with this id, just added to `orders`, as rejected: the session itself will not have it. */
  refuse(id: number, reason: OrderReason): void;
  /**
   * Takes an order out of force from `time` on (epoch ms UTC); one that has ended already is left alone. A broker that
   * learns of a bar only when it has closed settles at the next bar whether the order had been filled before.
   */
  cancel(id: number, time: number): void;
  /**
   * Row `row` of `bars`, number `bar` of the instrument's matching feed, has closed; it lasted from `openTime` to
   * `closeTime` (epoch ms UTC). Of a bar that grows it is a part; parts are counted by `part`, from 0 on, which is `bar` where
   * bars are given once.
   */
  offer(
    instrument: number,
    bars: Bars,
    row: number,
    openTime: number,
    closeTime: number,
    bar: number,
    part?: number,
  ): void;
  /**
   * The open bar (or part of one that grows) of an instrument's matching feed, which will have the numbers `number` and `part`,
   * was revised at `time` (epoch ms UTC). To be called for every revision while an order waits. What comes between two calls of {@link match} is matched
   * together; of one instrument that is either a closed bar or revisions. A broker that can tell the market's price by
   * itself ignores it.
   */
  offerForming(instrument: number, bar: Bar, time: number, number: number, part?: number): void;
  /** Adds cash to the account, or takes it if `amount` is negative (quote), at the next match. */
  addCash(amount: number): void;
  /** The base units that `amount` of quote makes at `price`, by the rules of the account; negative for a negative amount. */
  sizeFor(instrument: number, amount: number, price: number): number;
  /** What the position in an instrument is worth at its mark, by the rules of the account, in quote; 0 when flat. */
  valueOf(instrument: number): number;
  /** Matches the waiting orders against what was offered since the last call. */
  match(): void;
  /** No bar comes any more: settles what waits for one. */
  end(): void;
}
