import { choice, int } from '../model/parameters.ts';
import { average, averageOf } from './averages/average-of.ts';
import { CONVENTIONS, indicator, MOST_BARS } from './definition.ts';

/** Any moving average by its name, in the units of its input. */
export const movingAverage = indicator({
  name: 'movingAverage',
  label: 'MA',
  title: 'Moving average of a chosen kind',
  group: 'moving averages',
  formula:
    'the moving average that `average` names, with its usual further settings; over one bar the value itself (`backtrader`: whatever that average gives)',
  source: 'TA-Lib MA, backtrader MovAv',
  inputs: 'line',
  parameters: {
    bars: int(30, { min: 1, max: MOST_BARS }),
    average: average('sma'),
    convention: choice(CONVENTIONS),
  },
  lines: ['average'],
  build: (parameters, input) => ({
    average: averageOf(parameters.average, input, parameters.bars, parameters.convention),
  }),
});

/** This family, for the registry. */
export const CHOSEN_AVERAGES = [movingAverage] as const;
