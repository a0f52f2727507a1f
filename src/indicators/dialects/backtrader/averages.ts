import { choice, float, int } from '../../../model/parameters.ts';
import { dema, dickson, hma, tema, zeroLag, zlema } from '../../averages/lag-averages.ts';
import { ema, kama, sma, smma, wma } from '../../averages/moving-averages.ts';
import { dynamicSmoothing, exponentialSmoothing, weightedAverage } from '../../averages/smoothing.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../../definition.ts';
import { dialect } from '../dialect.ts';
import { averageFamily, oscillatorNames } from './average-family.ts';
import { emptyLine } from './empty-line.ts';
import { MOVAVS } from './movavs.ts';

const FIXED = { convention: 'backtrader' } as const;
const PERIOD = { period: 'bars' } as const;
const CHOSEN = { period: 'bars', _movav: 'average' } as const;
const VALUES = { _movav: MOVAVS } as const;

const simple = averageFamily('MovingAverageSimple', sma, {
  line: 'sma',
  aliases: ['SMA', 'SimpleMovingAverage'],
  parameters: PERIOD,
});
const exponential = averageFamily('ExponentialMovingAverage', ema, {
  line: 'ema',
  aliases: ['EMA', 'MovingAverageExponential'],
  parameters: PERIOD,
  fixed: FIXED,
});
const smoothed = averageFamily('SmoothedMovingAverage', smma, {
  line: 'smma',
  aliases: ['SMMA', 'WilderMA', 'MovingAverageSmoothed', 'MovingAverageWilder', 'ModifiedMovingAverage'],
  parameters: PERIOD,
  fixed: FIXED,
});
const weighted = averageFamily('WeightedMovingAverage', wma, {
  line: 'wma',
  aliases: ['WMA', 'MovingAverageWeighted'],
  parameters: PERIOD,
  fixed: FIXED,
});
const hull = averageFamily('HullMovingAverage', hma, {
  line: 'hma',
  aliases: ['HMA', 'HullMA'],
  parameters: CHOSEN,
  values: VALUES,
  fixed: FIXED,
});
const adaptive = averageFamily('AdaptiveMovingAverage', kama, {
  line: 'kama',
  aliases: ['KAMA', 'MovingAverageAdaptive'],
  parameters: { period: 'bars', fast: 'fast', slow: 'slow' },
  fixed: FIXED,
});
const double = averageFamily('DoubleExponentialMovingAverage', dema, {
  line: 'dema',
  aliases: ['DEMA', 'MovingAverageDoubleExponential'],
  parameters: CHOSEN,
  values: VALUES,
  fixed: FIXED,
});
const triple = averageFamily('TripleExponentialMovingAverage', tema, {
  line: 'tema',
  aliases: ['TEMA', 'MovingAverageTripleExponential'],
  parameters: CHOSEN,
  values: VALUES,
  fixed: FIXED,
});
const lagless = averageFamily('ZeroLagExponentialMovingAverage', zlema, {
  line: 'zlema',
  aliases: ['ZLEMA', 'ZeroLagEma'],
  parameters: CHOSEN,
  values: VALUES,
  fixed: FIXED,
});
const CORRECTING = ['ZLIndicator', 'ZLInd', 'EC', 'ErrorCorrecting'] as const;
const CORRECTING_TERMS = {
  parameters: { period: 'bars', gainlimit: 'gainLimit' },
  // An EMA whatever is given.
  ignored: { _movav: 'EMA' },
  fixed: FIXED,
} as const;
/** backtrader leaves the bands of this envelope empty. */
const withoutEnvelope = indicator({
  ...zeroLag.definition,
  inputs: 'line',
  parameters: {
    bars: int(30, { min: 1, max: MOST_BARS }),
    gainLimit: int(50, { min: 0 }),
    convention: choice(CONVENTIONS),
    percent: float(2.5),
  },
  lines: ['upper', 'middle', 'lower'],
  plotShift: {},
  build: ({ percent: _, ...parameters }, input) => {
    const middle = zeroLag(input, parameters);
    return { upper: emptyLine(middle), middle, lower: emptyLine(middle) };
  },
});
const dicksons = averageFamily('DicksonMovingAverage', dickson, {
  line: 'dma',
  aliases: ['DMA', 'DicksonMA'],
  parameters: {
    period: 'bars',
    gainlimit: 'gainLimit',
    hperiod: 'hullBars',
    _hma: 'average',
  },
  values: { _hma: MOVAVS },
  ignored: { _movav: 'EMA' },
  fixed: FIXED,
});

