import { type Command, Option } from 'commander';
import type { TermsOptions } from '../../backtest/terms.ts';
import { type BacktraderProfile, backtraderProfile } from '../../brokers/simulated/backtrader/profile.ts';
import { percentBarSlippage } from '../../brokers/simulated/slippage.ts';
import { InputError } from '../../model/errors.ts';
import type { Config } from './define-config.ts';

export const PROFILES = ['crypto', 'backtrader'] as const;

export function addProfileOption(command: Command): Command {
  return command.addOption(
    new Option('--profile <name>', 'whose rules orders and account go by (default: crypto)').choices(
      PROFILES,
    ),
  );
}

/**
 * The account by the rules that were asked for. Rates of commission and slippage become those of the backtrader profile
 * where that was named; one that the config describes has its own, and takes none beside them.
 */
export function withProfile(
  flag: (typeof PROFILES)[number] | undefined,
  config: Config,
  account: Omit<TermsOptions, 'profile' | 'slippage'> & { readonly slippage: number | undefined },
): TermsOptions {
  const profile = flag ?? config.profile ?? 'crypto';
  if (profile === 'crypto') return account;
  if (profile !== 'backtrader') return { ...account, profile };
  const { commission, slippage, ...rest } = account;
  if (typeof commission === 'object') {
    throw new InputError(
      'PROFILE_OPTION',
      `the backtrader profile was given the commission ${commission.label}`,
      {
        value: commission.label,
        limit: 'one rate',
        fix: 'give one rate, or describe the terms in qt.config.ts: profile: backtraderProfile({ commission: { … } })',
      },
    );
  }
  return { ...rest, profile: described(commission, slippage) };
}

function described(commission: number | undefined, slippage: number | undefined): BacktraderProfile {
  return backtraderProfile({
    ...(commission === undefined ? {} : { commission: { commission } }),
    ...(slippage === undefined ? {} : { slippage: percentBarSlippage(slippage) }),
  });
}

/** Live, orders go by the rules of the exchange. Throws `PROFILE_LIVE` for a config that wants others. */
export function refuseProfile({ profile }: Config): void {
  if (profile === undefined || profile === 'crypto') return;
  throw new InputError(
    'PROFILE_LIVE',
    'the config wants the backtrader profile, which is for backtests alone',
    {
      value: 'backtrader',
      limit: 'crypto',
      fix: 'take "profile" out of the config, or run with --no-config',
    },
  );
}
