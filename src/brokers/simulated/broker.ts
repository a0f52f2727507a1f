import type { Bar, Bars } from '../../model/bars.ts';
import { InputError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { OrderReason, OrderType } from '../../model/order.ts';
import type { Broker, Profile } from '../broker.ts';
import { Ledger } from '../ledger.ts';
import { OrderEvents } from '../order-events.ts';
import { OrderTable, Status } from '../orders.ts';
import { type Commission, percentCommission } from './commission.ts';
import { Filters } from './filters.ts';
import { type FeeAsset, Funds, ROUNDING } from './funds.ts';
import { Offers } from './offers.ts';
import { refusal } from './refusal.ts';
import { percentSlippage, type Slippage } from './slippage.ts';

export interface SimulatedBrokerOptions {
  readonly instruments: readonly Instrument[];
  /** In quote. */
  readonly cash: number;
  readonly commission?: Commission;
  readonly slippage?: Slippage;
  /** What a purchase's fee is taken in; default quote. On spot only. */
  readonly feeIn?: FeeAsset;
}

/** A limit order in force. */
interface LimitOrder {
  readonly id: number;
  readonly instrument: number;
  readonly sell: boolean;
  readonly limit: number;
  readonly size: number;
  /** What it keeps from being spent twice: quote of a purchase, base of a sale; 0 for nothing. */
  reserved: number;
  /** True once it has met its first price and was not filled by it. */
  resting: boolean;
  /** When it was cancelled, epoch ms UTC; Infinity if it was not. */
  cancelled: number;
}

/**
 * Fills orders against closed bars, and against the revisions of open ones where there are any. docs/fills.md has the
 * rules as tables. Matching is by price alone: an order is filled whole, whatever volume was traded.
 */
export class SimulatedBroker implements Broker {
  readonly instruments: readonly Instrument[];
  readonly account: Ledger;
  readonly profile: Profile = 'crypto';
  readonly cheatsOnOpen: boolean = false;
  readonly orders: OrderTable;
  readonly events = new OrderEvents();
  readonly #slippage: Slippage;
  readonly #funds: Funds;
  readonly #filters: readonly Filters[];
  readonly #offers: Offers;
  /** Ids of the market orders in force, in the order in which they were placed. */
  readonly #pending: number[] = [];
  /** When market orders in force were cancelled; settled at their next bar. */
  readonly #cancels = new Map<number, number>();
  /** The limit orders in force by id, in the order in which they were placed. */
  readonly #limits = new Map<number, LimitOrder>();
  /** How many limit orders are in force: reading the size of a map at every bar costs more. */
  #resting = 0;
  /** Cash that comes in at the next match, in quote. */
  #deposits = 0;
  /** Orders for which something happens at the open; kept, as the next one, so that it need not be made anew. */
  readonly #ready: number[] = [];
  /** Resting orders that the market touches after the open. */
  readonly #touched: LimitOrder[] = [];

  constructor(options: SimulatedBrokerOptions) {
    const { instruments, cash } = options;
    if (!(cash > 0 && cash < Number.POSITIVE_INFINITY)) {
      throw new InputError('CASH_INVALID', `the starting cash was ${cash}`, {
        value: cash,
        limit: 'more than 0',
        fix: 'give a positive amount of quote currency, such as 10000',
      });
    }
    this.instruments = instruments;
    this.account = new Ledger(instruments, cash);
    this.orders = new OrderTable(instruments.map(one => one.symbol));
    this.#slippage = options.slippage ?? percentSlippage(0);
    const commission = options.commission ?? percentCommission(0.001);
    this.#funds = new Funds(this.account, commission, options.feeIn ?? 'quote');
    this.#filters = instruments.map(one => new Filters(one));
    this.#offers = new Offers(instruments.length);
  }

  get waiting(): number {
    return this.#pending.length + this.#resting + (this.#deposits === 0 ? 0 : 1);
  }

  submit(id: number): void {
    const { orders, events } = this;
    events.push(id, Status.submitted);
    if (orders.size(id) <= 0 || orders.quote(id) <= 0) {
      const fix = 'check the sizer and the free cash before ordering';
      events.push(id, Status.rejected, refusal('SIZE_ZERO', 'the size came out as 0', fix));
      return;
    }
    if (!orders.isMarket(id)) {
      const reason = orders.isLimit(id) ? this.#rest(id) : unsupported(orders.type(id));
      if (reason !== undefined) {
        this.#end(id, reason);
        return;
      }
    } else this.#pending.push(id);
    events.push(id, Status.accepted);
  }

  refuse(id: number, reason: OrderReason): void {
    this.events.push(id, Status.submitted);
    this.events.push(id, Status.rejected, reason);
  }

  cancel(id: number, time: number): void {
    const limit = this.#limits.get(id);
    if (limit !== undefined) {
      limit.cancelled = Math.min(limit.cancelled, time);
      // What it kept is free at once, so that the order that takes its place can have it.
      this.#release(limit);
    } else if (this.#pending.includes(id) && !this.#cancels.has(id)) this.#cancels.set(id, time);
  }

  offer(instrument: number, bars: Bars, row: number, openTime: number, closeTime: number, bar: number): void {
    this.#offers.closed(instrument, bars, row, openTime, closeTime, bar);
  }

  offerForming(instrument: number, bar: Bar, time: number, number: number): void {
    this.#offers.revised(instrument, bar, time, number);
  }

  addCash(amount: number): void {
    this.#deposits += amount;
  }

  sizeFor(_instrument: number, amount: number, price: number): number {
    return amount / price;
  }

  valueOf(instrument: number): number {
    const size = this.account.sizes[instrument];
    return size === 0 ? 0 : size * this.account.marks[instrument];
  }

  match(): void {
    if (this.#deposits !== 0) {
      this.account.deposit(this.#deposits);
      this.#deposits = 0;
    }
    while (this.#offers.nextRevisions()) this.#matchOffers();
    this.#matchOffers();
  }

  #matchOffers(): void {
    const { orders } = this;
    const { slots } = this.#offers;
    const pending = this.#pending;
    const ready = this.#ready;
    let kept = 0;
    for (let i = 0; i < pending.length; i++) {
      const id = pending[i];
      if (this.#meets(id, orders.instrument(id))) ready.push(id);
      else pending[kept++] = id;
    }
    // Popped, not cut: setting a length of 0 gives the storage away, and the next order would pay for a new one.
    while (pending.length > kept) pending.pop();
    if (this.#resting !== 0) this.#judgeLimits();
    // What happened first comes first; at the same moment, what was ordered first.
    if (ready.length > 1) ready.sort((a, b) => this.#opened(a) - this.#opened(b) || a - b);
    for (let i = 0; i < ready.length; i++) {
      if (orders.isLimit(ready[i])) this.#settleLimit(this.#limits.get(ready[i])!);
      else this.#settle(ready[i]);
    }
    while (ready.length > 0) ready.pop();
    if (this.#touched.length !== 0) this.#fillTouched();
    for (let i = 0; i < slots.length; i++) slots[i].bars = undefined;
  }

  end(): void {
    for (const id of this.#pending) if (this.#cancels.has(id)) this.events.push(id, Status.canceled);
    for (const { id, cancelled } of this.#limits.values()) {
      if (cancelled !== Number.POSITIVE_INFINITY) this.events.push(id, Status.canceled);
    }
  }

  /** True when what is offered for the instrument may be the first price that the order meets. */
  #meets(id: number, instrument: number): boolean {
    const { bars, openTime, revision } = this.#offers.slots[instrument];
    if (bars === undefined || !(openTime >= this.orders.notBefore(id))) return false;
    return !revision || openTime >= this.orders.createdAt(id);
  }

  #opened(id: number): number {
    return this.#offers.slots[this.orders.instrument(id)].openTime;
  }

  /** Fills a market order at its first price, unless it had been cancelled by then. */
  #settle(id: number): void {
    const { orders } = this;
    const { bars, row, openTime } = this.#offers.slots[orders.instrument(id)];
    const cancelled = this.#cancels.size === 0 ? undefined : this.#cancels.get(id);
    if (cancelled !== undefined) this.#cancels.delete(id);
    if (cancelled !== undefined && openTime >= cancelled) this.events.push(id, Status.canceled);
    else this.#fillMarket(id, bars!.open[row], openTime);
  }

  #fillMarket(id: number, open: number, time: number): void {
    const { orders } = this;
    const instrument = orders.instrument(id);
    const sell = orders.isSell(id);
    const price = this.#slippage.price(sell ? 'sell' : 'buy', open);
    if (!(price > 0)) {
      this.#end(id, priceReason(price));
      return;
    }
    const reduces = orders.reduces(id);
    const closable = reduces ? this.#closable(instrument, sell) : 0;
    if (reduces && !(closable > 0)) {
      this.#end(id, this.#nothingToClose(instrument, sell, orders.size(id)));
      return;
    }
    const filters = this.#filters[instrument];
    const inBase = this.#funds.takesBase(instrument, !sell);
    const asked = reduces ? Math.min(orders.size(id), closable) : orders.size(id);
    const inQuote = Number.isNaN(asked);
    const wanted = inQuote ? this.#funds.affordable(orders.quote(id), price, false, inBase) : asked;
    const size = inQuote ? filters.sizeWithin(wanted) : filters.size(wanted);
    const refused = filters.refuseSize(wanted, size, price, true);
    if (refused !== undefined) this.#end(id, refused);
    else this.#execute(id, instrument, sell ? -size : size, price, time, false, 0);
  }

  /** How much of the position a reducing order on this side may take, on spot without what resting orders reserve. */
  #closable(instrument: number, sell: boolean): number {
    const { account: ledger } = this;
    const held = sell ? ledger.sizes[instrument] : -ledger.sizes[instrument];
    if (!(held > 0) || this.instruments[instrument].market !== 'spot') return held;
    const free = ledger.freeSize(instrument);
    return free > ROUNDING * held ? free : 0;
  }

  #nothingToClose(instrument: number, sell: boolean, size: number): OrderReason {
    const reserved = sell && this.account.sizes[instrument] > 0;
    const problem = 'the position that it should close is closed already';
    const fix = 'check position and openOrders before close()';
    return (
      (reserved ? this.#funds.refuseSale(instrument, size) : undefined) ??
      refusal('NOTHING_TO_CLOSE', problem, fix)
    );
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
  ): void {
    const { orders, account: ledger } = this;
    const funds = this.#funds;
    const held = ledger.sizes[instrument];
    // What leaves no more of a position than rounding closes it, a short as well as a long one.
    const signed = Math.abs(held + moved) <= ROUNDING * Math.abs(held) ? -held : moved;
    const size = Math.abs(signed);
    const fee = funds.fee(size, price, maker);
    const inBase = funds.takesBase(instrument, signed > 0);
    const net = inBase ? signed - fee / price : signed;
    if (inBase && !(net > 0)) {
      const problem = `the fee of ${fee} takes all of ${size} ${this.instruments[instrument].base} at ${price}`;
      this.#end(id, refusal('SIZE_ZERO', problem, 'order more than the fee takes'));
      return;
    }
    const refused = funds.refuse(instrument, net, price, fee, slack);
    if (refused !== undefined) {
      this.#end(id, refused);
      return;
    }
    if (maker) orders.setMaker(id);
    const { bar } = this.#offers.slots[instrument];
    const row = ledger.fills.add(id, instrument, net, price, fee, time, maker, inBase);
    ledger.book(row, bar, orders.tag(id));
    this.events.pushFill(id, Status.completed, size, price, fee);
  }

  /** Ends an order for a reason. */
  #end(id: number, reason: OrderReason): void {
    const margin = reason.code === 'INSUFFICIENT_CASH';
    this.events.push(id, margin ? Status.margin : Status.rejected, reason);
  }

  /** Puts a limit order into the book and reserves what it may need; or says why not. */
  #rest(id: number): OrderReason | undefined {
    const { orders, account: ledger } = this;
    const instrument = orders.instrument(id);
    const filters = this.#filters[instrument];
    const funds = this.#funds;
    const sell = orders.isSell(id);
    const asked = orders.limit(id);
    const limit = filters.limit(sell, asked);
    const impossible = filters.refuseLimit(asked, limit);
    if (impossible !== undefined) return impossible;
    const inBase = funds.takesBase(instrument, !sell);
    let wanted = orders.size(id);
    const inQuote = Number.isNaN(wanted);
    if (inQuote) {
      const quote = orders.quote(id);
      const asMaker = funds.affordable(quote, limit, true, inBase);
      wanted = Math.min(asMaker, funds.affordable(quote, limit, false, inBase));
    } else if (orders.reduces(id)) {
      const closable = this.#closable(instrument, sell);
      if (!(closable > 0)) return this.#nothingToClose(instrument, sell, wanted);
      wanted = Math.min(wanted, closable);
    }
    const size = inQuote ? filters.sizeWithin(wanted) : filters.size(wanted);
    const refused = filters.refuseSize(wanted, size, limit, false);
    if (refused !== undefined) return refused;
    let reserved = 0;
    if (this.instruments[instrument].market === 'spot') {
      reserved = sell ? size : funds.mostCost(size, limit, inBase);
      const uncovered = sell
        ? funds.refuseSale(instrument, size)
        : funds.refusePurchase(instrument, size, limit, reserved);
      if (uncovered !== undefined) return uncovered;
      (sell ? ledger.reservedSizes[instrument] : ledger.reservedCash).add(reserved);
    }
    orders.setTerms(id, limit, size);
    const cancelled = Number.POSITIVE_INFINITY;
    this.#resting++;
    this.#limits.set(id, { id, instrument, sell, limit, size, reserved, resting: false, cancelled });
    return undefined;
  }

  /** Gives back what a limit order reserves. */
  #release(order: LimitOrder): void {
    const { reserved, sell, instrument } = order;
    if (reserved === 0) return;
    order.reserved = 0;
    (sell ? this.account.reservedSizes[instrument] : this.account.reservedCash).remove(reserved);
  }

  /** Takes a limit order out of the book. */
  #leave(order: LimitOrder): void {
    this.#release(order);
    this.#resting--;
    this.#limits.delete(order.id);
  }

  /** Finds the limit orders for which something happens, at the open or within the bar. */
  #judgeLimits(): void {
    const { orders } = this;
    const offers = this.#offers;
    for (const order of this.#limits.values()) {
      const { id, instrument } = order;
      const { bars, revision } = offers.slots[instrument];
      if (bars === undefined) continue;
      if (!order.resting) {
        if (!this.#meets(id, instrument)) continue;
        if (
          order.cancelled !== Number.POSITIVE_INFINITY ||
          this.#takes(order) ||
          orders.timeInForce(id) !== 'GTC'
        ) {
          this.#ready.push(id);
          continue;
        }
        order.resting = true;
        // Of an order that was placed within a bar, what the bar has reached so far may be from before it.
        if (revision && orders.notBefore(id) > Number.NEGATIVE_INFINITY) continue;
      } else if (
        order.cancelled !== Number.POSITIVE_INFINITY ||
        (offers.isOpenNew(instrument) && this.#takes(order))
      ) {
        this.#ready.push(id);
        continue;
      }
      if (order.sell ? offers.high(instrument) >= order.limit : offers.low(instrument) <= order.limit) {
        this.#touched.push(order);
      }
    }
  }

  /** True when the first price that a limit order meets is its limit or better. */
  #takes({ instrument, sell, limit }: LimitOrder): boolean {
    const { bars, row } = this.#offers.slots[instrument];
    const first = bars!.open[row];
    return sell ? first >= limit : first <= limit;
  }

  /** What happens to a limit order at the open: it takes the price, is taken by it, is cancelled, or expires. */
  #settleLimit(order: LimitOrder): void {
    const { id, instrument, sell, limit, resting, cancelled } = order;
    const { bars, row, openTime } = this.#offers.slots[instrument];
    const takes = !resting && openTime < cancelled && this.#takes(order);
    this.#leave(order);
    if (resting && cancelled === Number.POSITIVE_INFINITY) {
      // It is its own price that is taken, also by a bar that opens beyond it.
      this.#fillLimit(order, limit, openTime, true);
    } else if (takes) {
      const first = bars!.open[row];
      const slipped = this.#slippage.price(sell ? 'sell' : 'buy', first);
      this.#fillLimit(order, sell ? Math.max(slipped, limit) : Math.min(slipped, limit), openTime, false);
    } else if (cancelled !== Number.POSITIVE_INFINITY) {
      this.events.push(id, Status.canceled);
    } else {
      const code = this.orders.timeInForce(id) === 'IOC' ? 'IOC_NOT_FILLED' : 'FOK_NOT_FILLED';
      const side = sell ? 'at or above' : 'at or below';
      this.events.push(
        id,
        Status.expired,
        refusal(
          code,
          `the first price it met was ${bars!.open[row]}, not ${side} its limit ${limit}`,
          'give a limit that the market meets at once, or leave timeInForce at GTC',
        ),
      );
    }
  }

  /** Fills resting orders that the market has reached within the bar; that it had is known at the bar's close. */
  #fillTouched(): void {
    const touched = this.#touched;
    for (let i = 0; i < touched.length; i++) {
      const order = touched[i];
      this.#leave(order);
      this.#fillLimit(order, order.limit, this.#offers.slots[order.instrument].closeTime, true);
    }
    while (touched.length > 0) touched.pop();
  }

  #fillLimit(order: LimitOrder, price: number, time: number, maker: boolean): void {
    const { id, instrument, sell } = order;
    let { size } = order;
    if (!(price > 0)) {
      this.#end(id, priceReason(price));
      return;
    }
    if (this.orders.reduces(id)) {
      const closable = this.#closable(instrument, sell);
      if (!(closable > 0)) {
        this.#end(id, this.#nothingToClose(instrument, sell, size));
        return;
      }
      size = Math.min(size, closable);
    }
    // What it reserved is its own; that it sums to a last place less than it should is no reason to refuse it.
    this.#execute(id, instrument, sell ? -size : size, price, time, maker, ROUNDING);
  }
}

function unsupported(type: OrderType): OrderReason {
  return refusal('TYPE_UNSUPPORTED', `a ${type} order is not matched yet`, 'use a market or a limit order');
}

function priceReason(price: number): OrderReason {
  const problem = `the bar that should fill it opened at ${price}`;
  return refusal('PRICE_INVALID', problem, 'correct the data; an order is filled at prices above 0 only');
}
