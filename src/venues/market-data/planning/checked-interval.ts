import { InputError, suggest } from '../../../model/errors.ts';

/** What a venue calls the klines of an interval. Throws InputError `INTERVAL_UNSUPPORTED` where it has none. */
export function checkedInterval<Name>(
  venue: string,
  known: ReadonlyMap<string, Name>,
  interval = '1m',
): Name {
  const name = known.get(interval);
  if (name !== undefined) return name;
  const near = suggest(interval, known.keys());
  throw new InputError('INTERVAL_UNSUPPORTED', `${venue} has no klines of ${interval}`, {
    value: interval,
    limit: [...known.keys()],
    fix: near === undefined ? `it has ${[...known.keys()].join(', ')}` : `"${near}" is one`,
  });
}
