/** Every indicator that a strategy may use, their names in other libraries, and their use outside a strategy. */

export { movingAverage, variableAverage } from './averages/chosen-average.ts';
export { dema, dickson, hma, tema, zeroLag, zlema } from './averages/lag-averages.ts';
export { ema, kama, sma, smma, t3, trima, wma } from './averages/moving-averages.ts';
export { dynamicSmoothing, exponentialSmoothing, weightedAverage } from './averages/smoothing.ts';
export { accelerationBands } from './bands/acceleration-bands.ts';
export {
  averageEnvelope,
  bollinger,
  bollingerPercent,
  envelope,
} from './bands/bands.ts';
export { chandelierExit, donchian, keltner, superTrend } from './bands/channels.ts';
export { type CandlePatterns, candlePatterns, patterns } from './candlesticks/patterns.ts';
export {
  CANDLE_SETTINGS,
  type CandleSetting,
  type CandleSettings,
} from './candlesticks/settings.ts';
export { cyclePeriod, cyclePhase, cycleTrendline, phasor, sineWave } from './cycle/cycle.ts';
export { mama } from './cycle/mama.ts';
export { trendMode } from './cycle/trend-mode.ts';
export type { BarIndicatorSpec, Indicator, IndicatorSpec } from './definition.ts';
export { backtraderFunctions } from './dialects/backtrader/functions.ts';
export { backtraderIndicators } from './dialects/backtrader.ts';
export { talib } from './dialects/talib.ts';
export { extremeBars, highestBar, lowestBar } from './extremes/extreme-bars.ts';
export { extremes, highest, lowest } from './extremes/extremes.ts';
export { midpoint, midprice } from './extremes/midpoints.ts';
export { crossDown, crossOver, crossUp, nonZeroDifference } from './mathematics/crosses.ts';
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
} from './mathematics/mathematics.ts';
export { averagePrice, medianPrice, typicalPrice, weightedClose } from './mathematics/price.ts';
export { cumulativeSum, sum } from './mathematics/totals.ts';
export { every, rolling, some, type WindowFunction } from './mathematics/windows.ts';
export { cci } from './momentum/channel-index.ts';
export { hurst } from './momentum/hurst.ts';
export { laguerreFilter, laguerreRsi } from './momentum/laguerre.ts';
export { macd, macdExtended, macdFixed } from './momentum/macd.ts';
export { balanceOfPower, imi, mfi } from './momentum/money-flow.ts';
export { dv2, percentRank } from './momentum/percent-rank.ts';
export {
  acceleration,
  averageOscillator,
  awesome,
  detrendedPrice,
  percentMacd,
  percentOscillator,
  priceOscillator,
} from './momentum/price-oscillators.ts';
export { momentum, roc } from './momentum/rate-of-change.ts';
export { knowSureThing, trix, trixSignal } from './momentum/rate-oscillators.ts';
export { fall, rise } from './momentum/rise-and-fall.ts';
export {
  stochastic,
  stochasticFast,
  stochasticFull,
  stochasticRsi,
  williamsR,
} from './momentum/stochastic.ts';
export { cmo, rsi } from './momentum/strength.ts';
export { prettyGoodOscillator, tsi } from './momentum/true-strength.ts';
export { ultimateOscillator } from './momentum/ultimate.ts';
export { williamsAd } from './momentum/williams-ad.ts';
export { indicator } from './own.ts';
export { plotShiftOf, plotted } from './plot-shift.ts';
export { calculate } from './standalone/calculate.ts';
export { type Stream, stream } from './standalone/stream.ts';
export { cointegration, pairSpread } from './statistics/cointegration.ts';
export { beta, correlation, pairRegression } from './statistics/correlation.ts';
export { stdDev, variance } from './statistics/deviation.ts';
export { meanDeviation } from './statistics/mean-deviation.ts';
export { median, quantile } from './statistics/quantiles.ts';
export {
  linearRegression,
  regressionAngle,
  regressionIntercept,
  regressionSlope,
  rSquared,
  standardError,
  timeSeriesForecast,
} from './statistics/regression.ts';
export { zScore } from './statistics/z-score.ts';
export { fromTechnicalIndicators } from './technical-indicators/bridge.ts';
export { aroon } from './trend/aroon.ts';
export {
  adx,
  adxr,
  directionalIndicator,
  directionalMovement,
  directionalSystem,
  dmi,
  dx,
} from './trend/directional.ts';
export { fractal } from './trend/fractal.ts';
export { heikinAshi, heikinAshiDelta } from './trend/heikin-ashi.ts';
export { ichimoku } from './trend/ichimoku.ts';
export { parabolicSar, parabolicSarByClose, parabolicSarExtended } from './trend/parabolic-sar.ts';
export { demarkPivotPoints, fibonacciPivotPoints, pivotPoints } from './trend/pivot-points.ts';
export { vortex } from './trend/vortex.ts';
export { atr, natr } from './volatility/average-true-range.ts';
export {
  garmanKlassVolatility,
  historicalVolatility,
  parkinsonVolatility,
  rogersSatchellVolatility,
  yangZhangVolatility,
} from './volatility/range-volatility.ts';
export { choppiness, ulcerIndex } from './volatility/regimes.ts';
export { trueHigh, trueLow, trueRange } from './volatility/true-range.ts';
export { ad, chaikinOscillator, obv } from './volume/volume.ts';
export {
  easeOfMovement,
  forceIndex,
  negativeVolumeIndex,
  positiveVolumeIndex,
  priceVolumeTrend,
} from './volume/volume-studies.ts';
export { chaikinMoneyFlow, rollingVwap, vwma } from './volume/volume-weighted.ts';
export { vwap } from './volume/vwap.ts';
