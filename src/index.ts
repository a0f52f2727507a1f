/** The public API: everything a strategy file or a program that embeds the engine may import. */

export { type BacktestOptions, backtest } from './backtest/backtest.ts';
export { type BacktestResult, type Metrics, type RunSettings, tradesHash } from './backtest/result.ts';
export type { Account } from './brokers/account.ts';
export type { Keys } from './brokers/binance/gateway/keys.ts';
export { type KeySource, loadKeys } from './brokers/binance/gateway/load-keys.ts';
export { type OpenGatewayOptions, openGateway } from './brokers/binance/gateway/open-gateway.ts';
export type { TradingPort } from './brokers/binance/port.ts';
export { type RiskLimits, riskLimits } from './brokers/binance/risk.ts';
export {
  type BacktraderProfile,
  type BacktraderProfileOptions,
  backtraderProfile,
} from './brokers/simulated/backtrader/profile.ts';
export type { CommissionOptions } from './brokers/simulated/backtrader/terms.ts';
export { type Commission, makerTakerCommission, percentCommission } from './brokers/simulated/commission.ts';
export {
  barPercentFiller,
  barPointPercentFiller,
  type Filler,
  fixedSizeFiller,
} from './brokers/simulated/filler.ts';
export type { FundingRate, FundingTerms } from './brokers/simulated/funding.ts';
export type { IntrabarPolicy } from './brokers/simulated/intrabar.ts';
export {
  type BarSlippage,
  type BarSlippageOptions,
  fixedBarSlippage,
  percentBarSlippage,
  percentSlippage,
  type Slippage,
} from './brokers/simulated/slippage.ts';
export { type Config, type DataFile, defineConfig } from './cli/config/define-config.ts';
export { type CollectOptions, collect, type RecordsWanted, replayRecords } from './collection/collect.ts';
export type { MarketView } from './collection/market-view.ts';
export type { Analyzer, AnalyzerResults, RunStart, Steps } from './engine/analyzers/analyzer.ts';
export { backtraderAnalyzers } from './engine/analyzers/backtrader/analyzers.ts';
export type { EquityCurve } from './engine/equity.ts';
export type { Observation, Observer } from './engine/observers/observer.ts';
export { backtraderObservers } from './engine/observers/observers.ts';
export type {
  Bracket,
  BracketOptions,
  LegPrice,
  OrderOptions,
  StopLossOptions,
  TakeProfitOptions,
  Validity,
} from './engine/order-options.ts';
export {
  type Signal,
  SignalStrategy,
  type SignalStrategyOptions,
  type SignalType,
  signalStrategy,
} from './engine/signals.ts';
export { fixedReverser, fixedSize, fixedSizeTarget, type TrancheOptions } from './engine/sizers/fixed.ts';
export { allIn, type PercentOfCashOptions, percentOfCash, percentOfValue } from './engine/sizers/percent.ts';
export { type RiskOptions, riskOf } from './engine/sizers/risk.ts';
export type { Sizer, SizerInput, Sizing } from './engine/sizers/sizer.ts';
export {
  type Position,
  type Strategy,
  type StrategyClass,
  strategy,
} from './engine/strategy.ts';
export type { TargetOptions } from './engine/targets.ts';
export type { Timer, TimerOptions } from './engine/timers/timer.ts';
export type { ExchangeEvent, ExchangeStatus } from './exchange/exchange.ts';
export {
  type LocalExchange,
  type LocalExchangeOptions,
  localExchange,
} from './exchange/local-exchange.ts';
export type { AccountKey, AccountOptions } from './exchange/trading/account.ts';
export type { AccountState } from './exchange/trading/account-state.ts';
export { type CsvOptions, csvFeed } from './feeds/csv/csv.ts';
export type { DataFeed, FeedEvent, FeedRequest, TradingDay } from './feeds/feed.ts';
export type { ColumnsByName, Danfo, DataFrameLike, FrameInput } from './feeds/frame/contract.ts';
export { loadDanfo } from './feeds/frame/danfo.ts';
export { dataFrameFeed, type FrameOptions } from './feeds/frame/frame-feed.ts';
export type { LiveKlines, LiveKlinesOptions, LiveNotice, PastBars } from './feeds/live/contract.ts';
export { openLiveKlines } from './feeds/live/live-klines.ts';
export { storedPast } from './feeds/live/past.ts';
export { type ColumnsInput, type MemoryOptions, memoryFeed } from './feeds/memory.ts';
export { type StoreFeedOptions, storeFeed } from './feeds/store.ts';
export { type SyntheticOptions, syntheticBars } from './feeds/synthetic/synthetic.ts';
export { backtraderReplay } from './feeds/transforms/backtrader/replay.ts';
export {
  type BacktraderResampleOptions,
  backtraderResample,
} from './feeds/transforms/backtrader/resample.ts';
export type { BacktraderResampling, BacktraderTimeframe } from './feeds/transforms/backtrader/terms.ts';
export { type DaySplitterOptions, daySplitter } from './feeds/transforms/filters/day-splitter.ts';
export { daySteps } from './feeds/transforms/filters/day-steps.ts';
export { calendarDays, dataFiller, type FillOptions } from './feeds/transforms/filters/filler.ts';
export { heikinAshiBars } from './feeds/transforms/filters/heikin-ashi.ts';
export { type RenkoOptions, renkoBricks } from './feeds/transforms/filters/renko.ts';
export {
  type SessionFillerOptions,
  type SessionOptions,
  sessionFiller,
  sessionFilter,
} from './feeds/transforms/filters/session.ts';
export { replay, resample } from './feeds/transforms/resample.ts';
export * from './indicators/index.ts';
export type { KlineHistory } from './live/kline-history.ts';
export { type Kline, type KlineContext, type KlinesOptions, klines } from './live/klines.ts';
export { type PaperOptions, runPaper } from './live/paper.ts';
export { accountsOf, type HaltRequest, requestHalt, resume } from './live/real/halts.ts';
export type { AccountNotice } from './live/real/notice.ts';
export { type Check, type Readiness, type ReadinessOptions, readiness } from './live/real/readiness.ts';
export { type RealOptions, runReal } from './live/real/real.ts';
export type { RealResult, RealStart } from './live/real/session.ts';
export type { PaperResult, PaperStart } from './live/session.ts';
export type { Bar, Bars } from './model/bars.ts';
export { DataError, InputError, NetworkError, OutputError, QtError, StrategyError } from './model/errors.ts';
export { type Instrument, instrument, type Market } from './model/instrument.ts';
export type { Interval } from './model/interval.ts';
export type { Fill, Order, OrderReason, OrderStatus, OrderType, TimeInForce } from './model/order.ts';
export { bool, choice, float, int, numbers, type ParameterValues, text } from './model/parameters.ts';
export type {
  BookRecord,
  Channel,
  GapRecord,
  KlineRecord,
  Level,
  MarketRecord,
  MetricsRecord,
  OrderRecord,
  TickerRecord,
  TradeRecord,
} from './model/records.ts';
export type { Combination, ResampleOptions, Weekday } from './model/resampling.ts';
export type { Trade } from './model/trade.ts';
export { realNetwork } from './net/real.ts';
export { writeHtmlReport } from './report/html/report.ts';
export type { AxisInput } from './research/axes.ts';
export type { Search } from './research/combinations.ts';
export type { FigureName, Figures } from './research/figures.ts';
export {
  type OptimizeOptions,
  optimize,
  type SweepProgress,
  type SweepResult,
} from './research/optimize.ts';
export type { PlanModule, RunPlan } from './research/plan.ts';
export type { SweepRun, SweepTable } from './research/sweep.ts';
export type { Data } from './series/data.ts';
export { abs, clamp, nz, pow, round, sign, where } from './series/elementwise.ts';
export type { Line } from './series/line.ts';
export {
  add,
  and,
  delay,
  div,
  eq,
  ge,
  gt,
  le,
  lt,
  max,
  min,
  mul,
  ne,
  not,
  or,
  sub,
} from './series/operators.ts';
export {
  BarStore,
  type Coverage,
  type PutCounts,
  type SeriesKey,
  type StoredSeries,
  type Stretch,
  type TimeRange,
} from './store/bars.ts';
export type { RecordClient, RecordClientOptions } from './streaming/client/client.ts';
export { recordClient } from './streaming/client/record-client.ts';
export type { BookCopy } from './streaming/client/stream-copy.ts';
export type { DataMessage, Feed, StreamInfo, Topic } from './streaming/protocol.ts';
export type { RecordSource } from './streaming/record-source.ts';
export type { ServerLimits } from './streaming/server/limits.ts';
export { type RecordServer, type RecordServerOptions, serveRecords } from './streaming/server/server.ts';
export type { ServerStatus } from './streaming/server/status.ts';
export { endpointsOf } from './venues/binance/endpoints.ts';
export type { BookLevels, BookView } from './venues/books/book.ts';
export type { OrderByOrderBook } from './venues/books/order-by-order.ts';
export type { BookState, OrderBookState } from './venues/market-data/contract.ts';
