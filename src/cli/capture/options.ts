import { channelsNamed, metricsWindow } from '../../collection/terms.ts';
import type { Channel } from '../../model/records.ts';

/** `trades,book`. Throws InputError `CHANNEL_UNKNOWN`. */
export function parseChannels(text: string): readonly Channel[] {
  return channelsNamed(text.split(',').map(name => name.trim()));
}

/** `1s`, `5m` as µs. Throws InputError `INTERVAL_INVALID`, `OPTION_INVALID`. */
export function parseMetrics(text: string): number {
  return metricsWindow('--metrics', text);
}
