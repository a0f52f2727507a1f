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
export { type Config, type DataFile, defineConfig } from './cli/define-config.ts';
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
export type { LiveKlines, LiveKlinesOptions, LiveNotice } from './feeds/live/contract.ts';
export { openLiveKlines } from './feeds/live/live-klines.ts';
export { type ColumnsInput, type MemoryOptions, memoryFeed } from './feeds/memory.ts';
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
export { atr, natr } from './indicators/average-true-range.ts';
export {
  accelerationBands,
  averageEnvelope,
  bollinger,
  bollingerPercent,
  envelope,
} from './indicators/bands.ts';
export { type CandlePatterns, candlePatterns, patterns } from './indicators/candlesticks/patterns.ts';
export {
  CANDLE_SETTINGS,
  type CandleSetting,
  type CandleSettings,
} from './indicators/candlesticks/settings.ts';
export { chandelierExit, donchian, keltner, superTrend } from './indicators/channels.ts';
export { movingAverage, variableAverage } from './indicators/chosen-average.ts';
export { cointegration, pairSpread } from './indicators/cointegration.ts';
export { beta, correlation, pairRegression } from './indicators/correlation.ts';
export { crossDown, crossOver, crossUp, nonZeroDifference } from './indicators/crosses.ts';
export { cyclePeriod, cyclePhase, cycleTrendline, phasor, sineWave } from './indicators/cycle/cycle.ts';
export { mama } from './indicators/cycle/mama.ts';
export { trendMode } from './indicators/cycle/trend-mode.ts';
export {
  type BarIndicatorSpec,
  type Indicator,
  type IndicatorSpec,
  indicator,
} from './indicators/definition.ts';
export { stdDev, variance } from './indicators/deviation.ts';
export { backtraderFunctions } from './indicators/dialects/backtrader/functions.ts';
export { backtraderIndicators } from './indicators/dialects/backtrader.ts';
export { talib } from './indicators/dialects/talib.ts';
export { extremeBars, highestBar, lowestBar } from './indicators/extreme-bars.ts';
export { extremes, highest, lowest } from './indicators/extremes.ts';
export { dema, dickson, hma, tema, zeroLag, zlema } from './indicators/lag-averages.ts';
export { macd, macdExtended, macdFixed } from './indicators/macd.ts';
export {
  acos,
  asin,
  atan,
  ceil,
  cos,
  cosh,
  difference,
  exp,
  floor,
  ln,
  log10,
  product,
  quotient,
  sin,
  sinh,
  sqrt,
  sumOfTwo,
  tan,
  tanh,
} from './indicators/mathematics.ts';
export { meanDeviation } from './indicators/mean-deviation.ts';
export { midpoint, midprice } from './indicators/midpoints.ts';
export { cci } from './indicators/momentum/channel-index.ts';
export { hurst } from './indicators/momentum/hurst.ts';
export { laguerreFilter, laguerreRsi } from './indicators/momentum/laguerre.ts';
export { balanceOfPower, imi, mfi } from './indicators/momentum/money-flow.ts';
export { dv2, percentRank } from './indicators/momentum/percent-rank.ts';
export { momentum, roc } from './indicators/momentum/rate-of-change.ts';
export { fall, rise } from './indicators/momentum/rise-and-fall.ts';
export {
  stochastic,
  stochasticFast,
  stochasticFull,
  stochasticRsi,
  williamsR,
} from './indicators/momentum/stochastic.ts';
export { cmo, rsi } from './indicators/momentum/strength.ts';
export { prettyGoodOscillator, tsi } from './indicators/momentum/true-strength.ts';
export { ultimateOscillator } from './indicators/momentum/ultimate.ts';
export { williamsAd } from './indicators/momentum/williams-ad.ts';
export { ema, kama, sma, smma, t3, trima, wma } from './indicators/moving-averages.ts';
export { parabolicSar, parabolicSarByClose, parabolicSarExtended } from './indicators/parabolic-sar.ts';
export { plotShiftOf, plotted } from './indicators/plot-shift.ts';
export { averagePrice, medianPrice, typicalPrice, weightedClose } from './indicators/price.ts';
export {
  acceleration,
  averageOscillator,
  awesome,
  detrendedPrice,
  percentMacd,
  percentOscillator,
  priceOscillator,
} from './indicators/price-oscillators.ts';
export { median, quantile } from './indicators/quantiles.ts';
export {
  garmanKlassVolatility,
  historicalVolatility,
  parkinsonVolatility,
  rogersSatchellVolatility,
  yangZhangVolatility,
} from './indicators/range-volatility.ts';
export { knowSureThing, trix, trixSignal } from './indicators/rate-oscillators.ts';
export { choppiness, ulcerIndex } from './indicators/regimes.ts';
export {
  linearRegression,
  regressionAngle,
  regressionIntercept,
  regressionSlope,
  rSquared,
  standardError,
  timeSeriesForecast,
} from './indicators/regression.ts';
export { dynamicSmoothing, exponentialSmoothing, weightedAverage } from './indicators/smoothing.ts';
export { calculate } from './indicators/standalone/calculate.ts';
export { type Stream, stream } from './indicators/standalone/stream.ts';
export { fromTechnicalIndicators } from './indicators/technical-indicators/bridge.ts';
export { cumulativeSum, sum } from './indicators/totals.ts';
export { aroon } from './indicators/trend/aroon.ts';
export {
  adx,
  adxr,
  directionalIndicator,
  directionalMovement,
  directionalSystem,
  dmi,
  dx,
} from './indicators/trend/directional.ts';
export { fractal } from './indicators/trend/fractal.ts';
export { heikinAshi, heikinAshiDelta } from './indicators/trend/heikin-ashi.ts';
export { ichimoku } from './indicators/trend/ichimoku.ts';
export { demarkPivotPoints, fibonacciPivotPoints, pivotPoints } from './indicators/trend/pivot-points.ts';
export { vortex } from './indicators/trend/vortex.ts';
export { trueHigh, trueLow, trueRange } from './indicators/true-range.ts';
export { ad, chaikinOscillator, obv } from './indicators/volume.ts';
export {
  easeOfMovement,
  forceIndex,
  negativeVolumeIndex,
  positiveVolumeIndex,
  priceVolumeTrend,
} from './indicators/volume-studies.ts';
export { chaikinMoneyFlow, rollingVwap, vwma } from './indicators/volume-weighted.ts';
export { vwap } from './indicators/vwap.ts';
export { every, rolling, some, type WindowFunction } from './indicators/windows.ts';
export { zScore } from './indicators/z-score.ts';
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
export type { Combination, ResampleOptions, Weekday } from './model/resampling.ts';
export type { Trade } from './model/trade.ts';
export { realNetwork } from './net/real.ts';
export { writeHtmlReport } from './report/html/report.ts';
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
export { endpointsOf } from './venues/binance/endpoints.ts';
