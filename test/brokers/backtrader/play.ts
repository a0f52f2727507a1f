import {
  type BacktraderProfileOptions,
  backtraderProfile,
  instrument,
  type MemoryOptions,
  memoryFeed,
  type Order,
  type Strategy,
  strategy,
  type Trade,
} from 'qt-trader';
import { SimulatedRun } from '../../../src/backtest/run.ts';
import type { BacktraderBroker } from '../../../src/brokers/simulated/backtrader/broker.ts';

/** Open, high, low, close, volume (default 1000). */
export type BarRow = readonly [number, number, number, number, number?];

type Action = (strategy: Strategy) => void;

export interface PlayOptions extends BacktraderProfileOptions {
  readonly cash?: number;
  readonly feed?: MemoryOptions;
  /** Stamps of the bars, epoch ms UTC; default the ends of days from 1 January 2024 on. */
  readonly times?: readonly number[];
  /** Orders placed in `nextOpen`, by the number of the bar that opens. */
  readonly atOpen?: Readonly<Record<number, Action>>;
  /** Another instrument's bars, with their stamps. */
  readonly other?: { readonly bars: readonly BarRow[]; readonly times: readonly number[] };
}

/** When a daily bar is stamped: ms after midnight. */
export const DAY_END = 86_399_999.99;

export const day = (number: number) => Date.UTC(2024, 0, number) + DAY_END;

/** Runs orders on bars counted from 1, and tells what was told: `3 completed 2 @ 104` for order 1 of bar 3. */
export async function play(
  bars: readonly BarRow[],
  actions: Readonly<Record<number, Action>>,
  { cash = 10_000, feed, times, atOpen = {}, other, ...profile }: PlayOptions = {},
) {
  const told: Record<number, string[]> = {};
  /** Everything in the order in which it was told: `2 canceled` for order 2. */
  const sequence: string[] = [];
  const trades: Trade[] = [];
  const cashes: number[] = [];
  const values: number[] = [];
  const stops: number[] = [];
  class Play extends strategy() {
    override nextOpen() {
      atOpen[this.data.length]?.(this);
    }
    override next() {
      cashes.push(this.cash);
      values.push(this.value);
      actions[this.data.length]?.(this);
    }
    override prenext() {
      this.next();
    }
    override notifyOrder({ id, status, filled, price, stop }: Order) {
      told[id] ??= [];
      sequence.push(`${id} ${status}`);
      const fill = filled > 0 ? ` ${filled} @ ${Number(price.toFixed(9))}` : '';
      told[id].push(`${this.data.length} ${status}${fill}`);
      stops.push(stop);
    }
    override notifyTrade(trade: Trade) {
      trades.push(trade);
    }
  }
  const column = (rows: readonly BarRow[], index: number) => rows.map(row => row[index] ?? 1000);
  const feedOf = (symbol: string, rows: readonly BarRow[], stamps: readonly number[]) =>
    memoryFeed(
      {
        time: stamps,
        open: column(rows, 0),
        high: column(rows, 1),
        low: column(rows, 2),
        close: column(rows, 3),
        volume: column(rows, 4),
      },
      { instrument: instrument(symbol, { market: 'usdm' }), interval: '1d', stamps: 'close', ...feed },
    );
  const feeds = [feedOf('ONE', bars, times ?? bars.map((_, i) => day(i + 1)))];
  if (other !== undefined) feeds.push(feedOf('OTHER', other.bars, other.times));
  const run = new SimulatedRun(feeds, { strategy: Play, cash, profile: backtraderProfile(profile) });
  await run.engine.run();
  const broker = run.broker as BacktraderBroker;
  return { told, sequence, trades, cashes, values, stops, broker, account: broker.account };
}

/** Bars that open at a price, stay there, and close there. */
export const flat = (...prices: readonly number[]): BarRow[] =>
  prices.map(price => [price, price, price, price]);
