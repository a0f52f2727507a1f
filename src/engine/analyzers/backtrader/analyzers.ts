import { Calmar, DrawDown, TimeDrawDown } from './drawdown.ts';
import { GrossLeverage, PositionsValue, PyFolio, Transactions } from './positions.ts';
import { PeriodStats, type SharpeParameters, SharpeRatio, VWR } from './ratios.ts';
import { AnnualReturn, LogReturnsRolling, Returns, TimeReturn } from './returns.ts';
import { SQN, TradeAnalyzer } from './trades.ts';

type Given<C extends new (parameters?: never) => unknown> = C extends new (
  parameters?: infer P,
) => unknown
  ? P
  : never;

/**
 * backtrader's analyzers, each with its parameters, its result's names and its arithmetic. A run with one of them goes
 * step by step.
 */
export const backtraderAnalyzers = {
  annualReturn: () => new AnnualReturn(),
  calmar: (parameters?: Given<typeof Calmar>) => new Calmar(parameters),
  drawDown: (parameters?: Given<typeof DrawDown>) => new DrawDown(parameters),
  grossLeverage: (parameters?: Given<typeof GrossLeverage>) => new GrossLeverage(parameters),
  logReturnsRolling: (parameters?: Given<typeof LogReturnsRolling>) => new LogReturnsRolling(parameters),
  periodStats: (parameters?: Given<typeof PeriodStats>) => new PeriodStats(parameters),
  positionsValue: (parameters?: Given<typeof PositionsValue>) => new PositionsValue(parameters),
  pyFolio: (parameters?: Given<typeof PyFolio>) => new PyFolio(parameters),
  returns: (parameters?: Given<typeof Returns>) => new Returns(parameters),
  sharpeRatio: (parameters?: SharpeParameters) => new SharpeRatio(parameters),
  sharpeRatioA: (parameters?: SharpeParameters) => new SharpeRatio(parameters, 'SharpeRatio_A'),
  sqn: () => new SQN(),
  timeDrawDown: (parameters?: Given<typeof TimeDrawDown>) => new TimeDrawDown(parameters),
  timeReturn: (parameters?: Given<typeof TimeReturn>) => new TimeReturn(parameters),
  tradeAnalyzer: () => new TradeAnalyzer(),
  transactions: (parameters?: Given<typeof Transactions>) => new Transactions(parameters),
  vwr: (parameters?: Given<typeof VWR>) => new VWR(parameters),
} as const;
