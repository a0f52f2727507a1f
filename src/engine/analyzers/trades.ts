import type { TradeBook } from '../../brokers/trades.ts';
import type { Analyzer, RunStart } from './analyzer.ts';

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
    for (let i = 0; i < total; i++) {
      const net = closed!.net(i);
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
    };
  }
}
