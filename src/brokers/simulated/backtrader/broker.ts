import type { Bars } from '../../../model/bars.ts';
import { InputError } from '../../../model/errors.ts';
import type { Instrument } from '../../../model/instrument.ts';
import type { OrderReason } from '../../../model/order.ts';
import type { Broker, Profile } from '../../broker.ts';
import { OrderEvents } from '../../order-events.ts';
import { OrderTable, Status } from '../../orders.ts';
import type { Filler } from '../filler.ts';
import { refusal } from '../refusal.ts';
import type { BarSlippage } from '../slippage.ts';
import { BacktraderAccount } from './account.ts';
import type { Executions } from './executions.ts';
import { Families } from './families.ts';
import { Groups } from './groups.ts';
import { type LastBar, LastBars } from './last-bars.ts';
import { type Match, Matching } from './matching.ts';
import { OrderQueue } from './order-queue.ts';
import { Outcomes } from './outcomes.ts';
import { SubmitCheck } from './submit-check.ts';
import type { CommissionTerms } from './terms.ts';
import { sessionEndOf, WorkingOrder } from './working-order.ts';

export interface BacktraderBrokerOptions {
  readonly instruments: readonly Instrument[];
  readonly cash: number;
  /** One an instrument. */
  readonly terms: readonly CommissionTerms[];
  /** Ends of the trading sessions, one an instrument, ms after midnight UTC. */
  readonly sessionEnds: readonly number[];
  readonly slippage: BarSlippage | undefined;
  readonly filler: Filler | undefined;
  readonly cheatOnClose: boolean;
  readonly cheatOnOpen: boolean;
  readonly cheatsOnOpen: boolean;
  readonly checkSubmit: boolean;
  readonly shortCash: boolean;
  readonly interestToResult: boolean;
  readonly fundStart: number;
  /** True when analyzers are to measure the worth of a share. */
  readonly fundMode: boolean;
}

/** Parents that are remembered after their group has cancelled them. */
const MOST_KEPT = 1000;

/**
 * Executes orders by backtrader's rules, which docs/fills-backtrader.md has as tables. An order that is placed in a step
 * is looked at in the next one, against the last closed bar of its instrument.
 */
export class BacktraderBroker implements Broker {
  readonly instruments: readonly Instrument[];
  readonly account: BacktraderAccount;
  readonly orders: OrderTable;
  readonly events = new OrderEvents();
  readonly profile: Profile = 'backtrader';
  readonly cheatsOnOpen: boolean;
  /** Interest, settlement and value are due at every step, whether or not an order waits. */
  readonly waiting = 1;
  /** The rules leave nothing open: an order is judged by the bar's four prices alone, and nobody liquidates. */
  readonly pathDependent = 0;
  readonly liquidations = 0;
  readonly #terms: readonly CommissionTerms[];
  readonly #sessionEnds: readonly number[];
  readonly #filler: Filler | undefined;
  readonly #cheatOnClose: boolean;
  readonly #cheatOnOpen: boolean;
  readonly #checkSubmit: boolean;
  readonly #matching: Matching;
  readonly #check: SubmitCheck;
  readonly #bars: LastBars;
  readonly #working = new Map<number, WorkingOrder>();
  /** The last orders that their groups have cancelled. */
  readonly #canceled = new Map<number, WorkingOrder>();
  readonly #outcomes = new Outcomes();
  readonly #groups: Groups;
  readonly #families = new Families();
  /** Orders that wait for the check of the next step. */
  #submitted: WorkingOrder[] = [];
  readonly #pending = new OrderQueue();
  /** Children whose parent has been filled: in force from the next step on. */
  #released: WorkingOrder[] = [];

  constructor(options: BacktraderBrokerOptions) {
    const { instruments, cash, terms } = options;
    if (!(cash > 0 && cash < Number.POSITIVE_INFINITY)) {
      throw new InputError('CASH_INVALID', `the starting cash was ${cash}`, {
        value: cash,
        limit: 'more than 0',
        fix: 'give a positive amount of quote currency, such as 10000',
      });
    }
    this.instruments = instruments;
    this.account = new BacktraderAccount(options);
    this.orders = new OrderTable(instruments.map(one => one.symbol));
    this.cheatsOnOpen = options.cheatsOnOpen;
    this.#terms = terms;
    this.#sessionEnds = options.sessionEnds;
    this.#filler = options.filler;
    this.#cheatOnClose = options.cheatOnClose;
    this.#cheatOnOpen = options.cheatOnOpen;
    this.#checkSubmit = options.checkSubmit;
    this.#matching = new Matching(options);
    this.#check = new SubmitCheck(this.account, terms, options.shortCash);
    this.#bars = new LastBars(instruments.length);
    this.#groups = new Groups(this.orders, this.#working);
  }

