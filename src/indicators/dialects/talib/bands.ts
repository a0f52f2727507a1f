import { float, int } from '../../../model/parameters.ts';
import { average } from '../../averages/average-of.ts';
import { accelerationBands } from '../../bands/acceleration-bands.ts';
import { bollinger, bollingerOf } from '../../bands/bands.ts';
import { indicator, MOST_BARS } from '../../definition.ts';
import { midpoint, midprice } from '../../extremes/midpoints.ts';
import { parabolicSar, parabolicSarExtended } from '../../trend/parabolic-sar.ts';
import { dialect } from '../dialect.ts';
import { MATYPES } from './matypes.ts';

/** Bollinger bands with a width for each side, which only TA-Lib has. */
const twoWidths = indicator({
  ...bollinger.definition,
  inputs: 'line',
  parameters: {
    bars: int(5, { min: 1, max: MOST_BARS }),
    up: float(2),
    down: float(2),
    average: average('sma'),
  },
  lines: ['upper', 'middle', 'lower'],
  plotShift: {},
  build: (parameters, input) => bollingerOf(input, { ...parameters, convention: 'talib' }),
});

/** TA-Lib's bands, stops and middles of ranges. */
export const BANDS = {
  ACCBANDS: dialect(accelerationBands, {
    parameters: { timeperiod: 'bars' },
    lines: { upperband: 'upper', middleband: 'middle', lowerband: 'lower' },
  }),
  BBANDS: dialect(twoWidths, {
    parameters: { timeperiod: 'bars', nbdevup: 'up', nbdevdn: 'down', matype: 'average' },
    values: { matype: MATYPES },
    lines: { upperband: 'upper', middleband: 'middle', lowerband: 'lower' },
  }),
  MIDPOINT: dialect(midpoint, { parameters: { timeperiod: 'bars' }, lines: { real: 'midpoint' } }),
  MIDPRICE: dialect(midprice, { parameters: { timeperiod: 'bars' }, lines: { real: 'midprice' } }),
  SAR: dialect(parabolicSar, {
    parameters: { acceleration: 'step', maximum: 'most' },
    lines: { real: 'sar' },
  }),
  SAREXT: dialect(parabolicSarExtended, {
    parameters: {
      startvalue: 'begin',
      offsetonreverse: 'offset',
      accelerationinitlong: 'firstLong',
      accelerationlong: 'stepLong',
      accelerationmaxlong: 'mostLong',
      accelerationinitshort: 'firstShort',
      accelerationshort: 'stepShort',
      accelerationmaxshort: 'mostShort',
    },
    lines: { real: 'sar' },
  }),
} as const;
