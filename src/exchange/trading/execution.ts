import type { Amount } from './amount.ts';
import type { Charge } from './commission.ts';
import type { Order } from './order.ts';

/** One execution of an order. */
export interface Execution {
  /** Counted over a symbol. */
  readonly id: number;
  readonly order: Order;
  readonly price: Amount;
  readonly quantity: Amount;
  readonly quote: Amount;
  readonly charge: Charge;
  readonly maker: boolean;
  /** Epoch ms UTC. */
  readonly time: number;
}
