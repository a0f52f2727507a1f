import type { FundParameters } from '../analyzers/backtrader/parameters.ts';
import { Broker, Cash, FundShares, FundValue, Value } from './account.ts';
import { DrawDown, DrawDownLength } from './drawdown.ts';
import {
  Benchmark,
  type BenchmarkParameters,
  LogReturns,
  LogReturns2,
  type ReturnParameters,
  TimeReturn,
} from './returns.ts';
import { BuySell, type BuySellParameters, DataTrades, Trades } from './trades.ts';

/** backtrader's observers, with its parameters and the names of its lines. A run with one of them goes step by step. */
export const backtraderObservers = {
  benchmark: (parameters?: BenchmarkParameters) => new Benchmark(parameters),
  broker: (parameters?: FundParameters) => new Broker(parameters),
  buySell: (parameters?: BuySellParameters) => new BuySell(parameters),
  cash: () => new Cash(),
  dataTrades: (parameters?: { readonly usenames?: boolean }) => new DataTrades(parameters),
  drawDown: (parameters?: FundParameters) => new DrawDown(parameters),
  drawDownLength: () => new DrawDownLength(),
  fundShares: () => new FundShares(),
  fundValue: () => new FundValue(),
  logReturns: (parameters?: ReturnParameters) => new LogReturns(parameters),
  logReturns2: (parameters?: ReturnParameters) => new LogReturns2(parameters),
  timeReturn: (parameters?: ReturnParameters) => new TimeReturn(parameters),
  trades: (parameters?: { readonly pnlcomm?: boolean }) => new Trades(parameters),
  value: (parameters?: FundParameters) => new Value(parameters),
} as const;