/** backtrader's moving averages, and the envelope and oscillator of each. */
export const MOVING_AVERAGES = {
  AdaptiveMovingAverage: adaptive.average,
  AdaptiveMovingAverageEnvelope: adaptive.envelope,
  AdaptiveMovingAverageOscillator: adaptive.oscillator,
  Average: dialect(sma, {
    aliases: ['ArithmeticMean', 'Mean'],
    parameters: PERIOD,
    defaults: { period: 1 },
    lines: { av: 'sma' },
  }),
  DicksonMovingAverage: dicksons.average,
  DicksonMovingAverageEnvelope: dicksons.envelope,
  DicksonMovingAverageOscillator: dicksons.oscillator,
  DoubleExponentialMovingAverage: double.average,
  DoubleExponentialMovingAverageEnvelope: double.envelope,
  DoubleExponentialMovingAverageOscillator: double.oscillator,
  ExponentialMovingAverage: exponential.average,
  ExponentialMovingAverageEnvelope: exponential.envelope,
  ExponentialMovingAverageOscillator: exponential.oscillator,
  ExponentialSmoothing: dialect(exponentialSmoothing, {
    aliases: ['ExpSmoothing'],
    parameters: { period: 'bars', alpha: 'alpha' },
    defaults: { period: 1 },
    fixed: FIXED,
    lines: { av: 'average' },
  }),
  ExponentialSmoothingDynamic: dialect(dynamicSmoothing, {
    aliases: ['ExpSmoothingDynamic'],
    parameters: PERIOD,
    defaults: { period: 1 },
    lines: { av: 'average' },
  }),
  HullMovingAverage: hull.average,
  HullMovingAverageEnvelope: hull.envelope,
  HullMovingAverageOscillator: hull.oscillator,
  MovingAverageSimple: simple.average,
  MovingAverageSimpleEnvelope: simple.envelope,
  MovingAverageSimpleOscillator: simple.oscillator,
  SmoothedMovingAverage: smoothed.average,
  SmoothedMovingAverageEnvelope: smoothed.envelope,
  SmoothedMovingAverageOscillator: smoothed.oscillator,
  TripleExponentialMovingAverage: triple.average,
  TripleExponentialMovingAverageEnvelope: triple.envelope,
  TripleExponentialMovingAverageOscillator: triple.oscillator,
  WeightedAverage: dialect(weightedAverage, {
    aliases: ['AverageWeighted'],
    parameters: { period: 'bars', coef: 'coefficient', weights: 'weights' },
    defaults: { period: 1, coef: 1, weights: [] },
    lines: { av: 'average' },
  }),
  WeightedMovingAverage: weighted.average,
  WeightedMovingAverageEnvelope: weighted.envelope,
  WeightedMovingAverageOscillator: weighted.oscillator,
  ZeroLagExponentialMovingAverage: lagless.average,
  ZeroLagExponentialMovingAverageEnvelope: lagless.envelope,
  ZeroLagExponentialMovingAverageOscillator: lagless.oscillator,
  ZeroLagIndicator: dialect(zeroLag, {
    aliases: CORRECTING,
    ...CORRECTING_TERMS,
    lines: { ec: 'zeroLag' },
  }),
  ZeroLagIndicatorEnvelope: dialect(withoutEnvelope, {
    aliases: CORRECTING.map(alias => `${alias}Envelope`),
    ...CORRECTING_TERMS,
    parameters: { ...CORRECTING_TERMS.parameters, perc: 'percent' },
    lines: { ec: 'middle', top: 'upper', bot: 'lower' },
  }),
  // backtrader gives the average itself under the oscillator's names.
  ZeroLagIndicatorOscillator: dialect(zeroLag, {
    aliases: oscillatorNames('ZeroLagIndicator', CORRECTING),
    ...CORRECTING_TERMS,
    lines: { ec: 'zeroLag' },
  }),
} as const;
