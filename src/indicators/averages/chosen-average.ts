import { StrategyError } from '../../model/errors.ts';
import { choice, int } from '../../model/parameters.ts';
import { indicator, MOST_BARS } from '../definition.ts';
import { average, averageOf, averageWarmup } from './average-of.ts';
import { AVERAGE_CONVENTIONS } from './convention.ts';
import { skipped } from './skipped.ts';
import { Chosen, VariableSma } from './variable.ts';

/** Any moving average by its name, in the units of its input. */
export const movingAverage = indicator({
  name: 'movingAverage',
  label: 'MA',
  title: 'Moving average of a chosen kind',
  group: 'moving averages',
  formula:
    'the moving average that `average` names, with its usual further settings; over one bar the value itself (`backtrader`: whatever that average gives); `running` is `talib` with the rounding of TA-Lib’s running sums',
  source: 'TA-Lib MA, backtrader MovAv',
  inputs: 'line',
  parameters: {
    bars: int(30, { min: 1, max: MOST_BARS }),
    average: average('sma'),
    convention: choice(AVERAGE_CONVENTIONS),
  },
  lines: ['average'],
  build: (parameters, input) => ({
    average: averageOf(parameters.average, input, parameters.bars, parameters.convention),
  }),
});

/** A moving average over as many bars as another line says, in the units of its first input. */
export const variableAverage = indicator({
  name: 'variableAverage',
  label: 'MAVP',
  title: 'Moving average with a variable period',
  group: 'moving averages',
  formula:
    'the moving average that `average` names over as many bars as the second line says, without its fraction, within `shortest` … `longest`; all begin at the longest one’s first bar. Other averages than the simple one take a step a bar for every period between the two; `running` is `talib` with the rounding of TA-Lib’s running sums',
  source: 'TA-Lib MAVP',
  inputs: 'two lines',
  parameters: {
    shortest: int(2, { min: 1, max: MOST_BARS }),
    longest: int(30, { min: 1, max: MOST_BARS }),
    average: average('sma'),
    convention: choice(['talib', 'running']),
  },
  lines: ['average'],
  build: ({ shortest, longest, average, convention }, input, periods) => {
    if (shortest > longest) {
      throw new StrategyError(
        'PARAMETER_INVALID',
        `variableAverage was given ${shortest} to ${longest} bars`,
        {
          value: shortest,
          limit: longest,
          fix: 'shortest must not be above longest',
        },
      );
    }
    if (average === 'sma') return new VariableSma(input, periods, shortest, longest).outputs;
    const bars = Array.from({ length: longest - shortest + 1 }, (_, k) => shortest + k);
    const warmups = bars.map(count => averageWarmup(average, count));
    const most = warmups.reduce((a, b) => Math.max(a, b));
    const lines = bars.map((count, k) =>
      averageOf(average, skipped(input, most - warmups[k]), count, convention),
    );
    return new Chosen(periods, lines, shortest).outputs;
  },
});

/** This family, for the registry. */
export const CHOSEN_AVERAGES = [movingAverage, variableAverage] as const;
