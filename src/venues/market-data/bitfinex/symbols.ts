import { type Instrument, splitPair } from '../instruments.ts';

/** Klines by the names that the venue has for them. */
export const INTERVALS: ReadonlyMap<string, string> = new Map([
  ...['1m', '5m', '15m', '30m', '1h', '3h', '6h', '12h'].map(name => [name, name] as const),
  ...([
    ['1d', '1D'],
    ['1w', '1W'],
    ['2w', '14D'],
    ['1M', '1M'],
  ] as const),
]);

const OWN_NAMES: ReadonlyMap<string, string> = new Map([
  ...[...INTERVALS].map(([name, own]) => [own, name] as const),
  ['7D', '1w'],
]);

/** `1D` → `1d`; an unknown name stays. */
export function intervalNamed(own: string): string {
  return OWN_NAMES.get(own) ?? own;
}

/** What the venue calls otherwise than others do, of the assets that are traded most. Its own list has all of them. */
const NAMES: Readonly<Record<string, string>> = {
  ...{ UST: 'USDT', UDC: 'USDC', TSD: 'TUSD', EUT: 'EURT', EUS: 'EURS' },
  ...{ DSH: 'DASH', IOT: 'IOTA', QTM: 'QTUM', DAT: 'DATA', SNG: 'SNGLS', MNA: 'MANA', ATO: 'ATOM' },
  ...{ ALG: 'ALGO', AMP: 'AMPL', WBT: 'WBTC', STJ: 'STORJ', VSY: 'VSYS', QSH: 'QASH', RBT: 'RBTC' },
};
const BACK = new Map(Object.entries(NAMES).map(([own, name]) => [name, own]));

/**
 * `tBTCUSD`, `btcusd`, `BTC-USD`, `BTC/USD` → BTC-USD; `tDOGE:USD` → DOGE-USD; `tBTCUST`, `BTC-USDT` → BTC-USDT;
 * `tBTCF0:USTF0`, `BTC-USDT-PERP` → BTC-USDT-PERP. `names` are assets that the venue's list calls otherwise.
 */
export function bitfinexInstrument(
  native: string,
  names: Readonly<Record<string, string>> = NAMES,
): Instrument {
  const named = (asset: string) => names[asset] ?? NAMES[asset] ?? asset;
  const bare = /^t[A-Z0-9]/.test(native) ? native.slice(1) : native.toUpperCase();
  const isPerpetual = /-PERP$|F0$/.test(bare);
  const [first, second] = bare.replace(/-PERP$/, '').split(/[:\-/_]/);
  const pair = second === undefined ? splitJoined(first) : { base: first, quote: second };
  if (pair === undefined) return { native: `t${bare}`, symbol: bare };
  const [base, quote] = [pair.base, pair.quote].map(asset => asset.replace(/F0$/, ''));
  const symbol = `${named(base)}-${named(quote)}${isPerpetual ? '-PERP' : ''}`;
  // In the venue's own spelling it is already.
  if (/^t[A-Z0-9]/.test(native)) return { native, symbol };
  const [ownBase, ownQuote] = [base, quote].map(asset => BACK.get(asset) ?? asset);
  if (isPerpetual) return { native: `t${ownBase}F0:${ownQuote}F0`, symbol };
  return { native: `t${ownBase}${ownBase.length > 3 || ownQuote.length > 3 ? ':' : ''}${ownQuote}`, symbol };
}

/** Names of three letters are written together. */
function splitJoined(text: string): { readonly base: string; readonly quote: string } | undefined {
  if (text.length === 6) return { base: text.slice(0, 3), quote: text.slice(3) };
  return splitPair(text);
}
