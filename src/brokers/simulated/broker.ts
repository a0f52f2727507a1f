import type { Bar, Bars } from '../../model/bars.ts';
import { InputError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { OrderReason } from '../../model/order.ts';
import type { Broker } from '../broker.ts';
import { Ledger } from '../ledger.ts';
import { OrderEvents } from '../order-events.ts';
import { OrderTable, Status } from '../orders.ts';
import type { Commission } from './commission.ts';
import { percentCommission } from './commission.ts';
import { percentSlippage, type Slippage } from './slippage.ts';

export interface SimulatedBrokerOptions {
  readonly instruments: readonly Instrument[];
  /** In quote. */
  readonly cash: number;
  readonly commission?: Commission;
  readonly slippage?: Slippage;
}

/** A closed bar that orders may match; `bars` is undefined when there is none in this step. */
interface Offer {
  bars: Bars | undefined;
  row: number;
  openTime: number;
  bar: number;
}

/** What rounding may take, relative: far below any exchange's step. */
const ROUNDING = 1e-12;

/**
 * Fills orders against closed bars. A market order fills at the open of the first bar that begins at or after the
 * moment it was placed, slippage against it, fee in quote. Orders that fill in the same step do so in the order of their
 * bars' opens, then in the order in which they were placed.
 */
export class SimulatedBroker implements Broker {
  readonly instruments: readonly Instrument[];
  readonly ledger: Ledger;
  readonly orders: OrderTable;
  readonly events = new OrderEvents();
  readonly #commission: Commission;
  readonly #slippage: Slippage;
  /** Ids of the orders in force, in the order in which they were placed. */
  readonly #pending: number[] = [];
  /** When orders in force were cancelled; settled at their next bar. */
  readonly #cancels = new Map<number, number>();
  /** The bar that each instrument's feed closed in this step. */
  readonly #offers: Offer[];
  /** Orders to fill in this step; kept so that it need not be made anew. */
  readonly #ready: number[] = [];

  constructor(options: SimulatedBrokerOptions) {
    if (!(options.cash > 0 && options.cash < Number.POSITIVE_INFINITY)) {
      throw new InputError('CASH_INVALID', `the starting cash was ${options.cash}`, {
        value: options.cash,
        limit: 'more than 0',
        fix: 'give a positive amount of quote currency, such as 10000',
      });
    }
    this.instruments = options.instruments;
    this.ledger = new Ledger(options.instruments, options.cash);
    this.orders = new OrderTable(options.instruments.map(one => one.symbol));
    this.#commission = options.commission ?? percentCommission(0.001);
    this.#slippage = options.slippage ?? percentSlippage(0);
    this.#offers = options.instruments.map(() => ({ bars: undefined, row: 0, openTime: 0, bar: 0 }));
  }

  get waiting(): number {
    return this.#pending.length;
  }

  submit(id: number): void {
    const { orders, events } = this;
    events.push(id, Status.submitted);
    if (orders.size(id) <= 0 || orders.quote(id) <= 0) {
      const fix = 'check the sizer and the free cash before ordering';
      events.push(id, Status.rejected, reason('SIZE_ZERO', 'the size came out as 0', fix));
    } else {
      events.push(id, Status.accepted);
      this.#pending.push(id);
    }
  }

  cancel(id: number, time: number): void {
    if (this.#pending.includes(id) && !this.#cancels.has(id)) this.#cancels.set(id, time);
  }

  offer(instrument: number, bars: Bars, row: number, openTime: number, bar: number): void {
    const offer = this.#offers[instrument];
    offer.bars = bars;
    offer.row = row;
    offer.openTime = openTime;
    offer.bar = bar;
  }

  /** Not used yet: orders wait for the closed bar. */
  offerForming(_instrument: number, _bar: Bar, _time: number, _number: number): void {}

  match(): void {
    const { orders } = this;
    const offers = this.#offers;
    const pending = this.#pending;
    const ready = this.#ready;
    let kept = 0;
    for (let i = 0; i < pending.length; i++) {
      const id = pending[i];
      const { bars, openTime } = offers[orders.instrument(id)];
      if (bars !== undefined && openTime >= orders.notBefore(id)) ready.push(id);
      else pending[kept++] = id;
    }
    // Popped, not cut: setting a length of 0 gives the storage away, and the next order would pay for a new one.
    while (pending.length > kept) pending.pop();
    // What happened first comes first; at the same moment, what was ordered first.
    if (ready.length > 1) ready.sort((a, b) => this.#opened(a) - this.#opened(b) || a - b);
    for (let i = 0; i < ready.length; i++) this.#settle(ready[i]);
    while (ready.length > 0) ready.pop();
    for (let i = 0; i < offers.length; i++) offers[i].bars = undefined;
  }

  end(): void {
    for (const id of this.#pending) if (this.#cancels.has(id)) this.events.push(id, Status.canceled);
  }

  #opened(id: number): number {
    return this.#offers[this.orders.instrument(id)].openTime;
  }

  /** Fills the order at its bar's open, unless it had been cancelled by then. */
  #settle(id: number): void {
    const { bars, row, openTime, bar } = this.#offers[this.orders.instrument(id)];
    const cancelled = this.#cancels.size === 0 ? undefined : this.#cancels.get(id);
    if (cancelled !== undefined) this.#cancels.delete(id);
    if (cancelled !== undefined && openTime >= cancelled) this.events.push(id, Status.canceled);
    else this.#fill(id, bars!.open[row], openTime, bar);
  }

  #fill(id: number, open: number, time: number, bar: number): void {
    const { orders, ledger, events } = this;
    const instrument = orders.instrument(id);
    const terms = this.instruments[instrument];
    const sell = orders.isSell(id);
    const price = this.#slippage.price(sell ? 'sell' : 'buy', open);
    if (!(price > 0)) {
      events.push(id, Status.rejected, priceReason(price));
      return;
    }
    const held = ledger.sizes[instrument];
    const closes = sell ? held > 0 : held < 0;
    if (orders.reduces(id) && !closes) {
      const problem = 'the position that it should close is closed already';
      events.push(
        id,
        Status.rejected,
        reason('NOTHING_TO_CLOSE', problem, 'check position and openOrders before close()'),
      );
      return;
    }
    const asked = orders.reduces(id) ? Math.min(orders.size(id), Math.abs(held)) : orders.size(id);
    const wanted = Number.isNaN(asked) ? this.#affordable(orders.quote(id), price) : asked;
    const size = roundDown(wanted, terms.lotStep);
    const moved = sell ? -size : size;
    // What leaves no more of a position than rounding closes it, a short as well as a long one.
    const signed = Math.abs(held + moved) <= ROUNDING * Math.abs(held) ? -held : moved;
    const fee = this.#commission.fee(Math.abs(signed), price);
    const refused =
      sizeReason(wanted, size, price, terms) ?? this.#unaffordable(instrument, signed, price, fee);
    if (refused !== undefined) {
      events.push(id, refused.code === 'INSUFFICIENT_CASH' ? Status.margin : Status.rejected, refused);
      return;
    }
    ledger.book(ledger.fills.add(id, instrument, signed, price, fee, time), bar, orders.tag(id));
    events.pushFill(id, Status.completed, Math.abs(signed), price, fee);
  }

  /** The size that `quote` buys with its fee, made smaller until rounding cannot overdraw it. */
  #affordable(quote: number, price: number): number {
    const commission = this.#commission;
    const affordable = commission.affordable(quote, price);
    let size = affordable;
    while (size * price + commission.fee(size, price) > quote) {
      size *= 1 - Number.EPSILON;
      if (size < affordable * (1 - ROUNDING)) {
        const cost = affordable * price + commission.fee(affordable, price);
        throw new InputError(
          'COMMISSION_INCONSISTENT',
          `the commission "${commission.label}" says that ${quote} buys ${affordable} at ${price}, with its fee that costs ${cost}`,
          { value: cost, limit: quote, fix: 'let affordable() leave room for what fee() takes' },
        );
      }
    }
    return size;
  }

  /** Why the account cannot bear a fill of `size` base units (negative for a sell), if so. */
  #unaffordable(instrument: number, size: number, price: number, fee: number): OrderReason | undefined {
    const { ledger } = this;
    const { market, base, quote } = this.instruments[instrument];
    const held = ledger.sizes[instrument];
    const after = held + size;
    if (market === 'spot') {
      if (after < 0) {
        return reason(
          'SPOT_SHORT',
          `selling ${-size} ${base} with ${held} held would be a short, which spot does not have`,
          `sell at most ${held}, or run with market: 'usdm'`,
        );
      }
      const cost = size * price + fee;
      if (size > 0 && cost > ledger.cash) {
        return reason(
          'INSUFFICIENT_CASH',
          `buying ${size} ${base} at ${price} costs ${cost} with fees, ${ledger.cash} ${quote} is free`,
          'order less, or size in quote: buy({ quote })',
        );
      }
      return undefined;
    }
    // Perpetuals without leverage: all positions together may be worth at most what the account is.
    const equity = ledger.valuationAt(instrument, price) - fee;
    const exposure = ledger.exposureWithout(instrument) + Math.abs(after) * price;
    if (Math.abs(after) > Math.abs(held) && exposure > equity * (1 + ROUNDING)) {
      return reason(
        'INSUFFICIENT_CASH',
        `with ${after} ${base} at ${price} all positions are worth ${exposure} ${quote}, the account ${equity}`,
        'order less',
      );
    }
    return undefined;
  }
}

function priceReason(price: number): OrderReason {
  const problem = `the bar that should fill it opened at ${price}`;
  return reason('PRICE_INVALID', problem, 'correct the data; a market order needs a price above 0');
}

function sizeReason(wanted: number, size: number, price: number, terms: Instrument): OrderReason | undefined {
  if (!(size > 0)) {
    return reason(
      'SIZE_ZERO',
      `the size ${wanted} is 0 after rounding down to the lot step ${terms.lotStep}`,
      `order at least ${terms.lotStep} ${terms.base}`,
    );
  }
  if (size * price < terms.minNotional) {
    return reason(
      'MIN_NOTIONAL',
      `${size} ${terms.base} at ${price} is worth ${size * price}, the minimum is ${terms.minNotional} ${terms.quote}`,
      `order at least ${terms.minNotional / price} ${terms.base}`,
    );
  }
  return undefined;
}

/** Down to a multiple of `step`, forgiving the last places that a division may have lost, however many steps it is. */
function roundDown(size: number, step: number): number {
  return step === 0 ? size : Math.floor((size / step) * (1 + 4 * Number.EPSILON) + 1e-9) * step;
}

function reason(code: string, problem: string, fix: string): OrderReason {
  return { code, message: `${problem}: ${fix}` };
}