  /** How each fill divided into closing and opening; row `n` belongs to fill `n` of the account. */
  get executions(): Executions {
    return this.account.executions;
  }

  /** When an order last ended without its fills, by the last bar of its instrument, epoch ms UTC; NaN for others. */
  endedAt(id: number): number {
    return this.#outcomes.time(id);
  }

  submit(id: number): void {
    const { orders } = this;
    this.#outcomes.extend(id);
    const instrument = orders.instrument(id);
    const bar = this.#bars.current[instrument];
    const reason = this.#prepare(id, bar);
    if (reason !== undefined) {
      this.refuse(id, reason);
      return;
    }
    const end = sessionEndOf(bar.time, this.#sessionEnds[instrument]);
    const order = new WorkingOrder(orders, id, bar, end);
    this.#working.set(id, order);
    this.#show(order);
    if (orders.isOfDay(id)) orders.setValidUntil(id, order.validUntil);
    if (orders.ocoId(id) !== 0) this.#groups.join(id);
    const { parentId } = order;
    const transmits = orders.transmits(id);
    if (parentId !== 0 && this.#isOrphan(parentId)) this.#reject(order);
    else if (parentId === 0 && transmits) this.#transmit(order);
    else {
      const family = parentId === 0 ? id : parentId;
      const parent = this.#working.get(family) ?? this.#canceled.get(family);
      const members = this.#families.add(family, parent, order);
      if (!transmits) return;
      for (const member of members) {
        member.repeated ||= member.placed;
        this.#transmit(member);
      }
    }
  }

  /** Makes a size of what is given in quote, and a price of what follows from a fill; or says what is wrong. */
  #prepare(id: number, bar: LastBar): OrderReason | undefined {
    const { orders } = this;
    if (Number.isNaN(bar.close)) {
      const problem = `${orders.symbol(id)} has no bar yet`;
      return refusal('NO_PRICE', problem, 'wait until it has one');
    }
    const quote = orders.quote(id);
    if (quote > 0) {
      orders.setTerms(id, orders.limit(id), this.sizeFor(orders.instrument(id), quote, bar.close));
    }
    if (!(orders.size(id) > 0)) {
      const fix = 'check the sizer and the free cash before ordering';
      return refusal('SIZE_ZERO', 'the size came out as 0', fix);
    }
    const offset = this.#offset(id, bar.close);
    if (!Number.isNaN(offset)) this.#setPrice(id, bar.close + offset);
    return undefined;
  }

  /** How far the price of a child lies from its parent's fill `price`; NaN for one that was given. */
  #offset(id: number, price: number): number {
    const percent = this.orders.fillOffsetPercent(id);
    return Number.isNaN(percent) ? this.orders.fillOffset(id) : price * percent;
  }

