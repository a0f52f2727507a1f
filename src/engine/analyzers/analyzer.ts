import type { Account } from '../../brokers/account.ts';
import type { Order } from '../../model/order.ts';
import type { Trade } from '../../model/trade.ts';
import type { Data } from '../../series/data.ts';

/** A stretch of consecutive steps; do not keep the arrays. */
export interface Steps {
  readonly length: number;
  /** Step i's bars were complete at `stamps[first + i] + shift`, epoch ms UTC. */
  readonly stamps: Float64Array;
  readonly first: number;
  readonly shift: number;
  /** The account's value after each step, in quote; exactly `length` values. */
  readonly value: Float64Array;
  /**
   * What holding all instruments from their first opens, in equal parts, had made of 1 by step i: an instrument counts with
   * its part from its first bar on. Computed when it is asked for.
   */
  readonly buyAndHold: (i: number) => number;
}

/** One data of a run, and where its position stands in the account. */
export interface WatchedData extends Pick<Data, 'name' | 'interval' | 'length'> {
  /** Its current bar; NaN before the first. */
  readonly bar: Pick<Data['bar'], 'open' | 'high' | 'low' | 'close' | 'closeTime'>;
}

export interface RunStart {
  /** Open time of the first bar of the run, epoch ms UTC. */
  readonly time: number;
  /** The account's value before it, in quote. */
  readonly value: number;
  /** The typical distance between steps, ms. */
  readonly stepMs: number;
  readonly account: Account;
  /** In the strategy's order. Their bars are current in {@link Analyzer.step}. */
  readonly datas: readonly WatchedData[];
  /** Index in the account of each data's instrument. */
  readonly instruments: readonly number[];
  /** What the position in an instrument is worth at its mark, by the rules of the account, in quote; 0 when flat. */
  readonly positionValue: (instrument: number) => number;
  /**
   * What a step at midnight belongs to: the day that `ends` (its bars were complete then), or the day that `begins`, as
   * backtrader reads every stamp.
   */
  readonly midnight: Midnight;
}

export type Midnight = 'ends' | 'begins';

/**
 * Watches a run: in blocks, or step by step, or both. Blocks come in any size; an analyzer goes through them one by one,
 * so that how they were cut never shows in its result.
 */
export interface Analyzer<R = unknown> {
  /** Called before the first step. A run without bars never calls it. */
  begin?(start: RunStart): void;
  steps?(steps: Steps): void;
  /**
   * Called after each step of the run, once the strategy has acted, with the step's time (epoch ms UTC) and the account as
   * it is then. `ready` is false while a minimum period of the strategy is not met. A run with an analyzer that has this
   * goes step by step, which is slower.
   */
  step?(time: number, ready: boolean): void;
  /** An order changed in the step that is about to be made; comes before the strategy acts. */
  order?(order: Order): void;
  /** A trade opened or closed in the step that is about to be made; comes after the orders. */
  trade?(trade: Trade): void;
  /** Called in each step once the orders and trades have been told, before the strategy acts; of analyzers with {@link step}. */
  told?(): void;
  /** Called once after the last step; what it returns is the analyzer's result. */
  end(): R;
}

/** Analyzers by the names under which their results are wanted. */
export type AnalyzerSet = Readonly<Record<string, Analyzer>>;

/** What each of a set of analyzers returns. */
export type AnalyzerResults<A extends AnalyzerSet> = {
  readonly [K in keyof A]: A[K] extends Analyzer<infer R> ? R : never;
};
