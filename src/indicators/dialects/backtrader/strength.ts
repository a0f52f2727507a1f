import { fall, rise } from '../../momentum/rise-and-fall.ts';
import { rsi } from '../../momentum/strength.ts';
import { dialect } from '../dialect.ts';
import { MOVAVS } from './movavs.ts';

/**
 * `safediv` changes nothing: where backtrader divides by zero without it, and ends, these give `safehigh` (nothing fell)
 * and `safelow` (nothing moved) as with it.
 */
const strength = {
  parameters: {
    period: 'bars',
    movav: 'average',
    safehigh: 'rising',
    safelow: 'still',
    lookback: 'distance',
  },
  values: { movav: MOVAVS },
  fixed: { convention: 'backtrader' },
  ignored: { upperband: 70, lowerband: 30, safediv: false },
  lines: { rsi: 'rsi' },
} as const;

const PERIOD = { period: 'bars' } as const;

/** backtrader's relative strength indices and what they are made of. */
export const STRENGTH = {
  DownDay: dialect(fall, { parameters: PERIOD, fixed: { counted: false }, lines: { downday: 'fall' } }),
  DownDayBool: dialect(fall, { parameters: PERIOD, fixed: { counted: true }, lines: { downday: 'fall' } }),
  RelativeMomentumIndex: dialect(rsi, {
    ...strength,
    aliases: ['RMI'],
    defaults: { period: 20, lookback: 5, safelow: 50 },
  }),
  RelativeStrengthIndex: dialect(rsi, {
    ...strength,
    aliases: ['RSI', 'RSI_SMMA', 'RSI_Wilder'],
    defaults: { safelow: 50 },
  }),
  RSI_EMA: dialect(rsi, { ...strength, defaults: { movav: 'ExponentialMovingAverage', safelow: 50 } }),
  RSI_SMA: dialect(rsi, {
    ...strength,
    aliases: ['RSI_Cutler'],
    defaults: { movav: 'MovingAverageSimple', safelow: 50 },
  }),
  RSI_Safe: dialect(rsi, {
    ...strength,
    defaults: { safelow: 50 },
    ignored: { ...strength.ignored, safediv: true },
  }),
  UpDay: dialect(rise, { parameters: PERIOD, fixed: { counted: false }, lines: { upday: 'rise' } }),
  UpDayBool: dialect(rise, { parameters: PERIOD, fixed: { counted: true }, lines: { upday: 'rise' } }),
} as const;