  #setPrice(id: number, price: number): void {
    if (this.orders.isLimit(id)) this.orders.setLimit(id, price);
    else this.orders.setStop(id, price);
  }

  /** True when there is no family to join: its parent has ended without its fills, or is itself a child. */
  #isOrphan(parentId: number): boolean {
    return this.orders.parentId(parentId) !== 0 || this.#outcomes.isOrphaned(parentId);
  }

  refuse(id: number, reason: OrderReason): void {
    this.#outcomes.extend(id);
    this.#outcomes.orphan(id);
    this.events.push(id, Status.submitted);
    this.events.push(id, Status.rejected, reason);
  }

  #transmit(order: WorkingOrder): void {
    order.placed = true;
    this.#revive(order);
    if (this.#checkSubmit) {
      this.events.push(order.id, Status.submitted);
      this.#submitted.push(order);
    } else this.#accept(order);
  }

  /** An order that is handed over again with its family, or filled after it had been cancelled, is in force again. */
  #revive(order: WorkingOrder): void {
    order.alive = true;
    order.completed = false;
    this.#working.set(order.id, order);
  }

  #accept(order: WorkingOrder): void {
    this.#revive(order);
    order.sessionClose = Number.NaN;
    this.events.push(order.id, Status.accepted);
    this.#pending.push(order);
  }

  /** Orders that have not been accepted yet cannot be cancelled: the request is lost. */
  cancel(id: number): void {
    const order = this.#withdraw(id);
    if (order !== undefined) this.#endFamily(order);
  }

  offer(instrument: number, bars: Bars, row: number, _open: number, closeTime: number, bar: number): void {
    this.#bars.take(instrument, bars, row, closeTime, bar);
  }

  /** Orders are matched against closed bars alone. */
  offerForming(): void {}

  addCash(amount: number): void {
    this.account.deposit(amount);
  }

  sizeFor(instrument: number, amount: number, price: number): number {
    return amount < 0
      ? -this.#terms[instrument].sizeFor(-amount, price)
      : this.#terms[instrument].sizeFor(amount, price);
  }

  valueOf(instrument: number): number {
    this.account.takeDeposits();
    return this.account.valueOf(instrument, this.#bars.current[instrument].close);
  }

  /** What a position of `size` base units would be worth at `price`, in quote. */
  worthOf(instrument: number, size: number, price: number): number {
    return this.#terms[instrument].worth(size, price);
  }

  match(): void {
    for (const order of this.#released) order.active = true;
    this.#released = [];
    if (this.#submitted.length > 0) this.#checkSubmitted();
    this.#chargeInterest();
    if (this.#pending.length > 0) this.#matchPending();
    const { account } = this;
    const { current } = this.#bars;
    for (let i = 0; i < current.length; i++) account.settle(i, current[i].close);
    account.revalue(i => current[i].close);
  }

  /** What would be told with the next bar is not told: there is none. */
  end(): void {
    this.events.drop(this.events.length);
  }

  #checkSubmitted(): void {
    const submitted = this.#submitted;
    this.#submitted = [];
    this.#check.begin();
    for (const order of submitted) {
      if (order.parentId !== 0 && this.#isOrphan(order.parentId)) {
        this.#reject(order);
        continue;
      }
      const { instrument, remaining } = order;
      const atOpen = this.#cheatOnOpen && order.type === 'market';
      const price = atOpen ? this.#bars.current[instrument].open : order.price;
      if (this.#check.bears(instrument, remaining, price)) this.#accept(order);
      else this.#refuseMargin(order, price);
    }
  }

  #end(order: WorkingOrder): void {
    order.alive = false;
    order.completed = false;
    this.#working.delete(order.id);
  }

  #reject(order: WorkingOrder): void {
    this.#end(order);
    this.#outcomes.setTime(order.id, this.#bars.current[order.instrument].time);
    const fix = 'place children together with their parent';
    this.events.push(
      order.id,
      Status.rejected,
      refusal('PARENT_ENDED', `its parent, order ${order.parentId}, has ended`, fix),
    );
  }

  #chargeInterest(): void {
    const { account } = this;
    let interest = 0;
    for (let i = 0; i < this.#terms.length; i++) {
      interest += account.chargeInterest(i, this.#bars.current[i].time);
    }
    if (interest !== 0) account.withdraw(interest);
  }

  #matchPending(): void {
    const pending = this.#pending;
    pending.beginPass();
    for (let order = pending.take(); order !== undefined; order = pending.take()) {
      const bar = this.#bars.current[order.instrument];
      if (order.type !== 'market' && bar.time > order.validUntil) this.#expire(order, bar);
      else if (!order.active) pending.push(order);
      else {
        this.#matchOne(order, bar);
        if (order.alive) pending.push(order);
        else if (order.completed) this.#complete(order);
      }
    }
  }

  #matchOne(order: WorkingOrder, bar: LastBar): void {
    const wasTriggered = order.triggered;
    const match = this.#matching.match(order, bar);
    if (!Number.isNaN(match.price)) this.#execute(order, match, bar);
    if (!order.trails || wasTriggered || !order.alive) return;
    order.follow(bar.close);
    this.#show(order);
  }

  /** Writes the prices of an order that trails to the table, where the strategy reads them. */
  #show(order: WorkingOrder): void {
    if (!order.trails) return;
    this.orders.setStop(order.id, order.price);
    if (order.type === 'stopTrailLimit') this.orders.setLimit(order.id, order.limit);
  }

  #execute(order: WorkingOrder, { price, late }: Readonly<Match>, bar: LastBar): void {
    const { instrument } = order;
    const { account } = this;
    const at = late ? this.#bars.previous[instrument] : bar;
    let size = order.remaining;
    if (this.#filler !== undefined) {
      const amount = this.#filler.size(Math.abs(size), at.volume, at.high, at.low);
      size = order.sell ? -amount : amount;
    }
    const { closed, opened, openedValue } = account.execute(instrument, size, price);
    const executed = closed + opened;
    // What could not be paid for is the opening part, which the account has struck out.
    const short = opened === 0 && openedValue === 0 && closed !== size;
    if (executed !== 0) {
      const cheats = order.type === 'market' && this.#cheatOnClose;
      const time = cheats ? order.placedAt : at.time;
      this.#book(order, executed, price, time, bar);
      this.#endGroup(order);
    }
    if (short) this.#refuseMargin(order, price);
  }

  #book(order: WorkingOrder, size: number, price: number, time: number, bar: LastBar): void {
    const { id, instrument } = order;
    const { account } = this;
    account.book(
      id,
      instrument,
      price,
      time,
      bar.time,
      bar.number,
      this.orders.tradeId(id),
      this.orders.tag(id),
    );
    const filled = order.filled + size;
    order.average = (order.filled * order.average + size * price) / filled;
    order.filled = filled;
    order.fees += account.fills.fee(account.fills.length - 1);
    order.remaining -= size;
    if (order.remaining === 0) this.#end(order);
    else this.#revive(order);
    order.completed = order.remaining === 0;
    const status = order.remaining === 0 ? Status.completed : Status.partial;
    this.events.pushFill(id, status, Math.abs(filled), order.average, order.fees);
  }

  /** A child that is filled ends its family; the children of a parent come into force with the next step. */
  #complete(order: WorkingOrder): void {
    if (order.parentId !== 0) this.#endFamily(order);
    else for (const child of this.#families.release(order.id)) this.#release(child, order.average);
  }

  #release(child: WorkingOrder, price: number): void {
    this.#released.push(child);
    const offset = this.#offset(child.id, price);
    if (Number.isNaN(offset)) return;
    child.reprice(price + offset);
    this.#setPrice(child.id, price + offset);
  }

  #expire(order: WorkingOrder, bar: LastBar): void {
    this.#end(order);
    this.#outcomes.setTime(order.id, bar.time);
    const problem = `it was valid until ${new Date(order.validUntil).toISOString()}`;
    this.events.push(order.id, Status.expired, refusal('EXPIRED', problem, 'let it be valid for longer'));
    this.#endGroup(order);
    this.#endFamily(order);
  }

  #refuseMargin(order: WorkingOrder, price: number): void {
    const { id, instrument, remaining } = order;
    this.#end(order);
    this.#outcomes.setTime(id, this.#bars.current[instrument].time);
    const { base, quote } = this.instruments[instrument];
    const problem = `${Math.abs(remaining)} ${base} at ${price} takes more than the cash of ${this.account.cash} ${quote}`;
    this.events.push(id, Status.margin, refusal('INSUFFICIENT_CASH', problem, 'order less'));
    this.#endGroup(order);
    this.#endFamily(order);
  }

  /** Takes an order out of the queue; undefined when it is not there. */
  #withdraw(id: number): WorkingOrder | undefined {
    const order = this.#pending.remove(id);
    if (order === undefined) return undefined;
    this.#drop(order);
    this.#endGroup(order);
    return order;
  }

  #drop(order: WorkingOrder): void {
    this.#end(order);
    this.#outcomes.setTime(order.id, this.#bars.current[order.instrument].time);
    this.events.push(order.id, Status.canceled);
  }

  /** One of a group has been filled or has ended: cancels the others, the last in the queue first. */
  #endGroup(order: WorkingOrder): void {
    const ids = this.#groups.dissolve(order);
    if (ids === undefined || (ids.length === 1 && ids[0] === order.id && !order.repeated)) return;
    for (const other of this.#pending.removeLast(ids)) {
      this.#drop(other);
      this.#keepParent(other);
    }
  }

  /** An order that its group has cancelled may be named as a parent still, and then comes to life again. */
  #keepParent(order: WorkingOrder): void {
    if (order.parentId !== 0) return;
    const kept = this.#canceled;
    kept.set(order.id, order);
    if (kept.size > MOST_KEPT) for (const oldest of kept.keys()) return void kept.delete(oldest);
  }

  /** Cancels what is left of the family of an order, which has ended as a parent or as a child. */
  #endFamily({ id, parentId }: WorkingOrder): void {
    const parent = parentId === 0 ? id : parentId;
    this.#outcomes.orphan(parent);
    for (const member of this.#families.end(parent)) this.#withdraw(member.id);
  }
}
