import type { Series } from '../feeds/live/contract.ts';
import { InputError } from '../model/errors.ts';
import { type Interval, parseInterval } from '../model/interval.ts';

/** One series a symbol, in their order, in capitals; throws `SYMBOL_INVALID`, `SYMBOL_TWICE` or `INTERVAL_INVALID`. */
export function seriesOf(symbols: readonly string[], interval: string): (Series & { interval: Interval })[] {
  const length = parseInterval(interval);
  if (symbols.length === 0) {
    throw new InputError('SYMBOL_INVALID', 'no symbol was given', {
      value: symbols,
      fix: 'name one, such as BTCUSDT',
    });
  }
  const names = symbols.map(symbol => {
    const name = symbol.trim().toUpperCase();
    if (/^[A-Z0-9]{2,30}$/.test(name)) return name;
    throw new InputError('SYMBOL_INVALID', `"${symbol}" is no symbol of the exchange`, {
      value: symbol,
      limit: 'letters and digits',
      fix: `write it as the exchange does, such as ${name.replace(/[^A-Z0-9]/g, '').slice(0, 30) || 'BTCUSDT'}`,
    });
  });
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new InputError('SYMBOL_TWICE', `${twice} was named twice`, {
      value: twice,
      fix: 'name each symbol once',
    });
  }
  return names.map(symbol => ({ symbol, interval: length }));
}
