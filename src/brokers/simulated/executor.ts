import type { Instrument } from '../../model/instrument.ts';
import type { OrderReason } from '../../model/order.ts';
import type { Ledger } from '../ledger.ts';
import type { OrderEvents } from '../order-events.ts';
import { type OrderTable, Status } from '../orders.ts';
import type { Filters } from './filters.ts';
import type { Funding } from './funding.ts';
import { type Funds, ROUNDING } from './funds.ts';
import type { Offers } from './offers.ts';
import { refusal } from './refusal.ts';
import type { Slippage } from './slippage.ts';

export interface ExecutorParts {
  readonly instruments: readonly Instrument[];
  readonly orders: OrderTable;
  readonly events: OrderEvents;
  readonly ledger: Ledger;
  readonly filters: readonly Filters[];
  readonly funds: Funds;
  readonly offers: Offers;
  readonly slippage: Slippage;
  readonly funding: Funding | undefined;
}

/** Fills orders at the prices they have met, or ends them with the reason why that cannot be. */
export class Executor {
  readonly #parts: ExecutorParts;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /**
   * Fills an order at the market, which stands at `first`; `size` in base units, NaN for one in quote. `limit`: the worst
   * price to which slippage may take it, NaN for any. False when it was refused, and has ended.
   */
  take(id: number, size: number, first: number, limit: number, time: number): boolean {
    const { orders, slippage } = this.#parts;
    const sell = orders.isSell(id);
    const slipped = slippage.price(sell ? 'sell' : 'buy', first);
    const price = Number.isNaN(limit) ? slipped : sell ? Math.max(slipped, limit) : Math.min(slipped, limit);
    return this.#fill(id, size, price, time, false, Number.isNaN(limit));
  }

  /** Fills an order that rests in the book at its price, its own. */
  make(id: number, size: number, price: number, time: number): boolean {
    return this.#fill(id, size, price, time, true, false);
  }

  #fill(id: number, asked: number, price: number, time: number, maker: boolean, market: boolean): boolean {
    if (!(price > 0)) return this.end(id, priceReason(price));
    const { orders, funds, filters } = this.#parts;
    const instrument = orders.instrument(id);
    const sell = orders.isSell(id);
    const reduces = orders.reduces(id);
    let wanted = asked;
    if (reduces) {
      const closable = this.closable(instrument, sell);
      if (!(closable > 0)) return this.end(id, this.nothingToClose(instrument, sell, asked));
      wanted = Math.min(asked, closable);
    }
    // What waited for its price was judged when it was placed; what it reserved is its own: that it sums to a last place
    // less than it should is no reason to refuse it.
    if (!market || (!orders.isMarket(id) && orders.type(id) !== 'close' && !Number.isNaN(asked))) {
      return this.#execute(id, instrument, sell ? -wanted : wanted, price, time, maker, ROUNDING);
    }
    const inQuote = Number.isNaN(wanted);
    if (inQuote) {
      const inBase = funds.takesBase(instrument, !sell);
      wanted = funds.affordable(orders.quote(id), price, false, inBase);
    }
    const rules = filters[instrument];
    const size = inQuote ? rules.sizeWithin(wanted) : rules.size(wanted);
    const refused = rules.refuseSize(wanted, size, price, true);
    if (refused !== undefined) return this.end(id, refused);
    return this.#execute(id, instrument, sell ? -size : size, price, time, maker, 0);
  }

  /** Books a fill of `moved` base units (negative for a sale) if the account can bear it. */
  #execute(
    id: number,
    instrument: number,
    moved: number,
    price: number,
    time: number,
    maker: boolean,
    slack: number,
  ): boolean {
    const { orders, ledger, funds, instruments } = this.#parts;
    const held = ledger.sizes[instrument];
    // What leaves no more of a position than rounding closes it, a short as well as a long one.
    const signed = Math.abs(held + moved) <= ROUNDING * Math.abs(held) ? -held : moved;
    const size = Math.abs(signed);
    const fee = funds.fee(size, price, maker);
    const inBase = funds.takesBase(instrument, signed > 0);
    const net = inBase ? signed - fee / price : signed;
    if (inBase && !(net > 0)) {
      const problem = `the fee of ${fee} takes all of ${size} ${instruments[instrument].base} at ${price}`;
      return this.end(id, refusal('SIZE_ZERO', problem, 'order more than the fee takes'));
    }
    const refused = funds.refuse(instrument, net, price, fee, slack);
    if (refused !== undefined) return this.end(id, refused);
    if (maker) orders.setMaker(id);
    this.#book(id, instrument, net, price, fee, time, maker, inBase);
    this.#parts.events.pushFill(id, Status.completed, size, price, fee);
    return true;
  }

  /** Fills the order that liquidates a position, whatever the account can bear. */
  liquidate(id: number, instrument: number, moved: number, price: number, fee: number, time: number): void {
    this.#book(id, instrument, moved, price, fee, time, false, false);
    this.#parts.events.pushFill(id, Status.completed, Math.abs(moved), price, fee);
  }

  #book(
    id: number,
    instrument: number,
    net: number,
    price: number,
    fee: number,
    time: number,
    maker: boolean,
    inBase: boolean,
  ): void {
    const { ledger, offers, orders, funding } = this.#parts;
    const { bars, row: at, bar } = offers.slots[instrument];
    // What is held before its first bar has closed is worth what that has opened at.
    if (Number.isNaN(ledger.marks[instrument])) ledger.marks[instrument] = bars!.open[at];
    if (funding !== undefined && ledger.sizes[instrument] === 0) funding.open(instrument, time);
    const row = ledger.fills.add(id, instrument, net, price, fee, time, maker, inBase);
    ledger.book(row, bar, orders.tag(id));
  }

  /** How much of the position a reducing order on this side may take, on spot without what orders reserve. */
  closable(instrument: number, sell: boolean): number {
    const { ledger, instruments } = this.#parts;
    const held = sell ? ledger.sizes[instrument] : -ledger.sizes[instrument];
    if (!(held > 0) || instruments[instrument].market !== 'spot') return held;
    const free = ledger.freeSize(instrument);
    return free > ROUNDING * held ? free : 0;
  }

  /** Why there is nothing to close on this side. */
  nothingToClose(instrument: number, sell: boolean, size: number): OrderReason {
    const { ledger, funds } = this.#parts;
    const reserved = sell && ledger.sizes[instrument] > 0;
    const problem = 'the position that it should close is closed already';
    const fix = 'check position and openOrders before close()';
    return (
      (reserved ? funds.refuseSale(instrument, size) : undefined) ?? refusal('NOTHING_TO_CLOSE', problem, fix)
    );
  }

  /** Ends an order for a reason; always false, for it was not filled. */
  end(id: number, reason: OrderReason): false {
    const margin = reason.code === 'INSUFFICIENT_CASH';
    this.#parts.events.push(id, margin ? Status.margin : Status.rejected, reason);
    return false;
  }
}

function priceReason(price: number): OrderReason {
  const problem = `the bar that should fill it opened at ${price}`;
  return refusal('PRICE_INVALID', problem, 'correct the data; an order is filled at prices above 0 only');
}
