import { backtest } from '../../../src/backtest/backtest.ts';
import { backtraderProfile } from '../../../src/brokers/simulated/backtrader/profile.ts';
import { type StrategyClass, strategy } from '../../../src/engine/strategy.ts';
import type { DataFeed } from '../../../src/feeds/feed.ts';
import { memoryFeed } from '../../../src/feeds/memory.ts';
import { sma } from '../../../src/indicators/averages/moving-averages.ts';
import { crossOver } from '../../../src/indicators/mathematics/crosses.ts';
import { instrument } from '../../../src/model/instrument.ts';
import type { GoldenFolder } from './folder.ts';

/** A case as its file has it: names and values are backtesting.py's own. */
export interface PyCase {
  readonly id: string;
  readonly input: string;
  readonly strategy: 'Cross' | 'SlTp' | 'LimStop';
  readonly params: Readonly<Record<string, number | string>>;
  readonly backtest: {
    readonly cash: number;
    readonly commission?: number | readonly [number, number];
    readonly margin?: number;
    readonly spread?: number;
    readonly trade_on_close?: boolean;
  };
  readonly trades: readonly {
    readonly Size: number;
    readonly EntryBar: number;
    readonly ExitBar: number;
    readonly EntryPrice: number;
    readonly ExitPrice: number;
  }[];
}

/** The format of backtesting.py's cases. */
export function isPyCase(json: object): json is PyCase {
  return 'backtest' in json && 'stats' in json;
}

const START = Date.UTC(2000, 0, 1);
const DAY = 86_400_000;

type Bars = Readonly<Record<'time' | 'open' | 'high' | 'low' | 'close' | 'volume', Float64Array>>;

/** The bars of a CSV one day apart, whatever their stamps: a trade's bars are then read off its times. */
function barsOf(input: string): Bars {
  const rows = input
    .trim()
    .split('\n')
    .slice(1)
    .map(row => row.split(','));
  const column = (index: number) => Float64Array.from(rows, row => Number(row[index]));
  return {
    time: Float64Array.from(rows, (_, i) => START + i * DAY),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  };
}

function feedOf(bars: Bars): DataFeed {
  const terms = { instrument: instrument('X', { market: 'usdm', lotStep: 1 }), interval: '1d' } as const;
  return memoryFeed({ ...bars }, terms);
}

/** The strategies of the cases, as one would write them here. */
function strategyOf({ strategy: name, params }: PyCase): StrategyClass {
  const {
    fast = 10,
    slow = 20,
    size = 0.95,
    mode = 'long_short',
    sl = 0.03,
    tp = 0.05,
    off = 0.01,
  } = params as Record<string, never>;
  abstract class Base extends strategy() {
    cross = crossOver(sma(this.data.close, fast), sma(this.data.close, slow));
    get amount() {
      return { quote: this.value * size };
    }
  }
  class Cross extends Base {
    next() {
      if (this.cross.now === 0) return;
      this.close();
      if (this.cross.now > 0) this.buy(this.amount);
      else if (mode === 'long_short') this.sell(this.amount);
    }
  }
  class SlTp extends Base {
    next() {
      const price = this.bar.close;
      if (this.position.size !== 0) return;
      if (this.cross.now > 0) {
        this.buyBracket({ ...this.amount, stopLoss: price * (1 - sl), takeProfit: price * (1 + tp) });
      } else if (this.cross.now < 0 && mode === 'long_short') {
        this.sellBracket({ ...this.amount, stopLoss: price * (1 + sl), takeProfit: price * (1 - tp) });
      }
    }
  }
  class LimStop extends Base {
    next() {
      if (this.cross.now === 0) return;
      for (const order of this.openOrders) this.cancel(order);
      this.close();
      const price = this.bar.close * (1 - off);
      if (this.cross.now > 0) this.buy({ ...this.amount, limit: price });
      else this.sell({ ...this.amount, stop: price });
    }
  }
  const found = { Cross, SlTp, LimStop }[name];
  if (found === undefined) throw new Error(`backtesting.py's strategy "${name}" is not known`);
  return found;
}

/** Runs a case of backtesting.py here, and tells every trade that differs in its side, its bars or its prices. */
export async function tradeDifferences(folder: GoldenFolder, golden: PyCase): Promise<string[]> {
  const { cash, commission = 0, margin = 1, spread = 0, trade_on_close = false } = golden.backtest;
  const rate = typeof commission === 'number' ? commission : commission[1];
  const terms = trade_on_close
    ? { profile: backtraderProfile({ coc: true, commission: { commission: rate } }) }
    : { commission: rate, leverage: 1 / margin, maintenance: margin / 10 };
  const bars = barsOf(folder.input(golden.input));
  const result = await backtest({ strategy: strategyOf(golden), data: feedOf(bars), cash, ...terms });
  const ours = [...result.trades].map(trade => ({
    side: trade.side,
    entry: barOf(bars, trade.entryTime, trade.entryPrice),
    exit: barOf(bars, trade.exitTime, trade.exitPrice),
    entryPrice: trade.entryPrice,
    exitPrice: trade.exitPrice,
  }));
  // It closes what is open after the last bar; here it stays open.
  const closed = golden.trades.slice(0, golden.trades.length - result.openTrades.length);
  if (closed.length !== ours.length) return [`${ours.length} trades instead of ${closed.length}`];
  return closed.flatMap(({ Size, EntryBar, ExitBar, EntryPrice, ExitPrice }, i) => {
    const direction = Math.sign(Size);
    // Its spread is added to a purchase's price, and taken off a sale's, at entries alone.
    const entryPrice = EntryPrice / (1 + direction * spread);
    const theirs = {
      side: Size > 0 ? 'long' : 'short',
      entry: EntryBar,
      exit: ExitBar,
      entryPrice: withoutImprovement(entryPrice, ours[i].entryPrice, bars.open[EntryBar], -direction),
      exitPrice: withoutImprovement(ExitPrice, ours[i].exitPrice, bars.open[ExitBar], direction),
    };
    const [got, wanted] = [shown(ours[i]), shown(theirs)];
    return got === wanted ? [] : [`trade ${i}: ${got} instead of ${wanted}`];
  });
}

/**
 * A limit order that rests is filled at its limit here, also by a bar that opens beyond it; there it gets the open, which
 * is better. Gives the limit in place of such an open, and every other price as it is.
 */
function withoutImprovement(theirs: number, ours: number, open: number, better: number): number {
  return isClose(theirs, open) && (theirs - ours) * better > 0 ? ours : theirs;
}

const isClose = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.abs(b);

function shown(trade: { side: string; entry: number; exit: number; entryPrice: number; exitPrice: number }) {
  const { side, entry, exit, entryPrice, exitPrice } = trade;
  return `${side} from bar ${entry} at ${entryPrice.toPrecision(10)} to bar ${exit} at ${exitPrice.toPrecision(10)}`;
}

/** The bar of a fill: the one that opens at its time, or the one that ends then, if the price was within that one. */
function barOf({ open, high, low, close }: Bars, time: number, price: number): number {
  const bar = (time - START) / DAY;
  if (open[bar] === price) return bar;
  // An order that cheats on the close is told, and dated, a bar later.
  if (close[bar - 2] === price) return bar - 2;
  return low[bar - 1] <= price && price <= high[bar - 1] ? bar - 1 : bar;
}
