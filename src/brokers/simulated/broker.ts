import type { Bars } from '../../model/bars.ts';
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

/** What rounding may take, relative: far below any exchange's step. */
const ROUNDING = 1e-12;

/**
 * Fills orders against closed bars. A market order fills at the open of the first bar that begins at or after the
 * moment it was placed, slippage against it, fee in quote. Orders are matched in the order in which they were placed.
 */
export class SimulatedBroker implements Broker {
  readonly instruments: readonly Instrument[];
  readonly ledger: Ledger;
  readonly orders: OrderTable;
  readonly events = new OrderEvents();
  readonly #commission: Commission;
  readonly #slippage: Slippage;
  /** Ids of the orders in force, in the order in which they were placed; one queue an instrument. */
  readonly #pending: number[][];
  #waiting = 0;

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
    this.#pending = options.instruments.map(() => []);
  }

  get waiting(): number {
    return this.#waiting;
  }

  submit(id: number): void {
    const { orders, events } = this;
    events.push(id, Status.submitted);
    if (orders.size(id) <= 0 || orders.quote(id) <= 0) {
      const fix = 'check the sizer and the free cash before ordering';
      events.push(id, Status.rejected, reason('SIZE_ZERO', 'the size came out as 0', fix));
    } else {
      events.push(id, Status.accepted);
      this.#pending[orders.instrument(id)].push(id);
      this.#waiting++;
    }
  }

  cancel(id: number): void {
    const pending = this.#pending[this.orders.instrument(id)];
    const index = pending.indexOf(id);
    if (index < 0) return;
    pending.splice(index, 1);
    this.#waiting--;
    this.events.push(id, Status.canceled);
  }

  match(instrument: number, bars: Bars, row: number, openTime: number, bar: number): void {
    const pending = this.#pending[instrument];
    if (pending.length === 0) return;
    let kept = 0;
    for (let i = 0; i < pending.length; i++) {
      const id = pending[i];
      if (openTime >= this.orders.notBefore(id)) this.#fill(id, bars.open[row], openTime, bar);
      else pending[kept++] = id;
    }
    this.#waiting -= pending.length - kept;
    // Popped, not cut: setting a length of 0 gives the storage away, and the next order would pay for a new one.
    while (pending.length > kept) pending.pop();
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
    const asked = orders.size(id);
    const wanted = Number.isNaN(asked) ? this.#affordable(orders.quote(id), price) : asked;
    const size = roundDown(wanted, terms.lotStep);
    const held = ledger.sizes[instrument];
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
    // A perpetual without leverage: the position after the fill may be worth at most what the account is.
    const equity = ledger.valuationAt(instrument, price) - fee;
    const exposure = Math.abs(after) * price;
    if (Math.abs(after) > Math.abs(held) && exposure > equity * (1 + ROUNDING)) {
      return reason(
        'INSUFFICIENT_CASH',
        `a position of ${after} ${base} at ${price} needs ${exposure} ${quote}, the account holds ${equity}`,
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
