import { basename } from 'node:path';
import { instrument } from '../../model/instrument.ts';

/** Words before a symbol that are none: exchanges, and the mark of generated bars. */
const PREFIXES = new Set([
  'binance',
  'bitfinex',
  'bitstamp',
  'bybit',
  'coinbase',
  'gemini',
  'kraken',
  'okx',
  'synthetic',
]);

/**
 * The symbol in a file's name: what stands before the interval or the date, in capitals, without an exchange's name.
 * `btcusdt-5m.csv.gz` → `BTCUSDT`, `Binance_ETH-EUR_1h.csv` → `ETH-EUR`; `DATA` when there is none.
 */
export function symbolOf(path: string): string {
  const stem = basename(path).replace(/(\.(csv|tsv|txt|gz|gzip|zip))+$/i, '');
  const words: string[] = [];
  for (const word of stem.split(/[-_ .]+/)) {
    if (words.length === 0 && PREFIXES.has(word.toLowerCase())) continue;
    if (!/[a-z]/i.test(word) || /^\d+[a-z]{1,3}$/i.test(word)) {
      if (words.length > 0) break;
      continue;
    }
    words.push(word.toUpperCase());
  }
  if (words.length === 0) return 'DATA';
  const [base, quote] = words;
  const isPair = quote !== undefined && instrument(`X${quote}`).base === 'X';
  return isPair ? `${base}-${quote}` : base;
}
