import { momentum } from '../../momentum/rate-of-change.ts';
import { aroon } from '../../trend/aroon.ts';
import { adx, adxr, directionalIndicator, directionalSystem, dmi } from '../../trend/directional.ts';
import { fractal } from '../../trend/fractal.ts';
import { heikinAshi } from '../../trend/heikin-ashi.ts';
import { ichimoku } from '../../trend/ichimoku.ts';
import { demarkPivotPoints, fibonacciPivotPoints, pivotPoints } from '../../trend/pivot-points.ts';
import { vortex } from '../../trend/vortex.ts';
import { dialect } from '../dialect.ts';
import { MOVAVS } from './movavs.ts';

const DIRECTIONAL = {
  parameters: { period: 'bars', movav: 'average' },
  values: { movav: MOVAVS },
  fixed: { convention: 'backtrader' },
} as const;

const AROON = { parameters: { period: 'bars' }, ignored: { upperband: 70, lowerband: 30 } } as const;

/** backtrader's trend indicators. */
export const TREND = {
  AroonDown: dialect(aroon, { ...AROON, lines: { aroondown: 'down' } }),
  AroonOscillator: dialect(aroon, { ...AROON, aliases: ['AroonOsc'], lines: { aroonosc: 'oscillator' } }),
  AroonUp: dialect(aroon, { ...AROON, lines: { aroonup: 'up' } }),
  AroonUpDown: dialect(aroon, {
    ...AROON,
    aliases: ['AroonIndicator'],
    lines: { aroonup: 'up', aroondown: 'down' },
  }),
  AroonUpDownOscillator: dialect(aroon, {
    ...AROON,
    aliases: ['AroonUpDownOsc'],
    lines: { aroonup: 'up', aroondown: 'down', aroonosc: 'oscillator' },
  }),
  AverageDirectionalMovementIndex: dialect(adx, { ...DIRECTIONAL, aliases: ['ADX'], lines: { adx: 'adx' } }),
  AverageDirectionalMovementIndexRating: dialect(adxr, {
    ...DIRECTIONAL,
    aliases: ['ADXR'],
    lines: { adx: 'adx', adxr: 'adxr' },
  }),
  DemarkPivotPoint: dialect(demarkPivotPoints, {
    parameters: {},
    fixed: { convention: 'backtrader' },
    ignored: { open: false, close: false, _autoplot: true, level1: 0.382, level2: 0.618, level3: 1 },
    lines: { p: 'pivot', s1: 's1', r1: 'r1' },
  }),
  DirectionalIndicator: dialect(directionalIndicator, {
    ...DIRECTIONAL,
    aliases: ['DI'],
    lines: { plusDI: 'plus', minusDI: 'minus' },
  }),
  DirectionalMovement: dialect(directionalSystem, {
    ...DIRECTIONAL,
    aliases: ['DM'],
    lines: { adx: 'adx', adxr: 'adxr', plusDI: 'plus', minusDI: 'minus' },
  }),
  DirectionalMovementIndex: dialect(dmi, {
    ...DIRECTIONAL,
    aliases: ['DMI'],
    lines: { adx: 'adx', plusDI: 'plus', minusDI: 'minus' },
  }),
  DownMove: dialect(momentum, {
    parameters: {},
    fixed: { bars: 1, direction: 'down' },
    lines: { downmove: 'momentum' },
  }),
  FibonacciPivotPoint: dialect(fibonacciPivotPoints, {
    parameters: {
      open: 'withOpen',
      close: 'closeTwice',
      level1: 'level1',
      level2: 'level2',
      level3: 'level3',
    },
    ignored: { _autoplot: true },
    lines: { p: 'pivot', s1: 's1', s2: 's2', s3: 's3', r1: 'r1', r2: 'r2', r3: 'r3' },
  }),
  Fractal: dialect(fractal, {
    parameters: { period: 'bars', bardist: 'distance', shift_to_potential_fractal: 'centre' },
    lines: { fractal_bearish: 'bearish', fractal_bullish: 'bullish' },
  }),
  HeikinAshi: dialect(heikinAshi, {
    parameters: {},
    fixed: { convention: 'backtrader' },
    lines: { ha_open: 'open', ha_high: 'high', ha_low: 'low', ha_close: 'close' },
  }),
  Ichimoku: dialect(ichimoku, {
    parameters: {
      tenkan: 'tenkan',
      kijun: 'kijun',
      senkou: 'senkou',
      senkou_lead: 'lead',
      chikou: 'chikou',
    },
    lines: {
      tenkan_sen: 'tenkan',
      kijun_sen: 'kijun',
      senkou_span_a: 'spanA',
      senkou_span_b: 'spanB',
      chikou_span: 'chikou',
    },
  }),
  MinusDirectionalIndicator: dialect(directionalIndicator, {
    ...DIRECTIONAL,
    aliases: ['MinusDI'],
    lines: { minusDI: 'minus' },
  }),
  PivotPoint: dialect(pivotPoints, {
    parameters: { open: 'withOpen', close: 'closeTwice' },
    ignored: { _autoplot: true },
    lines: { p: 'pivot', s1: 's1', s2: 's2', r1: 'r1', r2: 'r2' },
  }),
  PlusDirectionalIndicator: dialect(directionalIndicator, {
    ...DIRECTIONAL,
    aliases: ['PlusDI'],
    lines: { plusDI: 'plus' },
  }),
  UpMove: dialect(momentum, {
    parameters: {},
    fixed: { bars: 1, direction: 'up' },
    lines: { upmove: 'momentum' },
  }),
  Vortex: dialect(vortex, { parameters: { period: 'bars' }, lines: { vi_plus: 'plus', vi_minus: 'minus' } }),
} as const;
