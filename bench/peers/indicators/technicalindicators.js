/** Arrays of numbers whole, `nextValue` bar by bar; its Stochastic has no slowing, its MACD is told to use EMAs. */
import { createRequire } from 'node:module';

const {
  ADX,
  adx,
  ATR,
  atr,
  BollingerBands,
  bollingerbands,
  EMA,
  ema,
  MACD,
  macd,
  RSI,
  rsi,
  SMA,
  sma,
  Stochastic,
  stochastic,
} = createRequire(import.meta.url)('technicalindicators');

const DIFFERENCE = {
  fastPeriod: 12,
  slowPeriod: 26,
  signalPeriod: 9,
  SimpleMAOscillator: false,
  SimpleMASignal: false,
};
const EMPTY = { values: [], high: [], low: [], close: [] };

export function works({ bars, lists: { high, low, close } }) {
  return {
    sma: {
      batch: () => sma({ period: 30, values: close }),
      lines: result => ({ sma: result }),
      stream: () => {
        const one = new SMA({ period: 30, ...EMPTY });
        let sum = 0;
        for (let i = 0; i < close.length; i++) sum += one.nextValue(close[i]) || 0;
        return sum;
      },
    },
    ema: {
      batch: () => ema({ period: 30, values: close }),
      lines: result => ({ ema: result }),
      stream: () => {
        const one = new EMA({ period: 30, ...EMPTY });
        let sum = 0;
        for (let i = 0; i < close.length; i++) sum += one.nextValue(close[i]) || 0;
        return sum;
      },
    },
    rsi: {
      batch: () => rsi({ period: 14, values: close }),
      lines: result => ({ rsi: result }),
      stream: () => {
        const one = new RSI({ period: 14, ...EMPTY });
        let sum = 0;
        for (let i = 0; i < close.length; i++) sum += one.nextValue(close[i]) || 0;
        return sum;
      },
    },
    atr: {
      batch: () => atr({ period: 14, high, low, close }),
      lines: result => ({ atr: result }),
      stream: () => {
        const one = new ATR({ period: 14, ...EMPTY });
        let sum = 0;
        for (let i = 0; i < bars.length; i++) sum += one.nextValue(bars[i]) || 0;
        return sum;
      },
    },
    macd: {
      batch: () => macd({ ...DIFFERENCE, values: close }),
      lines: result => ({
        macd: result.map(value => value.MACD),
        signal: result.map(value => value.signal ?? Number.NaN),
        histogram: result.map(value => value.histogram ?? Number.NaN),
      }),
      stream: () => {
        const one = new MACD({ ...DIFFERENCE, ...EMPTY });
        let sum = 0;
        for (let i = 0; i < close.length; i++) {
          const value = one.nextValue(close[i]);
          if (value !== undefined) sum += value.MACD + value.signal + value.histogram || 0;
        }
        return sum;
      },
    },
    bollinger: {
      batch: () => bollingerbands({ period: 20, stdDev: 2, values: close }),
      lines: result => ({
        upper: result.map(value => value.upper),
        middle: result.map(value => value.middle),
        lower: result.map(value => value.lower),
      }),
      stream: () => {
        const one = new BollingerBands({ period: 20, stdDev: 2, ...EMPTY });
        let sum = 0;
        for (let i = 0; i < close.length; i++) {
          const value = one.nextValue(close[i]);
          if (value !== undefined) sum += value.upper + value.middle + value.lower || 0;
        }
        return sum;
      },
    },
    adx: {
      batch: () => adx({ period: 14, high, low, close }),
      lines: result => ({ adx: result.map(value => value.adx) }),
      stream: () => {
        const one = new ADX({ period: 14, ...EMPTY });
        let sum = 0;
        for (let i = 0; i < bars.length; i++) {
          const value = one.nextValue(bars[i]);
          if (value !== undefined) sum += value.adx;
        }
        return sum;
      },
    },
    stochastic: {
      batch: () => stochastic({ period: 14, signalPeriod: 3, high, low, close }),
      lines: result => ({
        k: result.map(value => value.k),
        d: result.map(value => value.d ?? Number.NaN),
      }),
      stream: () => {
        const one = new Stochastic({ period: 14, signalPeriod: 3, ...EMPTY });
        let sum = 0;
        for (let i = 0; i < bars.length; i++) {
          const value = one.nextValue(bars[i]);
          if (value !== undefined) sum += value.k + value.d || 0;
        }
        return sum;
      },
    },
  };
}
