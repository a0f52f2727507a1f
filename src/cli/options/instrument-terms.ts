import { resolve } from 'node:path';
import { DataError, InputError, suggest } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import { exchangeInfoInstruments } from '../../venues/binance/exchange-info.ts';
import type { LoadedConfig } from '../config/config.ts';
import type { InstrumentTerms } from '../config/define-config.ts';
import { shown } from '../files/shown.ts';
import { readExchangeInfo } from './exchange-info-file.ts';

/**
 * The rules of a symbol, from the file of `--exchange-info` or the config's `exchangeInfo`, and from its `instruments`,
 * which win. A symbol that stands in neither, where a file was given, throws `SYMBOL_UNKNOWN`.
 */
export async function instrumentTerms(
  flag: string | undefined,
  { config, folder }: LoadedConfig,
): Promise<(symbol: string) => InstrumentTerms> {
  const own = new Map(Object.entries(config.instruments ?? {}).map(([name, terms]) => [key(name), terms]));
  const name = flag ?? config.exchangeInfo;
  if (name === undefined) return symbol => own.get(key(symbol)) ?? {};
  const file = resolve(flag === undefined ? folder : process.cwd(), name);
  const listed = await readInstruments(file);
  return symbol => {
    const found = listed.get(symbol) ?? listed.get(key(symbol));
    const terms = own.get(key(symbol));
    if (found === undefined && terms === undefined) {
      // There are too many symbols to list them all.
      const near = suggest(key(symbol), listed.keys());
      const guess = near === undefined ? 'name the symbol as the exchange does.' : `did you mean "${near}"?`;
      throw new InputError('SYMBOL_UNKNOWN', `${shown(file)} has no symbol "${symbol}"`, {
        value: symbol,
        fix: `${guess} Or give its terms in "instruments" of the config`,
      });
    }
    const { symbol: _, market: __, ...rules } = found ?? { symbol, market: 'spot' };
    return { ...rules, ...terms };
  };
}

/** `BTC-USDT`, `btc/usdt` and `BTCUSDT` are one symbol. */
function key(symbol: string): string {
  return symbol.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
}

async function readInstruments(file: string): Promise<Map<string, Instrument>> {
  const symbols = await readExchangeInfo(file);
  try {
    return exchangeInfoInstruments({ symbols: [...symbols.values()] });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(error.code, error.message, { file: shown(file), value: error.value, cause: error });
  }
}
