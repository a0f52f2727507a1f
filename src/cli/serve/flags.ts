import { InputError, suggestion } from '../../model/errors.ts';
import type { Channel } from '../../model/records.ts';
import { SERVER_LIMITS, type ServerLimits } from '../../streaming/server/limits.ts';
import { parseChannels } from '../capture/options.ts';
import type { SettingsFlags } from '../config/settings.ts';
import { parseCount } from '../options/options.ts';

export interface ServeFlags extends SettingsFlags {
  readonly host?: string;
  readonly port?: string;
  readonly venue?: string;
  readonly symbols?: string;
  readonly channels?: ServedChannels;
  readonly interval?: string;
  /** µs. */
  readonly metrics?: number;
  readonly from?: readonly string[];
  readonly speed?: string;
  readonly untilEnd?: boolean;
  readonly tokenFile?: string;
  readonly public?: boolean;
  readonly origins?: string;
  readonly compress?: boolean;
  readonly limit?: readonly string[];
  readonly stream?: string;
  readonly rest?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface ServedChannels {
  readonly channels: readonly Channel[];
  readonly raw: boolean;
}

/** `trades,raw`. Throws InputError `CHANNEL_UNKNOWN`. */
export function parseServed(text: string): ServedChannels {
  const names = text.split(',').map(name => name.trim());
  const channels = names.filter(name => name !== 'raw');
  return {
    channels: channels.length === 0 ? [] : parseChannels(channels.join(',')),
    raw: names.includes('raw'),
  };
}

/** `clients=1000`. Throws InputError `LIMIT_UNKNOWN`, `OPTION_INVALID`. */
export function parseLimits(texts: readonly string[]): Partial<ServerLimits> {
  const names = Object.keys(SERVER_LIMITS);
  return Object.fromEntries(
    texts.map(text => {
      const [name, value = ''] = text.split('=').map(part => part.trim());
      if (!names.includes(name)) {
        throw new InputError('LIMIT_UNKNOWN', `there is no limit "${name}"`, {
          value: name,
          fix: suggestion(name, names),
        });
      }
      return [name, parseCount(`--limit ${name}`, value, 1)];
    }),
  );
}
