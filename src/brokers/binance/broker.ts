import type { Bar, Bars } from '../../model/bars.ts';
import { InputError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { OrderReason } from '../../model/order.ts';
import type { Profile } from '../broker.ts';
import { Ledger } from '../ledger.ts';
import { OrderEvents } from '../order-events.ts';
import { OrderTable, Status } from '../orders.ts';
import { Admission } from '../simulated/admission.ts';
import { makerTakerCommission } from '../simulated/commission.ts';
import { Executor } from '../simulated/executor.ts';
import { Filters } from '../simulated/filters.ts';
import { Funds } from '../simulated/funds.ts';
import { Offers } from '../simulated/offers.ts';
import { refusal } from '../simulated/refusal.ts';
import { Reservations } from '../simulated/reservations.ts';
import { percentSlippage } from '../simulated/slippage.ts';
import { trails } from '../simulated/triggers.ts';
import { Booking } from './booking.ts';
import type { AccountInput, Command, ExchangeBroker, Holdings, KnownOrder } from './commands.ts';
import { Composer } from './composer.ts';
import { Coverage } from './coverage.ts';
import { Desk } from './desk.ts';
import { Exits } from './exits.ts';
import { Intake } from './intake.ts';
import type { BrokerNotice } from './notices.ts';
import { EXPIRED } from './outcomes.ts';
import type { TradingSymbol } from './port.ts';
import { Reports } from './reports.ts';
import { Risk, type RiskLimits, riskLimits } from './risk.ts';
import { TradingState } from './state.ts';
import { refuseType } from './unsupported.ts';

/** What executions cost, as fractions, and what purchases pay it in; `other` is another asset, such as BNB. */
export interface ExchangeFees {
  readonly maker: number;
  readonly taker: number;
  readonly in: 'base' | 'quote' | 'other';
}

export interface BinanceBrokerOptions {
  /** All of the spot market. */
  readonly instruments: readonly Instrument[];
  /** The exchange's terms of each, in the same order. */
  readonly symbols: readonly TradingSymbol[];
  /** What the session is given of the account, in quote. */
  readonly cash: number;
  /** Tells this session's orders from those of all others, in all of its lives. */
  readonly session: string;
  /** What orders are sized by before they are executed; default 0.1 % in base. What was paid the executions tell. */
  readonly fees?: ExchangeFees | undefined;
  readonly limits?: Partial<RiskLimits> | undefined;
  /** How far beyond its trigger a stop may fill on a symbol that has no stops at the market; default 0.02. */
  readonly stopCollar?: number | undefined;
}

const FEES: ExchangeFees = { maker: 0.001, taker: 0.001, in: 'base' };
const COLLAR = 0.02;
const DAY = 86_400_000;

/**
 * Has orders executed at a real exchange. It reads no clock and asks nobody: from what the strategy orders and what it is
 * told of the account follow the commands, so that a session that lives through its journal again stands where it stood.
 * docs/live.md says what becomes of each type of order.
 */
export class BinanceBroker implements ExchangeBroker {
  readonly instruments: readonly Instrument[];
  readonly account: Ledger;
  readonly orders: OrderTable;
  readonly events = new OrderEvents();
  readonly profile: Profile = 'crypto';
  readonly cheatsOnOpen = false;
  readonly watches = true;
  readonly pathDependent = 0;
  readonly liquidations = 0;
  readonly #state: TradingState;
  readonly #booking: Booking;
  readonly #coverage: Coverage;
  readonly #admission: Admission;
  readonly #desk: Desk;
  readonly #intake: Intake;
  readonly #reports: Reports;
  readonly #risk: Risk;
  /** Cash that comes in at the next match, in quote. */
  #deposits = 0;

  /** Throws InputError `CASH_INVALID`, `FEES_INVALID`, `COLLAR_INVALID`, `MARKET_UNSUPPORTED`, `SYMBOL_TERMS_MISSING`, `RISK_LIMIT_*`. */
  constructor(options: BinanceBrokerOptions) {
    const { instruments, symbols, cash, session, fees = FEES, stopCollar = COLLAR } = options;
    check(options, fees, stopCollar);
    this.instruments = instruments;
    const ledger = new Ledger(instruments, cash);
    this.account = ledger;
    this.orders = new OrderTable(instruments.map(one => one.symbol));
    const { orders, events } = this;
    const quotes = instruments.map(one => one.quote);
    this.#risk = new Risk(riskLimits(quotes, options.limits));
    const state = new TradingState(symbols);
    const inBase = fees.in === 'base';
    const feeOnTop = inBase ? 0 : Math.max(fees.maker, fees.taker);
    const funds = new Funds(ledger, makerTakerCommission(fees), inBase ? 'base' : 'quote');
    const filters = instruments.map(one => new Filters(one));
    const reservations = new Reservations(ledger);
    // Of the simulated broker's executor only its judgement is used: nothing is executed here.
    const executor = new Executor({
      ...{ instruments, orders, events, ledger, filters, funds, funding: undefined },
      offers: new Offers(instruments.length),
      slippage: percentSlippage(0),
    });
    const admission = new Admission({ instruments, orders, ledger, filters, funds, reservations, executor });
    const booking = new Booking(instruments, ledger, orders);
    const coverage = new Coverage(state, ledger, booking, feeOnTop);
    const composer = new Composer(session, state, { ...fees, inBase }, stopCollar);
    const desk = new Desk({
      ...{ instruments, state, orders, events, reservations, booking, coverage, composer },
    });
    const exits = new Exits({ state, orders, events, ledger, admission, desk, feeOnTop });
    this.#state = state;
    this.#booking = booking;
    this.#coverage = coverage;
    this.#admission = admission;
    this.#desk = desk;
    this.#intake = new Intake({
      ...{ state, orders, events, ledger, filters, funds, admission, reservations, desk, exits },
    });
    this.#reports = new Reports({ state, events, booking, desk, exits });
  }

  /** The limits that hold, to be shown. */
  get limits(): RiskLimits {
    return this.#risk.limits;
  }

  get halted(): { readonly code: string; readonly message: string } | undefined {
    return this.#state.halted;
  }

  get waiting(): number {
    return this.#state.orders.size + (this.#deposits === 0 ? 0 : 1);
  }

  /** How many reports were of orders of somebody else. */
  get foreignReports(): number {
    return this.#reports.foreign;
  }

  *known(): Generator<KnownOrder> {
    yield* this.#state.sent;
  }

  orderOf(clientOrderId: string): number | undefined {
    const found = this.#state.sent.find(clientOrderId);
    return found?.owner.serves[found.owner.orders.indexOf(found.order)]?.id;
  }

  holdings(symbol: string): Holdings {
    const instrument = this.instruments.findIndex(one => one.symbol === symbol);
    const coverage = this.#coverage;
    return {
      held: this.#booking.positions[instrument],
      unlocked: coverage.unlocked(instrument),
      purchases: coverage.purchases(instrument),
    };
  }

  takeCommands(): Command[] {
    this.#desk.settle();
    return this.#state.takeCommands();
  }

  /** What people should hear of since this was last asked. */
  takeNotices(): BrokerNotice[] {
    return this.#state.notices.take();
  }

  submit(id: number): void {
    const { orders, events } = this;
    this.#state.pass(orders.createdAt(id));
    events.push(id, Status.submitted);
    const refused = this.#refuse(id);
    if (refused !== undefined) {
      this.#intake.refuse(id, refused);
      return;
    }
    if (orders.isOfDay(id)) orders.setValidUntil(id, (Math.floor(orders.createdAt(id) / DAY) + 1) * DAY - 1);
    this.#intake.take(id);
  }

  refuse(id: number, reason: OrderReason): void {
    this.events.push(id, Status.submitted);
    this.#intake.refuse(id, reason);
  }

  cancel(id: number, time: number): void {
    this.#state.pass(time);
    this.#intake.cancel(id);
  }

  /** Why an order is not taken at all, if so. */
  #refuse(id: number): OrderReason | undefined {
    const { orders } = this;
    if (orders.size(id) <= 0 || orders.quote(id) <= 0) {
      return refusal(
        'SIZE_ZERO',
        'the size came out as 0',
        'check the sizer and the free cash before ordering',
      );
    }
    const unsupported = refuseType(orders, id, this.#state.terms[orders.instrument(id)]);
    if (unsupported !== undefined) return unsupported;
    if (orders.reduces(id) && !orders.isSell(id)) {
      const problem = 'spot has no short to close; what is missing was bought, and is not told of yet';
      return refusal('NOTHING_TO_CLOSE', problem, 'check position.size before close()');
    }
    // What takes a position down, and the exits of an entry that was let pass, are never held up.
    if (orders.reduces(id) || orders.parentId(id) !== 0) return undefined;
    const { halted } = this.#state;
    if (halted !== undefined) {
      const problem = `the session is halted (${halted.code}: ${halted.message})`;
      return refusal('RISK_HALTED', problem, 'look into it, then resume');
    }
    return this.#judgeRisk(id);
  }

  #judgeRisk(id: number): OrderReason | undefined {
    const { orders, instruments, account } = this;
    const instrument = orders.instrument(id);
    const { symbol, quote } = instruments[instrument];
    const [limit, stop, last] = [orders.limit(id), orders.stop(id), this.#state.last[instrument]];
    const [size, spend] = [orders.size(id), orders.quote(id)];
    const price = Number.isNaN(limit) ? (Number.isNaN(stop) ? last : stop) : limit;
    const notional = Number.isNaN(size) ? spend : size * price;
    const held = Math.max(0, account.sizes[instrument]) * (Number.isNaN(last) ? price : last);
    const refused = this.#risk.refuse({
      ...{ time: orders.createdAt(id), symbol, quote, sell: orders.isSell(id), limit, stop, last, notional },
      amount: Number.isNaN(size) ? spend : size,
      position: held + this.#purchases(instrument) + notional,
      openOrders: this.#state.alive.filter(one => one.parent === undefined).length,
    });
    return refused === undefined ? undefined : { code: refused.code, message: refused.message };
  }

  /** What the purchases in force may still add to a position, in quote. */
  #purchases(instrument: number): number {
    let sum = 0;
    for (const { sell, instrument: its, members, target, executed } of this.#state.alive) {
      if (sell || its !== instrument) continue;
      const [{ limit, stop, quote }] = members;
      const price = Number.isNaN(limit) ? (Number.isNaN(stop) ? this.#state.last[instrument] : stop) : limit;
      sum += target === undefined ? quote : target.minus(executed).toNumber() * price;
    }
    return sum;
  }

  offer(instrument: number, bars: Bars, row: number, openTime: number, closeTime: number, bar: number): void {
    const state = this.#state;
    this.#desk.settle();
    this.#booking.offer(instrument, bar, closeTime);
    state.pass(closeTime);
    state.last[instrument] = bars.close[row];
    for (const placement of state.alive) {
      if (placement.instrument !== instrument || !placement.active || placement.ending !== undefined)
        continue;
      for (const order of placement.members) {
        if (!order.armed || !trails(order)) continue;
        const before = order.stop;
        const whole = openTime >= placement.since;
        const best = (order.sell ? bars.high : bars.low)[row];
        // Of a bar in which it came into force nobody knows when its extremes were.
        this.#admission.trail(order, whole ? best : bars.close[row]);
        if (order.stop !== before) state.stale = true;
      }
    }
  }

  /** The exchange itself knows the price of the moment. */
  offerForming(_instrument: number, _bar: Bar, _time: number, _number: number): void {}

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
    this.#desk.settle();
    if (this.#deposits !== 0) {
      this.account.deposit(this.#deposits);
      this.#deposits = 0;
    }
    this.#expire();
    this.#observe();
    this.#desk.remind();
    this.#desk.settle();
  }

  take(input: AccountInput): void {
    const state = this.#state;
    this.#desk.settle();
    state.pass(input.time);
    switch (input.kind) {
      case 'order':
        this.#reports.take(input);
        break;
      case 'refused':
        this.#reports.refuse(input);
        break;
      case 'doubtful':
        this.#reports.doubt(input);
        break;
      case 'halt':
        this.#halt(input.code, input.message);
        break;
      case 'resume':
        if (state.halted === undefined) break;
        state.halted = undefined;
        this.#risk.forgive(this.#value());
        state.notices.add(state.now, 'RESUMED', 'orders are taken again');
    }
    this.#expire();
    this.#observe();
    this.#desk.settle();
  }

  end(): void {
    this.#desk.settle();
  }

  #halt(code: string, message: string): void {
    const state = this.#state;
    if (state.halted !== undefined) return;
    state.halted = { code, message };
    state.stale = true;
    state.notices.add(state.now, 'HALTED', `${code}: ${message}`);
  }

  /** Cancels what is valid no longer; nobody tells the time between steps and reports. */
  #expire(): void {
    const state = this.#state;
    for (const placement of state.alive) {
      if (placement.ending !== undefined || !placement.active) continue;
      const over = placement.members.find(order => order.validUntil <= state.now);
      if (over === undefined) continue;
      placement.dismissed = true;
      placement.ending = { status: Status.expired, reason: EXPIRED, of: over };
      this.#desk.keep(placement);
      state.stale = true;
    }
  }

  #observe(): void {
    const state = this.#state;
    const refused = this.#risk.observe(state.now, this.#value());
    if (refused !== undefined) this.#halt(refused.code, refused.message);
  }

  /** Cash and positions at the last prices, in quote. */
  #value(): number {
    const { sizes, cash } = this.account;
    let value = cash;
    for (let i = 0; i < sizes.length; i++) if (sizes[i] !== 0) value += sizes[i] * this.#state.last[i];
    return value;
  }
}

