/** `updates` whole, `update` bar by bar. */
import { ADX, ATR, BollingerBands, EMA, MACD, RSI, SMA, StochasticOscillator } from 'trading-signals';

const ofLines = (names, result) =>
  Object.fromEntries(
    Object.entries(names).map(([ours, theirs]) => [ours, result.map(value => value?.[theirs] ?? Number.NaN)]),
  );
const numbers = result => result.map(value => value ?? Number.NaN);

export function works({ bars, lists: { close } }) {
  return {
    sma: {
      batch: () => new SMA(30).updates(close),
      lines: result => ({ sma: numbers(result) }),
      stream: () => {
        const one = new SMA(30);
        let sum = 0;
        for (let i = 0; i < close.length; i++) sum += one.update(close[i], false) || 0;
        return sum;
      },
    },
    ema: {
      batch: () => new EMA(30).updates(close),
      lines: result => ({ ema: numbers(result) }),
      stream: () => {
        const one = new EMA(30);
        let sum = 0;
        for (let i = 0; i < close.length; i++) sum += one.update(close[i], false) || 0;
        return sum;
      },
    },
    rsi: {
      batch: () => new RSI(14).updates(close),
      lines: result => ({ rsi: numbers(result) }),
      stream: () => {
        const one = new RSI(14);
        let sum = 0;
        for (let i = 0; i < close.length; i++) sum += one.update(close[i], false) || 0;
        return sum;
      },
    },
    atr: {
      batch: () => new ATR(14).updates(bars),
      lines: result => ({ atr: numbers(result) }),
      stream: () => {
        const one = new ATR(14);
        let sum = 0;
        for (let i = 0; i < bars.length; i++) sum += one.update(bars[i], false) || 0;
        return sum;
      },
    },
    macd: {
      batch: () => new MACD(new EMA(12), new EMA(26), new EMA(9)).updates(close),
      lines: result => ofLines({ macd: 'macd', signal: 'signal', histogram: 'histogram' }, result),
      stream: () => {
        const one = new MACD(new EMA(12), new EMA(26), new EMA(9));
        let sum = 0;
        for (let i = 0; i < close.length; i++) {
          const value = one.update(close[i], false);
          if (value !== null) sum += value.macd + value.signal + value.histogram;
        }
        return sum;
      },
    },
    bollinger: {
      batch: () => new BollingerBands(20, 2).updates(close),
      lines: result => ofLines({ upper: 'upper', middle: 'middle', lower: 'lower' }, result),
      stream: () => {
        const one = new BollingerBands(20, 2);
        let sum = 0;
        for (let i = 0; i < close.length; i++) {
          const value = one.update(close[i], false);
          if (value !== null) sum += value.upper + value.middle + value.lower;
        }
        return sum;
      },
    },
    adx: {
      batch: () => new ADX(14).updates(bars),
      lines: result => ({ adx: numbers(result) }),
      stream: () => {
        const one = new ADX(14);
        let sum = 0;
        for (let i = 0; i < bars.length; i++) sum += one.update(bars[i], false) || 0;
        return sum;
      },
    },
    stochastic: {
      batch: () => new StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 3, dPeriod: 3 }).updates(bars),
      lines: result => ofLines({ k: 'stochK', d: 'stochD' }, result),
      stream: () => {
        const one = new StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 3, dPeriod: 3 });
        let sum = 0;
        for (let i = 0; i < bars.length; i++) {
          const value = one.update(bars[i], false);
          if (value !== null) sum += value.stochK + value.stochD;
        }
        return sum;
      },
    },
  };
}
