import type { TradeBook } from '../../brokers/trades.ts';
import type { Analyzer, RunStart } from './analyzer.ts';
import { ratio } from './returns.ts';

export interface TradeStatistics {
  /** Closed trades. */
  readonly total: number;
  /** Trades with a net result above 0. */
  readonly won: number;
  readonly lost: number;
  /** won / total; NaN without trades. */
  readonly winRate: number;
  /** Net profit of the winners over net loss of the losers; Infinity without losers, NaN without trades. */
  readonly profitFactor: number;
  /** Mean net result, in quote; NaN without trades. */
  readonly average: number;
  readonly averageWin: number;
  readonly averageLoss: number;
  /** Best and worst net result, in quote; NaN without trades. */
  readonly best: number;
  readonly worst: number;
  /** Most winners (losers) in a row. */
  readonly longestWinning: number;
  readonly longestLosing: number;
  /** Mean bars from entry to exit; NaN without trades. */
  readonly averageBars: number;
  /** Sum of net results, in quote. */
  readonly net: number;
  /**
   * Expectancy: mean net result as a fraction of what was put in, a trade's largest size at its average entry price; NaN
   * without trades.
   */
  readonly expectancy: number;
  /**
   * System quality number: root of the trades times mean over sample deviation of their net results (Tharp, "Trade Your Way to
   * Financial Freedom", 1998). NaN with fewer than two trades, Infinity with its sign for equal results other than 0.
   */
  readonly sqn: number;
}

/** Statistics over closed trades, all results after fees. */
export class TradesAnalyzer implements Analyzer<TradeStatistics> {
  #closed: TradeBook | undefined;

  begin(start: RunStart): void {
    this.#closed = start.account.trades;
  }

  steps(): void {}

  end(): TradeStatistics {
    const closed = this.#closed;
    const total = closed?.length ?? 0;
    let won = 0;
    let profit = 0;
    let loss = 0;
    let best = Number.NEGATIVE_INFINITY;
    let worst = Number.POSITIVE_INFINITY;
    let bars = 0;
    let streak = 0;
    let longestWinning = 0;
    let longestLosing = 0;
    let shares = 0;
    let mean = 0;
    let squares = 0;
    for (let i = 0; i < total; i++) {
      const net = closed!.net(i);
      shares += net / closed!.outlay(i);
      const deviation = net - mean;
      mean += deviation / (i + 1);
      squares += deviation * (net - mean);
      bars += closed!.bars(i);
      best = Math.max(best, net);
      worst = Math.min(worst, net);
      if (net > 0) {
        won++;
        profit += net;
        streak = Math.max(streak, 0) + 1;
        longestWinning = Math.max(longestWinning, streak);
      } else {
        loss -= net;
        streak = Math.min(streak, 0) - 1;
        longestLosing = Math.max(longestLosing, -streak);
      }
    }
    const lost = total - won;
    const some = (value: number) => (total === 0 ? Number.NaN : value);
    return {
      total,
      won,
      lost,
      winRate: won / total,
      profitFactor: some(loss === 0 && profit === 0 ? Number.NaN : profit / loss),
      average: (profit - loss) / total,
      averageWin: profit / won,
      averageLoss: -loss / lost,
      best: some(best),
      worst: some(worst),
      longestWinning,
      longestLosing,
      averageBars: bars / total,
      net: profit - loss,
      expectancy: shares / total,
      sqn: total < 2 ? Number.NaN : Math.sqrt(total) * ratio(mean, Math.sqrt(squares / (total - 1))),
    };
  }
}
