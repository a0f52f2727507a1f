import { InputError } from '../../model/errors.ts';
import type { Venue } from '../../venues/market-data/contract.ts';

/** `okx=wss://…,kraken=wss://…`, or an address alone. */
function addressesIn(text: string): ReadonlyMap<string, string> | string {
  const named = text.split(',').map(part => /^\s*([a-z0-9-]+)=(\w+:\/\/.+?)\s*$/.exec(part));
  if (named.some(part => part === null)) return text;
  return new Map(named.map(part => [part![1], part![2]] as const));
}

/** The address that `--stream` or `--rest` has for a venue; undefined where it has none. */
export function addressFor(text: string | undefined, venue: string): string | undefined {
  if (text === undefined) return undefined;
  const addresses = addressesIn(text);
  return typeof addresses === 'string' ? addresses : addresses.get(venue);
}

/** Throws InputError `OPTION_INVALID` where an address does not say whose of several venues it is, or names another one. */
export function checkAddresses(
  option: '--stream' | '--rest',
  text: string | undefined,
  venues: readonly Venue[],
): void {
  if (text === undefined) return;
  const addresses = addressesIn(text);
  if (typeof addresses === 'string') {
    if (venues.length === 1) return;
    throw new InputError('OPTION_INVALID', `${option} does not say which venue it is for`, {
      value: text,
      fix: `name each: ${option} ${venues.map(({ id }) => `${id}=ADDRESS`).join(',')}`,
    });
  }
  for (const name of addresses.keys()) {
    if (venues.some(({ id }) => id === name)) continue;
    throw new InputError('OPTION_INVALID', `${option} has an address for ${name}, which is not collected`, {
      value: text,
      fix: `collected are ${venues.map(({ id }) => id).join(', ')}`,
    });
  }
}
