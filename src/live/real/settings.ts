import { createHash } from 'node:crypto';
import type { Run } from '../../backtest/run.ts';
import type { CommissionRates, TradingSymbol } from '../../brokers/binance/port.ts';
import type { RiskLimits } from '../../brokers/binance/risk.ts';
import type { DataFeed } from '../../feeds/feed.ts';
import { InputError } from '../../model/errors.ts';
import { identityOf, type SessionSettings, settingsOf } from '../settings.ts';

/** What a session with real orders was begun with. */
export interface RealSettings extends SessionSettings {
  /** The account, as halts and locks name it: `binance/1f0c…`; no key, and nothing that a key could be found from. */
  readonly account: string;
  /** What the ids of the session's orders begin with; no two sessions have the same. */
  readonly sessionKey: string;
  /** Terms as they were at the beginning: what was decided by them must come out again. */
  readonly symbols: readonly TradingSymbol[];
  /** In the order of the symbols. */
  readonly commissions: readonly CommissionRates[];
  /** Risk limits as they were given; what was not has its default. */
  readonly limits: Partial<RiskLimits>;
}

/** The settings that every session has. What the exchange takes may change from day to day; a session goes on all the same. */
export function realSettingsOf(
  run: Run,
  feeds: readonly DataFeed[],
  names: { readonly strategyFile?: string | undefined; readonly exchange: string },
): SessionSettings {
  return { ...settingsOf(run, feeds, names), commission: '' };
}

/** True for the settings of a session with real orders. */
export function isReal(settings: SessionSettings): settings is RealSettings {
  return 'sessionKey' in settings;
}

/** Names an account without telling its key: `uid` is the exchange's number of it, or a hash of the key's id. */
export function accountName(exchange: string, uid: string): string {
  return `${exchange}/${createHash('sha256').update(`${exchange} ${uid}`).digest('hex').slice(0, 16)}`;
}

/** Equal for sessions of which the later one is the earlier one going on. */
export function realIdentity(settings: RealSettings): string {
  return JSON.stringify([settings.account, identityOf(settings)]);
}

/** Differences of the exchange's terms since the session began, in words; a session goes on with those it began with. */
export function termChanges(before: readonly TradingSymbol[], now: readonly TradingSymbol[]): string[] {
  return now
    .filter(one => {
      const old = before.find(({ symbol }) => symbol === one.symbol);
      return JSON.stringify({ ...old, status: '' }) !== JSON.stringify({ ...one, status: '' });
    })
    .map(({ symbol }) => symbol);
}

/** Throws `SESSION_CHANGED` when the limits are not those that the session began with: what they refused would not be again. */
export function checkLimits(id: number, before: Partial<RiskLimits>, now: Partial<RiskLimits>): void {
  const [was, is] = [JSON.stringify(before), JSON.stringify(now)];
  if (was === is) return;
  throw new InputError('SESSION_CHANGED', `session ${id} began with other risk limits: ${was} → ${is}`, {
    value: now,
    limit: before,
    fix: 'run it as it was, or begin a new session with --new',
  });
}
