import type { Instrument } from '../model/instrument.ts';
import type { FillTable } from './fills.ts';
import type { TradeBook } from './trades.ts';

/** The session's account, as strategies, analyzers and reports read it. Amounts are in quote, sizes in base units. */
export interface Account {
  readonly instruments: readonly Instrument[];
  readonly startCash: number;
  /** Sizes of the positions, one an instrument; negative for shorts. */
  readonly sizes: Float64Array;
  /** Average entry prices; NaN when flat. */
  readonly averages: Float64Array;
  /** The last known close of each instrument, written by the engine; NaN before its first bar. */
  readonly marks: Float64Array;
  readonly fills: FillTable;
  readonly trades: TradeBook;
  /** How many instruments hold a position. */
  readonly openPositions: number;
  /**
   * True when the account's value is `cash + Σ size × mark` and changes with the marks alone between two fills: the engine
   * then values whole blocks of steps at once. Else it asks for the value at every step.
   */
  readonly linear: boolean;
  /** All cash, whatever is reserved of it. */
  readonly cash: number;
  /** Cash that was added or taken since the last match, and will be booked at the next; none where undefined. */
  readonly pendingCash?: number | undefined;
  /** Cash that no resting order has reserved: what a new order may spend. */
  readonly freeCash: number;
  /** Commissions paid so far. */
  readonly fees: number;
  /** Funding paid so far, less what was received. */
  readonly funding: number;
  /** Sum of |size × price| over all fills. */
  readonly turnover: number;
  /** Cash and all positions at their marks, by the rules of the account. */
  readonly value: number;
  readonly fund: Fund;
  /** Base units held that no resting order has reserved; negative for a short. */
  freeSize(instrument: number): number;
}

/** The account as a fund: cash that comes in buys shares at what one is worth then, cash that goes out gives them back. */
export interface Fund {
  /** What one share is worth, in quote; 100 at the start unless the run says otherwise. */
  readonly value: number;
  readonly shares: number;
  /** True when the account's performance is to be told by the worth of a share, which added cash does not change. */
  readonly mode: boolean;
}
