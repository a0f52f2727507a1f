import type { Arrays } from '../../model/array-pool.ts';
import type { Bar, Bars } from '../../model/bars.ts';
import { InputError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { OrderReason } from '../../model/order.ts';
import type { Broker, Profile } from '../broker.ts';
import { Ledger } from '../ledger.ts';
import { OrderEvents } from '../order-events.ts';
import { OrderTable, Status } from '../orders.ts';
import { Admission } from './admission.ts';
import { BarWalk } from './bar-walk.ts';
import { type Commission, percentCommission } from './commission.ts';
import { Executor } from './executor.ts';
import { Families } from './families.ts';
import { Filters } from './filters.ts';
import { type FeeAsset, Funds } from './funds.ts';
import type { IntrabarPolicy } from './intrabar.ts';
import { Lifecycle } from './lifecycle.ts';
import { Liquidation } from './liquidation.ts';
import { Margin, type MarginOptions } from './margin.ts';
import { Offers } from './offers.ts';
import { refusal } from './refusal.ts';
import { Reservations } from './reservations.ts';
import { percentSlippage, type Slippage } from './slippage.ts';
import { reaches, trails, waitsBelow } from './triggers.ts';
import { type WorkingOrder, WorkingOrders } from './working-orders.ts';

export interface SimulatedBrokerOptions {
  readonly instruments: readonly Instrument[];
  /** In quote. */
  readonly cash: number;
  readonly commission?: Commission;
  readonly slippage?: Slippage;
  /** What a purchase's fee is taken in; default quote. On spot only. */
  readonly feeIn?: FeeAsset;
  /** Which way the price goes inside a bar; default worst. */
  readonly intrabar?: IntrabarPolicy;
  /** Of perpetuals. */
  readonly margin?: MarginOptions;
  /** Of its tables. */
  readonly arrays?: Arrays | undefined;
}

const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;
const DAY = 86_400_000;

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
  /** Asked for at every bar: counted anew by whatever may change it. */
  waiting = 0;
  /** Undefined where all instruments are spot. */
  readonly margin: Margin | undefined;
  readonly #offers: Offers;
  readonly #admission: Admission;
  readonly #executor: Executor;
  readonly #lifecycle: Lifecycle;
  readonly #liquidation: Liquidation | undefined;
  readonly #families = new Families();
  readonly #walk: BarWalk;
  /** Ids of the plain market orders in force, in the order in which they were placed. */
  readonly #pending: number[] = [];
  /** When market orders in force were cancelled; settled at their next bar. */
  readonly #cancels = new Map<number, number>();
  /** All other orders in force. */
  readonly #working = new WorkingOrders();
  /** Cash that comes in at the next match, in quote. */
  #deposits = 0;
  /** Orders for which something happens at the open: plain market orders by their ids, others by those below 0; kept, as the next ones, so that it need not be made anew. */
  readonly #ready: number[] = [];
  /** Plain limit orders that the market touches after the open. */
  readonly #touched: WorkingOrder[] = [];
  /** 1 for an instrument through whose bar the price is to be taken step by step, and how many there are. */
  readonly #walks: Uint8Array;
  #walkCount = 0;
  /** Orders for the close of the bar. */
  readonly #closing: number[] = [];
  /** Orders whose validity is over with the bar. */
  readonly #expiring: number[] = [];

  constructor(options: SimulatedBrokerOptions) {
    const { instruments, cash, arrays } = options;
    if (!(cash > 0 && cash < POSITIVE_INFINITY)) {
      throw new InputError('CASH_INVALID', `the starting cash was ${cash}`, {
        value: cash,
        limit: 'more than 0',
        fix: 'give a positive amount of quote currency, such as 10000',
      });
    }
    this.instruments = instruments;
    const ledger = new Ledger(instruments, cash, arrays);
    this.account = ledger;
    this.orders = new OrderTable(
      instruments.map(one => one.symbol),
      arrays,
    );
    this.margin = instruments.some(one => one.market === 'usdm')
      ? new Margin(ledger, options.margin ?? {})
      : undefined;
    const { orders, events, margin } = this;
    const [working, families] = [this.#working, this.#families];
    const commission = options.commission ?? percentCommission(0.001);
    const slippage = options.slippage ?? percentSlippage(0);
    const funds = new Funds(ledger, commission, options.feeIn ?? 'quote', margin?.leverage ?? 1);
    const filters = instruments.map(one => new Filters(one));
    const offers = new Offers(instruments.length);
    const reservations = new Reservations(ledger);
    const executor = new Executor({
      ...{ instruments, orders, events, ledger, filters, funds, offers, slippage },
      funding: margin?.funding,
    });
    const admission = new Admission({ instruments, orders, ledger, filters, funds, reservations, executor });
    this.#offers = offers;
    this.#walks = new Uint8Array(instruments.length);
    this.#admission = admission;
    this.#executor = executor;
    this.#lifecycle = new Lifecycle({
      ...{ orders, events, ledger, working, families, reservations, admission, executor },
      adopt: id => this.#adopt(id),
    });
    this.#lifecycle.onRest = instrument => this.#walkThrough(instrument);
    this.#liquidation =
      margin &&
      new Liquidation({ ledger, orders, events, margin, executor, offers, cancel: i => this.#cancelAll(i) });
    this.#walk = new BarWalk({
      ...{ ledger, working, offers, admission, margin, policy: options.intrabar ?? 'worst' },
      happenings: {
        reach: (order, price, time) => {
          if (order.armed) this.#lifecycle.trigger(order, price, time);
          else this.#lifecycle.make(order, price, time);
        },
        liquidate: (instrument, price, time) => this.#liquidation!.close(instrument, price, time),
      },
    });
  }

  /** What happened first comes first; at the same moment, what was ordered first. */
  readonly #byOpening = (a: number, b: number) =>
    this.#opened(Math.abs(a)) - this.#opened(Math.abs(b)) || Math.abs(a) - Math.abs(b);

  #countWaiting(): number {
    return (
      this.#pending.length +
      this.#working.count +
      (this.#deposits === 0 ? 0 : 1) +
      // A position on margin has to see every bar: it may be liquidated, or pay funding.
      (this.margin === undefined ? 0 : this.account.openPositions)
    );
  }

  /** Trades of which bars left open what became of them: another path inside them might have led elsewhere. */
  get pathDependent(): number {
    return this.#walk.dependence.count;
  }

  /** How many positions were liquidated. */
  get liquidations(): number {
    return this.#liquidation?.count ?? 0;
  }

  submit(id: number): void {
    this.#submit(id);
    this.waiting = this.#countWaiting();
  }

  #submit(id: number): void {
    const { orders, events } = this;
    events.push(id, Status.submitted);
    if (orders.size(id) <= 0 || orders.quote(id) <= 0) {
      const fix = 'check the sizer and the free cash before ordering';
      events.push(id, Status.rejected, refusal('SIZE_ZERO', 'the size came out as 0', fix));
      if (orders.hasFamily(id)) this.#lifecycle.refuseHeld(id);
      return;
    }
    if (orders.isPlain(id)) {
      this.#pending.push(id);
      events.push(id, Status.accepted);
      return;
    }
    if (orders.isOfDay(id)) orders.setValidUntil(id, (Math.floor(orders.createdAt(id) / DAY) + 1) * DAY - 1);
    if (orders.hasFamily(id)) this.#lifecycle.enterMember(id);
    else this.#lifecycle.enter(id, 0);
  }

  refuse(id: number, reason: OrderReason): void {
    this.events.push(id, Status.submitted);
    this.events.push(id, Status.rejected, reason);
    if (this.orders.hasFamily(id)) this.#lifecycle.refuseHeld(id);
    this.waiting = this.#countWaiting();
  }

  cancel(id: number, time: number): void {
    if (this.#working.has(id) || this.#families.has(id)) this.#lifecycle.cancel(id, time);
    else if (this.#pending.includes(id) && !this.#cancels.has(id)) this.#cancels.set(id, time);
    this.waiting = this.#countWaiting();
  }

  offer(
    instrument: number,
    bars: Bars,
    row: number,
    openTime: number,
    closeTime: number,
    bar: number,
    part = bar,
  ): void {
    this.#offers.closed(instrument, bars, row, openTime, closeTime, bar, part);
  }

  offerForming(instrument: number, bar: Bar, time: number, number: number, part = number): void {
    this.#offers.revised(instrument, bar, time, number, part);
  }

  addCash(amount: number): void {
    this.#deposits += amount;
    this.waiting = this.#countWaiting();
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
    this.waiting = this.#countWaiting();
  }

  end(): void {
    for (const id of this.#pending) if (this.#cancels.has(id)) this.events.push(id, Status.canceled);
    for (const order of [...this.#working.values()]) {
      if (order.cancelled !== POSITIVE_INFINITY && this.#working.has(order.id)) {
        this.#lifecycle.drop(order, Status.canceled);
      }
    }
    this.waiting = this.#countWaiting();
  }

  #matchOffers(): void {
    const lifecycle = this.#lifecycle;
    lifecycle.match++;
    lifecycle.within = false;
    if (this.margin !== undefined) this.#settleFunding();
    this.#judgePending();
    if (this.#working.count !== 0) this.#judgeWorking();
    this.#settleOpens();
    if (this.margin !== undefined) this.#liquidateAtOpen();
    lifecycle.within = true;
    // One order alone that the bar touches: nothing can come before or after it.
    if (this.#walkCount === 0 && this.#touched.length === 1) {
      const [order] = this.#touched;
      // A liquidation at the open has cancelled it.
      if (this.#working.has(order.id)) {
        lifecycle.make(order, order.limit, this.#offers.slots[order.instrument].closeTime);
      }
    } else if (this.#touched.length + this.#walkCount !== 0) this.#walkBars();
    while (this.#touched.length > 0) this.#touched.pop();
    if (this.#closing.length !== 0) this.#fillAtClose();
    if (this.#expiring.length !== 0) this.#expire();
    if (this.margin?.funding !== undefined) this.#settleFundingWithin();
    const { slots } = this.#offers;
    for (let i = 0; i < slots.length; i++) slots[i].bars = undefined;
  }

  #judgePending(): void {
    const { orders } = this;
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
  }

  /** Finds the orders for which something happens: at the open, within the bar, at its close. */
  #judgeWorking(): void {
    for (const order of this.#working.values()) {
      const slot = this.#offers.slots[order.instrument];
      if (slot.bars === undefined) continue;
      if (!order.resting && !this.#meets(order.id, order.instrument)) continue;
      if (this.#happensAtOpen(order)) {
        this.#ready.push(-order.id);
        continue;
      }
      if (slot.closeTime > order.validUntil && !slot.revision) {
        this.#expiring.push(order.id);
        // Whether the bar got there while the order was valid, nobody can tell.
        if (slot.closeTime - 1 > order.validUntil) {
          order.spared = this.#lifecycle.match;
          continue;
        }
      }
      if (order.type === 'close') {
        if (!slot.revision) this.#closing.push(order.id);
        continue;
      }
      if (!order.resting) {
        order.resting = true;
        if (trails(order)) this.#admission.trail(order, slot.bars.open[slot.row]);
        // Of an order that was placed within a bar, what the bar has reached so far may be from before it.
        if (slot.revision && this.orders.notBefore(order.id) > NEGATIVE_INFINITY) {
          order.spared = this.#lifecycle.match;
          continue;
        }
      } else if (order.armed && trails(order) && !Number.isNaN(slot.opened)) {
        this.#admission.trail(order, slot.opened);
      }
      this.#judgeRange(order);
    }
  }

  #happensAtOpen(order: WorkingOrder): boolean {
    const { instrument, armed, limit, resting } = order;
    const { bars, row, openTime, opened } = this.#offers.slots[instrument];
    if (order.cancelled !== POSITIVE_INFINITY || openTime > order.validUntil) return true;
    const open = bars!.open[row];
    if (resting) return reaches(order, opened);
    if (armed) return reaches(order, open);
    if (Number.isNaN(limit)) return order.type !== 'close';
    return reaches(order, open) || this.orders.timeInForce(order.id) !== 'GTC';
  }

  #judgeRange(order: WorkingOrder): void {
    const { instrument, type } = order;
    const extreme = waitsBelow(order) ? this.#offers.low(instrument) : this.#offers.high(instrument);
    const reached = reaches(order, extreme);
    if (!reached && !(order.armed && trails(order))) return;
    if (type === 'limit' && this.#families.isEmpty) this.#touched.push(order);
    else this.#walkThrough(instrument);
  }

  #walkThrough(instrument: number): void {
    this.#walkCount += 1 - this.#walks[instrument];
    this.#walks[instrument] = 1;
  }

  #settleOpens(): void {
    const ready = this.#ready;
    if (ready.length > 1) ready.sort(this.#byOpening);
    for (let i = 0; i < ready.length; i++) {
      const id = ready[i];
      if (id > 0) this.#settleMarket(id);
      else {
        const order = this.#working.get(-id);
        if (order !== undefined) this.#settle(order);
      }
    }
    while (ready.length > 0) ready.pop();
  }

  /** Fills a plain market order at its first price, unless it had been cancelled by then. */
  #settleMarket(id: number): void {
    const { bars, row, openTime } = this.#offers.slots[this.orders.instrument(id)];
    const cancelled = this.#cancels.size === 0 ? undefined : this.#cancels.get(id);
    if (cancelled !== undefined) this.#cancels.delete(id);
    if (cancelled !== undefined && openTime >= cancelled) this.events.push(id, Status.canceled);
    else this.#executor.take(id, this.orders.size(id), bars!.open[row], Number.NaN, openTime);
  }

  /** What happens to an order at the open: it is cancelled, expires, takes the price, is taken by it, or is triggered. */
  #settle(order: WorkingOrder): void {
    const { id, instrument, resting, cancelled, validUntil, armed } = order;
    const { bars, row, openTime, opened, revision } = this.#offers.slots[instrument];
    const lifecycle = this.#lifecycle;
    const open = bars!.open[row];
    lifecycle.revision = revision;
    if (cancelled !== POSITIVE_INFINITY && (resting || openTime >= cancelled)) {
      lifecycle.drop(order, Status.canceled);
    } else if (openTime > validUntil) lifecycle.expire(order);
    else if (!resting) lifecycle.meet(order, open, openTime);
    // It is its own price that is taken, also by a bar that opens beyond it.
    else if (!armed) lifecycle.make(order, opened, openTime);
    else lifecycle.trigger(order, opened, openTime);
    if (!this.#working.has(id)) return;
    if (cancelled !== POSITIVE_INFINITY) lifecycle.drop(order, Status.canceled);
    else this.#walkThrough(instrument);
  }

  /** Takes the price through the bars of all instruments for which something happens within. */
  #walkBars(): void {
    for (const { instrument } of this.#touched) this.#walkThrough(instrument);
    for (let i = 0; i < this.#walks.length; i++) {
      if (this.#walks[i] === 0) continue;
      this.#lifecycle.revision = this.#offers.slots[i].revision;
      this.#walk.walk(i, this.#lifecycle.match);
    }
    this.#walks.fill(0);
    this.#walkCount = 0;
  }

  #fillAtClose(): void {
    for (const id of this.#closing) {
      const order = this.#working.get(id);
      if (order === undefined) continue;
      const { bars, row, closeTime } = this.#offers.slots[order.instrument];
      this.#lifecycle.take(order, bars!.close[row], closeTime);
    }
    this.#closing.length = 0;
    // Of the bar nothing is left for children that have come into force at its close.
    this.#walks.fill(0);
    this.#walkCount = 0;
  }

  #expire(): void {
    for (const id of this.#expiring) {
      const order = this.#working.get(id);
      if (order !== undefined) this.#lifecycle.expire(order);
    }
    this.#expiring.length = 0;
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

  /** Takes a plain market order out of the queue, since another order belongs to it. */
  #adopt(id: number): WorkingOrder | undefined {
    const at = this.#pending.indexOf(id);
    if (at < 0) return undefined;
    this.#pending.splice(at, 1);
    const cancelled = this.#cancels.get(id) ?? POSITIVE_INFINITY;
    this.#cancels.delete(id);
    return this.#admission.atMarket(id, cancelled);
  }

  /** Cancels every order on an instrument, as an exchange does before it liquidates. */
  #cancelAll(instrument: number): void {
    for (const order of [...this.#working.values()]) {
      if (order.instrument === instrument) this.#lifecycle.end(order.id);
    }
  }

  #settleFunding(): void {
    const funding = this.margin!.funding;
    if (funding === undefined) return;
    for (const [i, { bars, row, openTime }] of this.#offers.slots.entries()) {
      if (bars !== undefined) funding.settle(i, openTime, bars.open[row]);
    }
  }

  /** Moments inside the bar are settled at its close, on what is held then; the close itself belongs to the next bar. */
  #settleFundingWithin(): void {
    const funding = this.margin!.funding!;
    for (const [i, { bars, row, closeTime, revision }] of this.#offers.slots.entries()) {
      if (bars !== undefined && !revision) funding.settle(i, closeTime - 1, bars.close[row]);
    }
  }

  /** Liquidates what the bar has opened beyond its price for; the range is judged on the way through the bar. */
  #liquidateAtOpen(): void {
    const { slots } = this.#offers;
    for (let i = 0; i < slots.length; i++) {
      const { bars, row, openTime } = slots[i];
      const size = this.account.sizes[i];
      if (bars === undefined || size === 0) continue;
      const price = this.margin!.liquidationPrice(i);
      const open = bars.open[row];
      if (size > 0 ? open <= price : open >= price) this.#liquidation!.close(i, open, openTime);
      else if (size > 0 ? this.#offers.low(i) <= price : this.#offers.high(i) >= price) this.#walkThrough(i);
    }
  }
}
