/** Its synchronous functions over arrays of numbers; it has nothing that is told bar by bar. */
import { createRequire } from 'node:module';

const { IndicatorsSync } = createRequire(import.meta.url)('@ixjb94/indicators');

export function works({ lists: { high, low, close } }) {
  const all = new IndicatorsSync();
  return {
    sma: { batch: () => all.sma(close, 30), lines: sma => ({ sma }) },
    ema: { batch: () => all.ema(close, 30), lines: ema => ({ ema }) },
    rsi: { batch: () => all.rsi(close, 14), lines: rsi => ({ rsi }) },
    atr: { batch: () => all.atr(high, low, close, 14), lines: atr => ({ atr }) },
    macd: {
      batch: () => all.macd(close, 12, 26, 9),
      lines: ([macd, signal, histogram]) => ({ macd, signal, histogram }),
    },
    bollinger: {
      batch: () => all.bbands(close, 20, 2),
      lines: ([lower, middle, upper]) => ({ lower, middle, upper }),
    },
    adx: { batch: () => all.adx(high, low, 14), lines: adx => ({ adx }) },
    stochastic: { batch: () => all.stoch(high, low, close, 14, 3, 3), lines: ([k, d]) => ({ k, d }) },
  };
}
