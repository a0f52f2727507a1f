import type { Bars } from '../../model/bars.ts';
import { InputError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { Order, OrderReason, OrderStatus } from '../../model/order.ts';
import type { Broker } from '../broker.ts';
import { Ledger } from '../ledger.ts';
import { OrderEvents } from '../order-events.ts';
import { type OrderRequest, OrderTable } from '../orders.ts';
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

/** An order in force. */
interface WorkingOrder {
  readonly order: Order;
  readonly request: OrderRequest;
  /** The earliest open time at which it may fill: when it was placed, unless its own bar had just closed. */
  readonly notBefore: number;
}

/** Relative slack of the cash check: what rounding may take, far below any exchange's step. */
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
  /** Orders that are in force, in the order in which they were placed; one queue an instrument. */
  readonly #pending: WorkingOrder[][];
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

  submit(request: OrderRequest, time: number, onBar: boolean): Order {
    const order = this.orders.add(request, time);
    this.#tell(order, 'submitted', request.size);
    if (request.size <= 0 || request.quote <= 0) {
      const why = reason(
        'SIZE_ZERO',
        'the size came out as 0',
        'check the sizer and the free cash before ordering',
      );
      this.#tell(order, 'rejected', request.size, why);
    } else {
      this.#tell(order, 'accepted', request.size);
      this.#pending[request.instrument].push({
        order,
        request,
        notBefore: onBar ? Number.NEGATIVE_INFINITY : time,
      });
      this.#waiting++;
    }
    return order;
  }

  cancel(order: Order): void {
    const pending = this.#pending[order.instrument];
    const index = pending.findIndex(waiting => waiting.order.id === order.id);
    if (index < 0) return;
    pending.splice(index, 1);
    this.#waiting--;
    this.#tell(order, 'canceled', order.size);
  }

  match(instrument: number, bars: Bars, row: number, openTime: number, bar: number): void {
    const pending = this.#pending[instrument];
    if (pending.length === 0) return;
    let kept = 0;
    for (let i = 0; i < pending.length; i++) {
      const waiting = pending[i];
      if (openTime >= waiting.notBefore) this.#fill(waiting, bars.open[row], openTime, bar);
      else pending[kept++] = waiting;
    }
    this.#waiting -= pending.length - kept;
    pending.length = kept;
  }

  #fill({ order, request }: WorkingOrder, open: number, time: number, bar: number): void {
    const { instrument, side } = request;
    const price = this.#slippage.price(side, open);
    const terms = this.instruments[instrument];
    const wanted = Number.isNaN(request.size)
      ? this.#commission.affordable(request.quote, price)
      : request.size;
    const size = this.#wholePosition(request, roundDown(wanted, terms.lotStep));
    const fee = this.#commission.fee(size, price);
    const refused = sizeReason(wanted, size, price, terms) ?? this.#unaffordable(request, size, price, fee);
    if (refused !== undefined) {
      this.#tell(order, refused.code === 'INSUFFICIENT_CASH' ? 'margin' : 'rejected', request.size, refused);
      return;
    }
    this.ledger.book(order.id, instrument, side === 'buy' ? size : -size, price, fee, time, bar, request.tag);
    this.events.push(order, 'completed', size, size, price, fee, undefined);
  }

  /** A sale that differs from the position by no more than rounding is a sale of the position. */
  #wholePosition({ instrument, side }: OrderRequest, size: number): number {
    const held = this.ledger.sizes[instrument];
    return side === 'sell' && Math.abs(size - held) <= ROUNDING * held ? held : size;
  }

  #unaffordable(
    { instrument, side }: OrderRequest,
    size: number,
    price: number,
    fee: number,
  ): OrderReason | undefined {
    const { ledger } = this;
    const terms = this.instruments[instrument];
    const held = ledger.sizes[instrument];
    const after = side === 'buy' ? held + size : held - size;
    if (terms.market === 'spot') {
      if (after < 0) {
        return reason(
          'SPOT_SHORT',
          `selling ${size} ${terms.base} with ${held} held would be a short, which spot does not have`,
          `sell at most ${held}, or run with market: 'usdm'`,
        );
      }
      const cost = size * price + fee;
      if (side === 'buy' && cost > ledger.cash * (1 + ROUNDING)) {
        return reason(
          'INSUFFICIENT_CASH',
          `buying ${size} ${terms.base} at ${price} costs ${cost} with fees, ${ledger.cash} ${terms.quote} is free`,
          'order less, or size in quote: buy({ quote })',
        );
      }
      return undefined;
    }
    // A perpetual without leverage: the position after the fill may be worth at most what the account is.
    const equity = ledger.value - fee;
    if (Math.abs(after) > Math.abs(held) && Math.abs(after) * price > equity * (1 + ROUNDING)) {
      return reason(
        'INSUFFICIENT_CASH',
        `a position of ${after} ${terms.base} at ${price} needs ${Math.abs(after) * price} ${terms.quote}, the account holds ${equity}`,
        'order less',
      );
    }
    return undefined;
  }

  #tell(order: Order, status: OrderStatus, size: number, why?: OrderReason): void {
    this.events.push(order, status, size, 0, Number.NaN, 0, why);
  }
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

/** Down to a multiple of `step`, forgiving the last place that a division may have lost. */
function roundDown(size: number, step: number): number {
  return step === 0 ? size : Math.floor(size / step + 1e-9) * step;
}

function reason(code: string, problem: string, fix: string): OrderReason {
  return { code, message: `${problem}: ${fix}` };
}
