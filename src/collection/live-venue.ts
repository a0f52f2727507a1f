import { InputError, suggest } from '../model/errors.ts';
import type { Venue } from '../venues/market-data/contract.ts';
import { VENUES, venueNamed } from '../venues/market-data/index.ts';

/** A venue that can still be asked. Throws InputError `VENUE_UNKNOWN`, `VENUE_CLOSED`. */
export function liveVenue(name: string): Venue {
  const venue = venueNamed(name);
  if (venue === undefined) {
    const near = suggest(name, VENUES.keys());
    throw new InputError('VENUE_UNKNOWN', `there is no venue "${name}"`, {
      value: name,
      fix: near === undefined ? `use ${[...VENUES.keys()].join(', ')}` : `"${near}" is one`,
    });
  }
  if (venue.closed === undefined) return venue;
  throw new InputError('VENUE_CLOSED', venue.closed, {
    value: name,
    fix: 'captures of it can still be read: qt capture replay FILE',
  });
}
