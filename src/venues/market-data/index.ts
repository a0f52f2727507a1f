import { BINANCE } from './binance.ts';
import type { Venue } from './contract.ts';
import { HTX } from './htx-plan.ts';
import { KUCOIN } from './kucoin-plan.ts';
import { PHEMEX } from './phemex.ts';

/** Every venue, by the name that commands know it by. */
export const VENUES: ReadonlyMap<string, Venue> = new Map(
  [...BINANCE, ...HTX, ...KUCOIN, PHEMEX].map(venue => [venue.id, venue] as const),
);

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
