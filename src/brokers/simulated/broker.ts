import type { Bars } from '../../model/bars.ts';
import { InputError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import { isAlive, type Order, type OrderReason, type OrderStatus } from '../../model/order.ts';
import type { Broker, OrderEvent, OrderRequest, WorkingOrder } from '../broker.ts';
import { Ledger } from '../ledger.ts';
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

/** Relative slack of the cash check: what rounding may take, far below any exchange's step. */
const ROUNDING = 1e-12;

/**
 * Fills orders against closed bars. A market order fills at the open of the first bar that begins at or after the
 * moment it was placed, slippage against it, fee in quote. Orders are matched in the order in which they were placed.
 */
export class SimulatedBroker implements Broker {
  readonly instruments: readonly Instrument[];
  readonly ledger: Ledger;
  readonly events: OrderEvent[] = [];
  readonly #commission: Commission;
  readonly #slippage: Slippage;
  readonly #pending: WorkingOrder[][];
  #waiting = 0;
  #orders = 0;

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
    this.#commission = options.commission ?? percentCommission(0.001);
    this.#slippage = options.slippage ?? percentSlippage(0);
    this.#pending = options.instruments.map(() => []);
  }

  get waiting(): number {
    return this.#waiting;
  }

  submit(request: OrderRequest, time: number, placedOnBar: boolean): WorkingOrder {
    const order: WorkingOrder = {
      id: ++this.#orders,
      instrument: request.instrument,
      symbol: this.instruments[request.instrument].symbol,
      side: request.side,
      type: 'market',
      size: request.size,
      quote: request.quote,
      tag: request.tag,
      createdAt: time,
      status: 'created',
      filled: 0,
      price: Number.NaN,
      fees: 0,
      reason: undefined,
      placedOnBar,
    };
    this.#tell(order, 'submitted');
    const refused = this.#refuse(order);
    if (refused === undefined) {
      this.#tell(order, 'accepted');
      this.#pending[order.instrument].push(order);
      this.#waiting++;
    } else {
      this.#tell(order, 'rejected', refused);
    }
    return order;
  }

  cancel(order: Order): void {
    if (!isAlive(order)) return;
    const pending = this.#pending[order.instrument];
    const index = pending.indexOf(order as WorkingOrder);
    if (index < 0) return;
    pending.splice(index, 1);
    this.#waiting--;
    this.#tell(order as WorkingOrder, 'canceled');
  }

  match(instrument: number, bars: Bars, row: number, openTime: number, bar: number): void {
    const pending = this.#pending[instrument];
    if (pending.length === 0) return;
    let kept = 0;
    for (const order of pending) {
      if (order.placedOnBar || openTime >= order.createdAt) this.#fill(order, bars.open[row], openTime, bar);
      else pending[kept++] = order;
    }
    this.#waiting -= pending.length - kept;
    pending.length = kept;
  }

  #fill(order: WorkingOrder, open: number, time: number, bar: number): void {
    const price = this.#slippage.price(order.side, open);
    const { ledger } = this;
    const terms = this.instruments[order.instrument];
    const wanted = Number.isNaN(order.size) ? this.#commission.affordable(order.quote, price) : order.size;
    const size = this.#wholePosition(order, roundDown(wanted, terms.lotStep));
    const fee = this.#commission.fee(size, price);
    const refused = sizeReason(wanted, size, price, terms) ?? this.#unaffordable(order, size, price, fee);
    if (refused !== undefined) {
      this.#tell(order, refused.code === 'INSUFFICIENT_CASH' ? 'margin' : 'rejected', refused);
      return;
    }
    const fill = {
      orderId: order.id,
      instrument: order.instrument,
      side: order.side,
      size,
      price,
      fee,
      time,
    };
    ledger.book(fill, bar, order.tag);
    this.events.push({ order, status: 'completed', size, filled: size, price, fees: fee, reason: undefined });
  }

  /** A sale that differs from the position by no more than rounding is a sale of the position. */
  #wholePosition(order: WorkingOrder, size: number): number {
    const held = this.ledger.sizes[order.instrument];
    return order.side === 'sell' && Math.abs(size - held) <= ROUNDING * held ? held : size;
  }

  /** Why an order cannot be taken at all; what depends on the price is decided when it is filled. */
  #refuse(order: WorkingOrder): OrderReason | undefined {
    if (order.size <= 0 || order.quote <= 0) {
      return reason(
        'SIZE_ZERO',
        'the size came out as 0',
        'check the sizer and the free cash before ordering',
      );
    }
    return undefined;
  }

  #unaffordable(order: WorkingOrder, size: number, price: number, fee: number): OrderReason | undefined {
    const { ledger } = this;
    const terms = this.instruments[order.instrument];
    const held = ledger.sizes[order.instrument];
    const after = order.side === 'buy' ? held + size : held - size;
    if (terms.market === 'spot') {
      if (after < 0) {
        return reason(
          'SPOT_SHORT',
          `selling ${size} ${terms.base} with ${held} held would be a short, which spot does not have`,
          `sell at most ${held}, or run with market: 'usdm'`,
        );
      }
      const cost = size * price + fee;
      if (order.side === 'buy' && cost > ledger.cash * (1 + ROUNDING)) {
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

  #tell(order: WorkingOrder, status: OrderStatus, why?: OrderReason): void {
    this.events.push({
      order,
      status,
      size: order.size,
      filled: order.filled,
      price: order.price,
      fees: order.fees,
      reason: why,
    });
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
