import { choice, int } from '../../model/parameters.ts';
import { average } from '../averages/average-of.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';
import { adxLine, adxrLine, indicatorLines } from './directional-lines.ts';
import { WilderIndex, WilderMovement } from './directional-movement.ts';

const WILDER = 'Wilder, New Concepts in Technical Trading Systems, 1978';
const MOVEMENT =
  'the directional movement of a bar is what it reaches beyond the bar before on the side where it reaches further';
const CONVENTION =
  '`talib` begins Wilder’s smoothing with the sum of one value less than `bars`; `backtrader`, and any other `average`, with its own first `bars` values';

const inputs = ['high', 'low', 'close'] as const;
const parameters = {
  bars: int(14, { min: 1, max: MOST_BARS }),
  average: average('smma'),
  convention: choice(CONVENTIONS),
};

/** Wilder's smoothed directional movement on both sides, in price units. */
export const directionalMovement = indicator({
  name: 'directionalMovement',
  label: 'DM',
  title: 'Directional movement',
  group: 'trend',
  formula: `${MOVEMENT}; summed over \`bars\` − 1 bars, then sum − sum ÷ \`bars\` + movement`,
  source: `${WILDER}; TA-Lib PLUS_DM, MINUS_DM`,
  inputs: ['high', 'low'],
  parameters: { bars: parameters.bars },
  lines: ['plus', 'minus'],
  build: ({ bars }, high, low) => new WilderMovement(high, low, bars).outputs,
});

/** Wilder's directional indicators +DI and −DI, 0 … 100. */
export const directionalIndicator = indicator({
  name: 'directionalIndicator',
  label: 'DI',
  title: 'Directional indicators +DI and −DI',
  group: 'trend',
  formula: `100 · smoothed directional movement ÷ smoothed true range, over \`bars\`; ${MOVEMENT}; ${CONVENTION}; 0 where there was no range; \`talib\` leaves out the factor 100 where \`bars\` is 1`,
  source: `${WILDER}; TA-Lib PLUS_DI, MINUS_DI; backtrader DirectionalIndicator`,
  inputs,
  parameters,
  lines: ['plus', 'minus'],
  build: (options, high, low, close) => indicatorLines({ high, low, close }, options),
});

/** Wilder's directional index, 0 … 100: how one-sided the movement is. */
export const dx = indicator({
  name: 'dx',
  title: 'Directional index',
  group: 'trend',
  formula:
    '100 · |+DI − −DI| ÷ (+DI + −DI) over `bars`; where nothing moved the value before stays, 0 at the start',
  source: `${WILDER}; TA-Lib DX`,
  inputs,
  parameters: { bars: parameters.bars },
  lines: ['dx'],
  build: ({ bars }, high, low, close) => ({
    dx: new WilderIndex(high, low, close, bars, false).outputs.value,
  }),
});

/** Wilder's average directional index, 0 … 100: how strong a trend is, in whatever direction. */
export const adx = indicator({
  name: 'adx',
  title: 'Average directional index',
  group: 'trend',
  formula: `the directional index 100 · |+DI − −DI| ÷ (+DI + −DI), smoothed as these are; ${CONVENTION}; where nothing moved \`talib\` keeps the value before, \`backtrader\` takes 0 for the index`,
  source: `${WILDER}; TA-Lib ADX, backtrader AverageDirectionalMovementIndex`,
  inputs,
  parameters,
  lines: ['adx'],
  build: (options, high, low, close) => ({ adx: adxLine({ high, low, close }, options) }),
});

/** Wilder's average directional index with its rating. */
export const adxr = indicator({
  name: 'adxr',
  title: 'Average directional index rating',
  group: 'trend',
  formula:
    'the mean of the average directional index and of its value `bars` ago, `bars` − 1 ago by `talib`; and that index',
  source: `${WILDER}; TA-Lib ADXR, backtrader AverageDirectionalMovementIndexRating`,
  inputs,
  parameters,
  lines: ['adx', 'adxr'],
  build: (options, high, low, close) => {
    const line = adxLine({ high, low, close }, options);
    return { adx: line, adxr: adxrLine(line, options) };
  },
});

/** +DI, −DI and ADX together. */
export const dmi = indicator({
  name: 'dmi',
  title: 'Directional movement index',
  group: 'trend',
  formula: '+DI, −DI and their average directional index, as directionalIndicator and adx define them',
  source: `${WILDER}; backtrader DirectionalMovementIndex`,
  inputs,
  parameters,
  lines: ['adx', 'plus', 'minus'],
  build: (options, high, low, close) => {
    const data = { high, low, close };
    const indicators = indicatorLines(data, options);
    return { adx: adxLine(data, options, indicators), ...indicators };
  },
});

/** +DI, −DI, ADX and ADXR together. */
export const directionalSystem = indicator({
  name: 'directionalSystem',
  label: 'DMS',
  title: 'Directional movement system',
  group: 'trend',
  formula:
    '+DI, −DI, their average directional index and its rating, as directionalIndicator, adx and adxr define them',
  source: `${WILDER}; backtrader DirectionalMovement`,
  inputs,
  parameters,
  lines: ['adx', 'adxr', 'plus', 'minus'],
  build: (options, high, low, close) => {
    const data = { high, low, close };
    const indicators = indicatorLines(data, options);
    const line = adxLine(data, options, indicators);
    return { adx: line, adxr: adxrLine(line, options), ...indicators };
  },
});
