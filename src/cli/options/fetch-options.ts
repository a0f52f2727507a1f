import type { Command } from 'commander';
import { InputError } from '../../model/errors.ts';
import type { Market } from '../../model/instrument.ts';
import { type HistoryMarket, historyMarket } from '../../venues/binance/history.ts';
import type { LoadedConfig } from '../config/config.ts';

/** Where a download comes from. */
export interface FetchFlags {
  readonly archiveUrl?: string;
  readonly restUrl?: string;
}

export function addFetchOptions(command: Command): Command {
  return command
    .option('--archive-url <url>', "where archives are (default: QT_ARCHIVE_URL, config, Binance's own)")
    .option('--rest-url <url>', "where REST is (default: QT_REST_URL, config, Binance's own)");
}

/** The market at the addresses of the flags, else of the environment, else of the config, else at Binance's own. */
export function historyMarketOf(
  market: Market,
  flags: FetchFlags,
  { config }: LoadedConfig,
  env: NodeJS.ProcessEnv = process.env,
): HistoryMarket {
  const { archiveUrl, restUrl } = config.fetch ?? {};
  return historyMarket(market, {
    archiveUrl: firstUrl([
      ['--archive-url', flags.archiveUrl],
      ['QT_ARCHIVE_URL', env.QT_ARCHIVE_URL],
      ['fetch.archiveUrl', archiveUrl],
    ]),
    restUrl: firstUrl([
      ['--rest-url', flags.restUrl],
      ['QT_REST_URL', env.QT_REST_URL],
      ['fetch.restUrl', restUrl],
    ]),
  });
}

function firstUrl(given: readonly (readonly [name: string, text: string | undefined])[]): string | undefined {
  const [name, text] = given.find(([, one]) => one !== undefined && one !== '') ?? [];
  if (name === undefined || text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.username === '') {
    return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
  }
  throw new InputError('OPTION_INVALID', `${name} was "${text}"`, {
    value: text,
    fix: 'give an http or https URL without query, such as http://127.0.0.1:8080',
  });
}
