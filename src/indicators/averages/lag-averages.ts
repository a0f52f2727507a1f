import { choice, int } from '../../model/parameters.ts';
import { CONVENTIONS, indicator, MOST_BARS } from '../definition.ts';
import { average, demaOf, dicksonOf, hmaOf, temaOf, zeroLagOf, zlemaOf } from './average-of.ts';

const BARS = int(30, { min: 1, max: MOST_BARS });
const GAIN_LIMIT = int(50, { min: 0, max: 10_000, help: 'in tenths' });
const ROUNDING = 'The conventions differ in rounding only';

/** Double exponential moving average, in the units of its input. */
export const dema = indicator({
  name: 'dema',
  title: 'Double exponential moving average',
  group: 'moving averages',
  formula: `2 · e − EMA(e), e = EMA(\`bars\`); \`average\` puts another average for both EMAs. ${ROUNDING}`,
  source:
    'Mulloy, Smoothing Data with Faster Moving Averages, 1994; TA-Lib DEMA, backtrader DoubleExponentialMovingAverage',
  inputs: 'line',
  parameters: { bars: BARS, average: average('ema'), convention: choice(CONVENTIONS) },
  lines: ['dema'],
  build: (p, input) => ({ dema: demaOf(p.average, input, p.bars, p.convention) }),
});

/** Triple exponential moving average, in the units of its input. */
export const tema = indicator({
  name: 'tema',
  title: 'Triple exponential moving average',
  group: 'moving averages',
  formula: `3 · e₁ − 3 · e₂ + e₃, e₁ = EMA(\`bars\`), e₂ = EMA(e₁), e₃ = EMA(e₂); \`average\` puts another average for all EMAs. ${ROUNDING}`,
  source:
    'Mulloy, Smoothing Data with Faster Moving Averages, 1994; TA-Lib TEMA, backtrader TripleExponentialMovingAverage',
  inputs: 'line',
  parameters: { bars: BARS, average: average('ema'), convention: choice(CONVENTIONS) },
  lines: ['tema'],
  build: (p, input) => ({ tema: temaOf(p.average, input, p.bars, p.convention) }),
});

/** Hull's moving average, in the units of its input. */
export const hma = indicator({
  name: 'hma',
  title: 'Hull moving average',
  group: 'moving averages',
  formula:
    'WMA(2 · WMA(⌊`bars` ÷ 2⌋) − WMA(`bars`)) over ⌊√`bars`⌋ bars; `average` puts another average for all WMAs',
  source: 'Hull, 2005; backtrader HullMovingAverage',
  inputs: 'line',
  parameters: { bars: BARS, average: average('wma'), convention: choice(CONVENTIONS) },
  lines: ['hma'],
  build: (p, input) => ({ hma: hmaOf(p.average, input, p.bars, p.convention) }),
});

/** Zero-lag exponential moving average, in the units of its input. */
export const zlema = indicator({
  name: 'zlema',
  title: 'Zero-lag exponential moving average',
  group: 'moving averages',
  formula: `EMA(\`bars\`) of 2 · value − value ⌊(\`bars\` − 1) ÷ 2⌋ bars ago; \`average\` puts another average for the EMA. ${ROUNDING}`,
  source: 'Ehlers and Way; backtrader ZeroLagExponentialMovingAverage',
  inputs: 'line',
  parameters: { bars: BARS, average: average('ema'), convention: choice(CONVENTIONS) },
  lines: ['zlema'],
  build: (p, input) => ({ zlema: zlemaOf(p.average, input, p.bars, p.convention) }),
});

/** Ehlers' error-correcting moving average, in the units of its input. */
export const zeroLag = indicator({
  name: 'zeroLag',
  label: 'ZeroLag',
  title: 'Zero-lag (error-correcting) moving average',
  group: 'moving averages',
  formula:
    'α · (EMA(`bars`) + g · (value − before)) + (1 − α) · before, α = 2 ÷ (`bars` + 1), with the g among −`gainLimit` … `gainLimit` tenths that brings it nearest to the value, the lowest of equally near ones; begins with the EMA',
  source: 'Ehlers and Way, Zero Lag (Well, Almost), 2010; backtrader ZeroLagIndicator',
  inputs: 'line',
  parameters: {
    bars: BARS,
    gainLimit: GAIN_LIMIT,
    convention: choice(CONVENTIONS),
  },
  lines: ['zeroLag'],
  build: (p, input) => ({ zeroLag: zeroLagOf(input, p.bars, p.gainLimit, p.convention) }),
});

/** Dickson's moving average, in the units of its input. */
export const dickson = indicator({
  name: 'dickson',
  label: 'Dickson',
  title: 'Dickson moving average',
  group: 'moving averages',
  formula:
    'the mean of zeroLag(`bars`, `gainLimit`) and HMA(`hullBars`); `average` puts another average for the HMA',
  source: 'Dickson; backtrader DicksonMovingAverage',
  inputs: 'line',
  parameters: {
    bars: BARS,
    gainLimit: GAIN_LIMIT,
    hullBars: int(7, { min: 1, max: MOST_BARS }),
    average: average('hma'),
    convention: choice(CONVENTIONS),
  },
  lines: ['dickson'],
  build: (p, input) => ({
    dickson: dicksonOf(p.average, input, p.bars, p.hullBars, p.gainLimit, p.convention),
  }),
});

/** This family, for the registry. */
export const LAG_AVERAGES = [dema, tema, hma, zlema, zeroLag, dickson] as const;