function check(
  { instruments, symbols, cash }: BinanceBrokerOptions,
  fees: ExchangeFees,
  stopCollar: number,
): void {
  if (!(cash > 0 && cash < Number.POSITIVE_INFINITY)) {
    throw new InputError('CASH_INVALID', `the starting cash was ${cash}`, {
      value: cash,
      limit: 'more than 0',
      fix: 'give a positive amount of quote currency, such as 100',
    });
  }
  for (const rate of [fees.maker, fees.taker]) {
    if (rate >= 0 && rate < 0.5) continue;
    throw new InputError('FEES_INVALID', `a fee was ${rate}`, {
      value: rate,
      limit: '0 … 0.5',
      fix: 'give it as a fraction: 0.001 is 0.1 %',
    });
  }
  if (!(stopCollar > 0 && stopCollar < 1)) {
    throw new InputError('COLLAR_INVALID', `the collar of stops was ${stopCollar}`, {
      value: stopCollar,
      limit: 'above 0 and below 1',
      fix: 'give it as a fraction: 0.02 is 2 %',
    });
  }
  for (const [i, { symbol, market }] of instruments.entries()) {
    if (market !== 'spot') {
      throw new InputError('MARKET_UNSUPPORTED', `${symbol} is of the market ${market}`, {
        value: market,
        limit: 'spot',
        fix: 'trade spot, or run on paper',
      });
    }
    if (symbols[i]?.symbol === symbol) continue;
    throw new InputError('SYMBOL_TERMS_MISSING', `the exchange's terms of ${symbol} are not given`, {
      value: symbols[i]?.symbol,
      limit: symbol,
      fix: 'give the terms of each instrument, in their order',
    });
  }
}
