import type { Instrument } from '../../model/instrument.ts';
import type { Ledger } from '../ledger.ts';
import type { OrderTable } from '../orders.ts';
import type { PricedTrade } from './commands.ts';
import { Decimal } from './decimal.ts';
import type { RealOrder } from './real-orders.ts';

/**
 * Books executions in the session's account. What is held is kept exactly beside the ledger's doubles: what is sold is
 * decided by the former.
 */
export class Booking {
  /** Base units held of each instrument. */
  readonly positions: Decimal[];
  readonly #instruments: readonly Instrument[];
  readonly #ledger: Ledger;
  readonly #orders: OrderTable;
  /** Number and close time of the last bar of each instrument's matching feed. */
  readonly #bars: { number: number; closeTime: number }[];

  constructor(instruments: readonly Instrument[], ledger: Ledger, orders: OrderTable) {
    this.#instruments = instruments;
    this.#ledger = ledger;
    this.#orders = orders;
    this.positions = instruments.map(() => Decimal.ZERO);
    this.#bars = instruments.map(() => ({ number: -1, closeTime: Number.NEGATIVE_INFINITY }));
  }

  /** A bar has closed: what is executed from now on belongs to the next one. */
  offer(instrument: number, number: number, closeTime: number): void {
    this.#bars[instrument] = { number, closeTime };
  }

  /** Books an execution and returns by how much it moved the position, in base units; negative for a sale. */
  book(order: RealOrder, trade: PricedTrade): Decimal {
    const { instrument, sell, id } = order;
    const ledger = this.#ledger;
    const { base, quote } = this.#instruments[instrument];
    const quantity = Decimal.of(trade.quantity);
    const commission = Decimal.of(trade.commission);
    const price = Decimal.of(trade.price).toNumber();
    const inBase = trade.commissionAsset === base;
    const signed = sell ? Decimal.ZERO.minus(quantity) : quantity;
    const moved = inBase ? signed.minus(commission) : signed;
    const unit = inBase ? price : trade.commissionAsset === quote ? 1 : trade.commissionPrice;
    const fee = commission.toNumber() * unit;
    const held = ledger.sizes[instrument];
    const position = this.positions[instrument].plus(moved);
    this.positions[instrument] = position;
    // What closes a position closes it exactly, whatever doubles make of its parts.
    const size = position.sign === 0 ? -held : moved.toNumber();
    if (Number.isNaN(ledger.marks[instrument])) ledger.marks[instrument] = price;
    if (trade.maker) this.#orders.setMaker(id);
    const { number, closeTime } = this.#bars[instrument];
    const bar = trade.time >= closeTime ? number + 1 : number;
    const row = ledger.fills.add(id, instrument, size, price, fee, trade.time, trade.maker, inBase);
    ledger.book(row, bar, this.#orders.tag(id));
    ledger.sizes[instrument] = position.toNumber();
    this.#account(order, quantity, Decimal.of(trade.quoteQuantity), price, fee);
    return moved;
  }

  #account(order: RealOrder, quantity: Decimal, spent: Decimal, price: number, fee: number): void {
    const first = order.filled.sign === 0;
    const same = first || order.price === price;
    order.filled = order.filled.plus(quantity);
    order.spent = order.spent.plus(spent);
    order.price = same ? price : order.spent.toNumber() / order.filled.toNumber();
    order.fees += fee;
    order.untold = true;
  }
}
