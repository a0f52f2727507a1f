import { stat } from 'node:fs/promises';
import { InputError } from '../../model/errors.ts';
import { intervalMs, isFixed, parseInterval } from '../../model/interval.ts';
import { CHANNELS, type Channel } from '../../model/records.ts';
import { requireFile } from '../input-file.ts';

/** `trades,book`. Throws InputError `CHANNEL_UNKNOWN`. */
export function parseChannels(text: string): readonly Channel[] {
  return text.split(',').map(name => {
    const channel = CHANNELS.find(one => one === name.trim());
    if (channel !== undefined) return channel;
    throw new InputError('CHANNEL_UNKNOWN', `there is no channel "${name.trim()}"`, {
      value: name,
      fix: `use ${CHANNELS.join(', ')}`,
    });
  });
}

/** The longest window of metrics, ms. */
const LONGEST_MS = intervalMs('1d');

/** `1s`, `5m` as µs. Throws InputError `INTERVAL_INVALID`, `OPTION_INVALID`. */
export function parseMetrics(text: string): number {
  const interval = parseInterval(text);
  if (isFixed(interval) && intervalMs(interval) <= LONGEST_MS) return intervalMs(interval) * 1000;
  throw new InputError('OPTION_INVALID', '--metrics needs windows that are all as long', {
    value: text,
    limit: '1d',
    fix: 'use seconds, minutes or hours: 1s, 5m',
  });
}

/** Throws CliError where there is no such capture; a pipe is one. */
export async function requireCapture(path: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || info.isDirectory()) await requireFile(path, 'capture');
}
