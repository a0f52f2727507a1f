import { aroon } from '../../trend/aroon.ts';
import { adx, adxr, directionalIndicator, directionalMovement, dx } from '../../trend/directional.ts';
import { dialect } from '../dialect.ts';

const PERIOD = { timeperiod: 'bars' } as const;

/** TA-Lib's trend functions. */
export const TREND = {
  ADX: dialect(adx, { parameters: PERIOD, lines: { real: 'adx' } }),
  ADXR: dialect(adxr, { parameters: PERIOD, lines: { real: 'adxr' } }),
  AROON: dialect(aroon, { parameters: PERIOD, lines: { aroondown: 'down', aroonup: 'up' } }),
  AROONOSC: dialect(aroon, { parameters: PERIOD, lines: { real: 'oscillator' } }),
  DX: dialect(dx, { parameters: PERIOD, lines: { real: 'dx' } }),
  MINUS_DI: dialect(directionalIndicator, { parameters: PERIOD, lines: { real: 'minus' } }),
  MINUS_DM: dialect(directionalMovement, { parameters: PERIOD, lines: { real: 'minus' } }),
  PLUS_DI: dialect(directionalIndicator, { parameters: PERIOD, lines: { real: 'plus' } }),
  PLUS_DM: dialect(directionalMovement, { parameters: PERIOD, lines: { real: 'plus' } }),
} as const;
