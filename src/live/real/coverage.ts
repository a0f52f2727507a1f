import type { Account } from '../../brokers/account.ts';
import type { AccountSnapshot } from '../../brokers/binance/port.ts';
import type { ForeignOrders } from './foreign.ts';

/** An asset of which the account holds less than the session thinks it has. */
export interface Shortage {
  readonly asset: string;
  /** What the session's cash or position needs, and what is there without what other orders hold. */
  readonly needed: number;
  readonly available: number;
  /** So little that fees taken in the asset, or rounding, explain it. */
  readonly dust: boolean;
}

/** A share of the amount that fees and rounding may have taken. */
const DUST_SHARE = 1e-4;

/**
 * What of the session's cash and positions the account does not hold. It may hold more: the session has its own part of it.
 */
export function shortagesOf(
  ledger: Pick<Account, 'instruments' | 'sizes' | 'cash'>,
  snapshot: AccountSnapshot,
  foreign: ForeignOrders,
): Shortage[] {
  const held = new Map(
    snapshot.balances.map(({ asset, free, locked }) => [asset, Number(free) + Number(locked)]),
  );
  const needs = new Map<string, { needed: number; elsewhere: number; step: number }>();
  const add = (asset: string, needed: number, elsewhere: number, step: number) => {
    const before = needs.get(asset) ?? { needed: 0, elsewhere: 0, step: 0 };
    needs.set(asset, {
      needed: before.needed + needed,
      elsewhere: before.elsewhere + elsewhere,
      step: Math.max(before.step, step),
    });
  };
  ledger.instruments.forEach(({ symbol, base, quote, lotStep }, i) => {
    const locked = foreign.locked(symbol);
    add(base, ledger.sizes[i], locked.base, lotStep);
    add(quote, i === 0 ? ledger.cash : 0, locked.quote, 0);
  });
  const shortages: Shortage[] = [];
  for (const [asset, { needed, elsewhere, step }] of needs) {
    const available = (held.get(asset) ?? 0) - elsewhere;
    // Far below any step: both are sums of doubles.
    if (available >= needed * (1 - 1e-9)) continue;
    const dust = needed - available <= Math.max(step, needed * DUST_SHARE);
    shortages.push({ asset, needed, available, dust });
  }
  return shortages;
}
