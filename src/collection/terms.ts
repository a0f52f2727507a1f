import { InputError } from '../model/errors.ts';
import { intervalMs, isFixed, parseInterval } from '../model/interval.ts';
import { CHANNELS, type Channel } from '../model/records.ts';

/** Channels by their names. Throws InputError `CHANNEL_UNKNOWN`. */
export function channelsNamed(names: readonly string[]): readonly Channel[] {
  return names.map(name => {
    const channel = CHANNELS.find(one => one === name);
    if (channel !== undefined) return channel;
    throw new InputError('CHANNEL_UNKNOWN', `there is no channel "${name}"`, {
      value: name,
      fix: `use ${CHANNELS.join(', ')}`,
    });
  });
}

/** The longest window of metrics, ms. */
const LONGEST_MS = intervalMs('1d');

/** A window of metrics, `1s`, `5m`, as µs; `name` is the option's. Throws InputError `INTERVAL_INVALID`, `OPTION_INVALID`. */
export function metricsWindow(name: string, text: string): number {
  const interval = parseInterval(text);
  if (isFixed(interval) && intervalMs(interval) <= LONGEST_MS) return intervalMs(interval) * 1000;
  throw new InputError('OPTION_INVALID', `${name} needs windows that are all as long`, {
    value: text,
    limit: '1d',
    fix: 'use seconds, minutes or hours: 1s, 5m',
  });
}
