import { choice, int } from '../../model/parameters.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { ARITHMETIC, regressionOf } from './regression-line.ts';

const bars = int(14, { min: 2, max: MOST_BARS });
const PARAMETERS = { bars, convention: choice(ARITHMETIC) } as const;
const FORMULA =
  'of the straight line through the last `bars` values by least squares; `talib` rounds as TA-Lib does; NaN while a value of the window is missing';

/** The current bar's value on the regression line, in the units of its input. */
export const linearRegression = indicator({
  name: 'linearRegression',
  label: 'LinReg',
  title: 'Linear regression',
  group: 'statistics',
  formula: `the current bar’s value ${FORMULA}`,
  source: 'TA-Lib LINEARREG',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['value'],
  build: ({ bars, convention }, input) => ({ value: regressionOf(input, bars, 'value', convention) }),
});

/** The regression line's rise, in the units of its input a bar. */
export const regressionSlope = indicator({
  name: 'regressionSlope',
  label: 'LinRegSlope',
  title: 'Linear regression slope',
  group: 'statistics',
  formula: `the rise a bar ${FORMULA}`,
  source: 'TA-Lib LINEARREG_SLOPE',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['slope'],
  build: ({ bars, convention }, input) => ({ slope: regressionOf(input, bars, 'slope', convention) }),
});

/** The regression line's value at the oldest bar of the window, in the units of its input. */
export const regressionIntercept = indicator({
  name: 'regressionIntercept',
  label: 'LinRegIntercept',
  title: 'Linear regression intercept',
  group: 'statistics',
  formula: `the oldest bar’s value ${FORMULA}`,
  source: 'TA-Lib LINEARREG_INTERCEPT',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['intercept'],
  build: ({ bars, convention }, input) => ({
    intercept: regressionOf(input, bars, 'intercept', convention),
  }),
});

/** The regression line's angle, in degrees where a bar is as wide as a unit is high. */
export const regressionAngle = indicator({
  name: 'regressionAngle',
  label: 'LinRegAngle',
  title: 'Linear regression angle',
  group: 'statistics',
  formula: `the arc tangent, in degrees, of the rise a bar ${FORMULA}`,
  source: 'TA-Lib LINEARREG_ANGLE',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['angle'],
  build: ({ bars, convention }, input) => ({ angle: regressionOf(input, bars, 'angle', convention) }),
});

/** The regression line's value one bar ahead, in the units of its input. */
export const timeSeriesForecast = indicator({
  name: 'timeSeriesForecast',
  label: 'TSF',
  title: 'Time series forecast',
  group: 'statistics',
  formula: `the next bar’s value ${FORMULA}`,
  source: 'TA-Lib TSF',
  inputs: 'line',
  parameters: PARAMETERS,
  lines: ['forecast'],
  build: ({ bars, convention }, input) => ({ forecast: regressionOf(input, bars, 'forecast', convention) }),
});

/** How much of the values' spread the regression line explains, 0 … 1. */
export const rSquared = indicator({
  name: 'rSquared',
  label: 'R²',
  title: 'Coefficient of determination',
  group: 'statistics',
  formula:
    '1 − squared distances of the last `bars` values from their regression line ÷ those from their mean; 0 on a flat window; NaN while a value of the window is missing',
  source: 'Wright, 1921',
  inputs: 'line',
  parameters: { bars },
  lines: ['rSquared'],
  build: ({ bars }, input) => ({ rSquared: regressionOf(input, bars, 'rSquared', 'exact') }),
});

/** How far values lie from their regression line, in the units of the input. */
export const standardError = indicator({
  name: 'standardError',
  label: 'StdErr',
  title: 'Standard error of the regression',
  group: 'statistics',
  formula:
    '√(squared distances of the last `bars` values from their regression line ÷ (`bars` − 2)); 0 over two bars; NaN while a value of the window is missing',
  source: 'Andersen, Standard error bands, Stocks & Commodities, 1996',
  inputs: 'line',
  parameters: { bars },
  lines: ['standardError'],
  build: ({ bars }, input) => ({ standardError: regressionOf(input, bars, 'error', 'exact') }),
});

export const REGRESSION = [
  linearRegression,
  regressionSlope,
  regressionIntercept,
  regressionAngle,
  timeSeriesForecast,
  rSquared,
  standardError,
] as const;
