import type { Account } from './account.ts';
import { amountText } from './amount.ts';
import { executionPayload, orderPayload } from './payloads.ts';
import type { Records } from './records.ts';

/** An account as it is: what a query with its key would tell, were all well. */
export interface AccountState {
  readonly uid: number;
  /** Decimal texts. */
  readonly balances: readonly { readonly asset: string; readonly free: string; readonly locked: string }[];
  readonly openOrders: readonly Readonly<Record<string, unknown>>[];
  /** All that are kept, oldest first, as `GET /api/v3/order` tells them. */
  readonly orders: readonly Readonly<Record<string, unknown>>[];
  /** As `GET /api/v3/myTrades` tells them. */
  readonly trades: readonly Readonly<Record<string, unknown>>[];
}

export function stateOf({ uid, wallet }: Account, { open, orders, executions }: Records): AccountState {
  const told = (payload: object) => payload as Readonly<Record<string, unknown>>;
  return {
    uid,
    balances: wallet.assets.map(asset => ({
      asset,
      free: amountText(wallet.free(asset)),
      locked: amountText(wallet.locked(asset)),
    })),
    openOrders: [...open].map(order => told(orderPayload(order))),
    orders: [...orders].map(order => told(orderPayload(order))),
    trades: [...executions].map(execution => told(executionPayload(execution))),
  };
}
