import { stat } from 'node:fs/promises';
import { channelsNamed, metricsWindow } from '../../collection/terms.ts';
import type { Channel } from '../../model/records.ts';
import { requireFile } from '../files/input-file.ts';

/** `trades,book`. Throws InputError `CHANNEL_UNKNOWN`. */
export function parseChannels(text: string): readonly Channel[] {
  return channelsNamed(text.split(',').map(name => name.trim()));
}

/** `1s`, `5m` as µs. Throws InputError `INTERVAL_INVALID`, `OPTION_INVALID`. */
export function parseMetrics(text: string): number {
  return metricsWindow('--metrics', text);
}

/** Throws CliError where there is no such capture; a pipe is one. */
export async function requireCapture(path: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || info.isDirectory()) await requireFile(path, 'capture');
}
