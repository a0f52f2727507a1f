import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { SymbolInfo } from '../../exchange/exchange-info.ts';
import { DataError } from '../../model/errors.ts';
import { requireFile } from '../files/input-file.ts';
import { shown } from '../files/shown.ts';

/** Binance's own takes some 15 MB. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The symbols of a Binance exchangeInfo document, plain or gzipped, by name. */
export async function readExchangeInfo(file: string): Promise<ReadonlyMap<string, SymbolInfo>> {
  const path = await requireFile(file, 'exchangeInfo file');
  let given: unknown;
  try {
    const bytes = await readFile(path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    given = JSON.parse(String(isGzip ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes));
  } catch (cause) {
    throw invalid(path, cause);
  }
  const { symbols } = (given ?? {}) as { symbols?: unknown };
  if (!Array.isArray(symbols)) throw invalid(path);
  const isSymbol = (entry: unknown): entry is SymbolInfo =>
    typeof (entry as SymbolInfo | null)?.symbol === 'string' && Array.isArray((entry as SymbolInfo).filters);
  if (!symbols.every(isSymbol)) throw invalid(path);
  return new Map(symbols.map(entry => [entry.symbol, entry]));
}

function invalid(path: string, cause?: unknown): DataError {
  return new DataError('EXCHANGE_INFO_INVALID', 'this is no exchangeInfo of Binance', {
    file: shown(path),
    limit: '{"symbols":[{"symbol":"BTCUSDT","filters":[…]}]}',
    fix: 'give what GET /api/v3/exchangeInfo answers, plain or gzipped',
    cause,
  });
}
