import { Decimal } from '../../../../src/brokers/binance/decimal.ts';
import { clientOrderId } from '../../../../src/brokers/binance/identity.ts';

/** An `executionReport`, as far as it is needed. */
export interface Report {
  /** By this machine's clock, epoch ms UTC. */
  readonly at: number;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly orderId: number;
  readonly side: 'BUY' | 'SELL';
  readonly status: string;
  /** Base units as decimal texts. */
  readonly quantity: string;
  readonly executed: string;
  readonly trade:
    | {
        readonly id: number;
        readonly quantity: string;
        readonly price: string;
        readonly quote: string;
        readonly commission: string;
        readonly asset: string;
      }
    | undefined;
}

export function readReport(payload: object, at: number): Report {
  const told = payload as Readonly<Record<string, string | number | null>>;
  const text = (name: string) => String(told[name]);
  return {
    at,
    symbol: text('s'),
    clientOrderId: told.C === '' ? text('c') : text('C'),
    orderId: Number(told.i),
    side: told.S as 'BUY' | 'SELL',
    status: text('X'),
    quantity: text('q'),
    executed: text('z'),
    trade:
      told.t === -1
        ? undefined
        : {
            id: Number(told.t),
            quantity: text('l'),
            price: text('L'),
            quote: text('Y'),
            commission: text('n'),
            asset: text('N'),
          },
  };
}

/** Ids at the exchange that a strategy's orders may have had, and whose they are. */
export function ownersOf(session: string, orders: number, attempts: number): Map<string, number> {
  const owners = new Map<string, number>();
  for (let order = 1; order <= orders; order++) {
    for (let attempt = 0; attempt < attempts; attempt++)
      owners.set(clientOrderId(session, order, 'order', attempt), order);
  }
  return owners;
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = Decimal.ZERO;
  for (const value of values) total = total.plus(value);
  return total;
}
