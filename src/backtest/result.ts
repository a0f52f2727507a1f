import { createHash } from 'node:crypto';
import type { FillTable } from '../brokers/fills.ts';
import type { OrderTable } from '../brokers/orders.ts';
import type { IntrabarPolicy } from '../brokers/simulated/intrabar.ts';
import type { TradeBook } from '../brokers/trades.ts';
import type { AnalyzerResults, AnalyzerSet } from '../engine/analyzers/analyzer.ts';
import type { BenchmarkComparison } from '../engine/analyzers/benchmark.ts';
import type { Drawdown } from '../engine/analyzers/drawdown.ts';
import type { Returns } from '../engine/analyzers/returns.ts';
import type { Risk } from '../engine/analyzers/risk.ts';
import type { TradeStatistics } from '../engine/analyzers/trades.ts';
import type { EquityCurve } from '../engine/equity.ts';
import type { Observation } from '../engine/observers/observer.ts';
import type { RecordedData } from '../engine/recorder.ts';
import type { LogEntry } from '../engine/run-log.ts';
import type { RunStats } from '../engine/run-stats.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Interval } from '../model/interval.ts';
import type { ParameterValue } from '../model/parameters.ts';
import type { Trade } from '../model/trade.ts';
import type { ResultFrames } from './result-frames.ts';

/** The figures of a run. Fractions, not percent; money in quote; NaN where a figure has no meaning. */
export interface Metrics {
  readonly startValue: number;
  readonly endValue: number;
  readonly returns: Returns;
  readonly drawdown: Drawdown;
  readonly risk: Risk;
  /** The run beside buying and holding, or beside the data given as `benchmark`. */
  readonly benchmark: BenchmarkComparison;
  readonly trades: TradeStatistics;
  /** Share of the steps at whose end a position was held. */
  readonly exposure: number;
  readonly fees: number;
  /** Paid for positions in perpetuals, less what was received. */
  readonly funding: number;
  /** Sum of size times price over all fills, in quote. */
  readonly turnover: number;
  /** The same a year of 365 days, over the mean value at the ends of the days; NaN for runs shorter than a day. */
  readonly annualTurnover: number;
  /** The longest time without a trade, ms. */
  readonly longestFlatMs: number;
  /** What holding the instruments in equal parts from the first open to the last close would have returned, free of fees. */
  readonly buyAndHold: number;
  /** Orders by how they ended, and refusals by their code. */
  readonly orders: OrderCounts;
}

export interface OrderCounts {
  readonly total: number;
  readonly completed: number;
  /** Refused, by the code of the reason: `{ SIZE_ZERO: 3 }`. */
  readonly refused: Readonly<Record<string, number>>;
  /** Neither filled nor refused when the run ended. */
  readonly open: number;
  /** Positions that were closed by force, because the account could not bear them. */
  readonly liquidations: number;
  /**
   * Trades of which bars leave open what became of them: another path inside a bar might have filled another order, or at
   * another price. The intrabar policy decided.
   */
  readonly pathDependent: number;
}

/** Everything a run was made with, as a report shows it. */
export interface RunSettings {
  readonly strategy: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
  readonly datas: readonly { readonly instrument: Instrument; readonly interval: Interval }[];
  readonly cash: number;
  readonly commission: string;
  /** What the fee of a purchase on spot is taken in. */
  readonly feeIn: 'quote' | 'base';
  readonly slippage: string;
  /** The policy that says which way the price goes inside a bar. */
  readonly intrabar: IntrabarPolicy | '';
  /** Leverage, maintenance margin, fees and funding of perpetuals; empty on spot. */
  readonly margin: string;
  readonly sizer: string;
}

export interface BacktestResult<A extends AnalyzerSet = AnalyzerSet> extends ResultFrames {
  readonly settings: RunSettings;
  readonly metrics: Metrics;
  readonly stats: RunStats & {
    /** Wall time from the first feed event to the last step, ms. */
    readonly elapsedMs: number;
  };
  readonly equity: EquityCurve;
  /** Closed trades. */
  readonly trades: TradeBook;
  /** What was held at the end, one an instrument; size 0 and price NaN when flat. */
  readonly positions: readonly { readonly symbol: string; readonly size: number; readonly price: number }[];
  /** Trades still open at the end. */
  readonly openTrades: readonly Trade[];
  readonly orders: OrderTable;
  readonly fills: FillTable;
  readonly log: readonly LogEntry[];
  /** Log entries beyond the limit, which were not kept. */
  readonly logDropped: number;
  /** Sentences about the data that a reader should know. */
  readonly notes: readonly string[];
  /** Bars and indicators for charts, when the run was told to record them. */
  readonly recording: readonly RecordedData[] | undefined;
  /** What the analyzers that the run was given returned, by their names. */
  readonly analyzers: AnalyzerResults<A>;
  /** What the observers that the run was given saw, in their order; a line has one value a step of {@link equity}. */
  readonly observers: readonly Observation[];
}

/**
 * SHA-256 over all fills and closed trades, to the last bit: two runs with the same hash traded the same.
 */
export function tradesHash(result: Pick<BacktestResult, 'fills' | 'trades'>): string {
  const hash = createHash('sha256');
  for (const { orderId, instrument, side, size, price, fee, time } of result.fills) {
    hash.update(`${orderId},${instrument},${side},${size},${price},${fee},${time}\n`);
  }
  for (const { id, side, size, entryTime, exitTime, pnl, fees } of result.trades) {
    hash.update(`${id},${side},${size},${entryTime},${exitTime},${pnl},${fees}\n`);
  }
  return hash.digest('hex');
}
