import { emptyTerms } from '../../model/order-terms.ts';
import type { Ledger } from '../ledger.ts';
import type { OrderEvents } from '../order-events.ts';
import { type OrderTable, Status } from '../orders.ts';
import type { Executor } from './executor.ts';
import type { Margin } from './margin.ts';
import type { Offers } from './offers.ts';

export interface LiquidationParts {
  readonly ledger: Ledger;
  readonly orders: OrderTable;
  readonly events: OrderEvents;
  readonly margin: Margin;
  readonly executor: Executor;
  readonly offers: Offers;
  /** Cancels all orders on an instrument. */
  readonly cancel: (instrument: number) => void;
}

/**
 * Closes positions that the account can no longer bear, by an order of its own that is tagged `liquidation`. At the price
 * at which the margin is used up, or where a bar has opened beyond it; never below what leaves the account at zero, since
 * what is missing then is the exchange's insurance fund's to pay.
 */
export class Liquidation {
  count = 0;
  readonly #parts: LiquidationParts;

  constructor(parts: LiquidationParts) {
    this.#parts = parts;
  }

  /** Closes the position in an instrument at `reached`, the market's price, or at the one that leaves nothing. */
  close(instrument: number, reached: number, time: number): void {
    const { ledger, orders, events, margin, executor, offers, cancel } = this.#parts;
    cancel(instrument);
    const size = ledger.sizes[instrument];
    const least = margin.bankruptcyPrice(instrument);
    const price = size > 0 ? Math.max(reached, least) : least > 0 ? Math.min(reached, least) : reached;
    const left = Math.max(0, ledger.valuationAt(instrument, price));
    const fee = Math.min(left, Math.abs(size) * price * margin.liquidationFee);
    const id = orders.add({
      ...emptyTerms(),
      instrument,
      side: size > 0 ? 'sell' : 'buy',
      size: Math.abs(size),
      reduce: true,
      tag: 'liquidation',
      createdAt: offers.slots[instrument].openTime,
      notBefore: Number.NEGATIVE_INFINITY,
    });
    events.push(id, Status.submitted);
    events.push(id, Status.accepted);
    executor.liquidate(id, instrument, -size, price, fee, time);
    this.count++;
  }
}
