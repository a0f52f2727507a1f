import { BINANCE } from './binance/binance.ts';
import { BITFINEX } from './bitfinex/bitfinex.ts';
import { BYBIT } from './bybit/bybit.ts';
import { BYBIT_2021 } from './bybit/bybit-2021.ts';
import { COINBASE } from './coinbase/coinbase.ts';
import type { Venue } from './contract.ts';
import { FTX } from './ftx/ftx.ts';
import { HTX } from './htx/htx.ts';
import { INDEPENDENT_RESERVE } from './independent-reserve/independent-reserve.ts';
import { KRAKEN } from './kraken/kraken.ts';
import { KRAKEN_V1 } from './kraken/kraken-v1.ts';
import { KUCOIN } from './kucoin/kucoin.ts';
import { OKX } from './okx/okx.ts';
import { PHEMEX } from './phemex/phemex.ts';

const ALL: readonly Venue[] = [
  [BINANCE, OKX, KRAKEN, KRAKEN_V1, BITFINEX, COINBASE, INDEPENDENT_RESERVE, FTX],
  [BYBIT, BYBIT_2021, HTX, KUCOIN, PHEMEX],
].flat(2);

/** Every venue, by the name that commands know it by. */
export const VENUES: ReadonlyMap<string, Venue> = new Map(ALL.map(venue => [venue.id, venue] as const));

/** Names that older captures have. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'kraken-v2': 'kraken',
  okex: 'okx',
  huobi: 'htx',
  binance: 'binance-spot',
};

/** A venue by its name or an older one; undefined where there is none. */
export function venueNamed(name: string): Venue | undefined {
  return VENUES.get(name) ?? VENUES.get(OTHER_NAMES[name] ?? '');
}
