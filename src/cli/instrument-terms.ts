import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { DataError, InputError, QtError, suggest } from '../model/errors.ts';
import type { Instrument } from '../model/instrument.ts';
import { exchangeInfoInstruments } from '../venues/binance/exchange-info.ts';
import { shown } from './bundle.ts';
import type { LoadedConfig } from './config.ts';
import type { InstrumentTerms } from './define-config.ts';
import { requireFile } from './input-file.ts';

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
  const file = await requireFile(name, 'exchange info', flag === undefined ? folder : process.cwd());
  const listed = await readExchangeInfo(file);
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

async function readExchangeInfo(file: string): Promise<Map<string, Instrument>> {
  const bytes = await readFile(file);
  try {
    const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return exchangeInfoInstruments(JSON.parse((zipped ? gunzipSync(bytes) : bytes).toString('utf8')));
  } catch (error) {
    const code = error instanceof QtError ? error.code : 'EXCHANGE_INFO_INVALID';
    const { message } = error as Error;
    throw new DataError(code, message, {
      file: shown(file),
      cause: error,
      ...(error instanceof QtError ? {} : { fix: "give the answer of Binance's GET /api/v3/exchangeInfo" }),
    });
  }
}
