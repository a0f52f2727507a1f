import type { Account } from '../brokers/account.ts';
import type { Broker } from '../brokers/broker.ts';
import { StrategyError } from '../model/errors.ts';
import type { Order, OrderTerms, Side } from '../model/order.ts';
import { emptyTerms } from '../model/order-terms.ts';
import type { Data } from '../series/data.ts';
import type { Analyzer } from './analyzers/analyzer.ts';
import { checkSides, type Leg, stopDistance, stopLossOf, takeProfitOf } from './brackets.ts';
import type { FeedCursor } from './cursor.ts';
import {
  type Bracket,
  type BracketOptions,
  checkAmounts,
  type OrderOptions,
  readOptions,
} from './order-options.ts';
import { type LogEntry, RunLog } from './run-log.ts';
import type { Sizer, SizerInput } from './sizers/sizer.ts';
import { type Session, Strategy } from './strategy.ts';
import { orderFor, type TargetKind, type TargetOptions } from './targets.ts';
import { TimerSchedule } from './timers/schedule.ts';
import { type Timer, type TimerOptions, timerTerms } from './timers/timer.ts';

const DAY = 86_400_000;
/** The end of backtrader's sessions where none is given, ms after midnight. */
const LAST_MOMENT = DAY - 0.01;

/** The strategy's side of a run: takes its orders to the broker, and brings back what became of them. */
export class RunSession implements Session {
  readonly datas: readonly Data[];
  readonly params: object;
  readonly account: Account;
  readonly logbook: RunLog;
  /** A feed that closed a bar in the current step. */
  current: FeedCursor | undefined;
  /** True from the first bar of the run to its last. */
  running = false;
  /** True in a step whose bar came too late to open a position on. */
  late = false;
  /** True while timers are told that fire before the broker matches the bars of the step. */
  early = false;
  /** Time of the step before, epoch ms UTC: a late bar's step does not go back behind it. */
  notBefore = Number.NEGATIVE_INFINITY;
  readonly #broker: Broker;
  readonly #sizer: Sizer;
  /** Those of `datas`, then those of datas that the strategy has derived from them. */
  readonly #cursors: FeedCursor[];
  /** The feed on which each instrument's orders are matched. */
  readonly #matching: readonly FeedCursor[];
  readonly #open: Order[] = [];
  readonly #timers: { readonly timer: Timer; readonly schedule: TimerSchedule }[] = [];
  /** True once the strategy has been made. */
  #sealed = false;
  #tellsCashValue = false;
  #tellsFund = false;
  #tellsTimers = false;
  /** The analyzers that want to hear of orders, and of trades. */
  readonly #orderListeners: Analyzer[] = [];
  readonly #tradeListeners: Analyzer[] = [];
  /** Filled in anew for each order. */
  readonly #terms = emptyTerms();
  /** Filled in anew for each question to the sizer. */
  readonly #sizerInput: { -readonly [K in keyof SizerInput]: SizerInput[K] };

  constructor(
    broker: Broker,
    sizer: Sizer,
    cursors: readonly FeedCursor[],
    params: object,
    onLog: ((entry: LogEntry) => void) | undefined,
  ) {
    this.#broker = broker;
    this.#sizer = sizer;
    this.#cursors = cursors.filter(cursor => !cursor.fillsOnly);
    this.#matching = broker.instruments.map((_, i) => cursors.find(c => c.matches && c.instrument === i)!);
    this.datas = this.#cursors.map(cursor => cursor.writer.data);
    this.params = params;
    this.#sizerInput = {
      side: 'buy',
      instrument: broker.instruments[0],
      price: Number.NaN,
      entry: Number.NaN,
      stopDistance: Number.NaN,
      cash: Number.NaN,
      value: Number.NaN,
      position: Number.NaN,
    };
    this.account = broker.account;
    this.logbook = new RunLog(onLog);
  }

  /** Time of the current step, epoch ms UTC; NaN before the first. */
  get time(): number {
    if (this.current === undefined) return Number.NaN;
    const time = this.current.writer.known;
    return time < this.notBefore ? this.notBefore : time;
  }

  get openOrders(): readonly Order[] {
    return this.#open;
  }

  instrumentOf(data: Data): number {
    return this.#cursorOf(data).instrument;
  }

  /** Takes a data in that the strategy has derived from another one. */
  add(derived: FeedCursor): void {
    this.#cursors.push(derived);
  }

  #cursorOf(data: Data): FeedCursor {
    const cursor = this.#cursors.find(one => one.writer.data === data);
    if (cursor === undefined) {
      throw new StrategyError(
        'DATA_UNKNOWN',
        'an order, a position or a timer was asked for something that is no data of this run',
        {
          value: data,
          limit: this.datas.map(one => one.name),
          fix: 'use this.data or one of this.datas',
        },
      );
    }
    return cursor;
  }

  order(side: Side, data: Data, options: OrderOptions, reduce = false): Order {
    const terms = this.#terms;
    this.#read(terms, side, data, options);
    terms.reduce = reduce;
    return this.#place(terms);
  }

  /** Everything is checked before the first of the orders is placed. */
  bracket(side: Side, data: Data, options: BracketOptions): Bracket {
    const { stopLoss: _, takeProfit: __, ...entryOptions } = options;
    const legs = [stopLossOf(side, options), takeProfitOf(side, options)];
    const other = side === 'buy' ? 'sell' : 'buy';
    const entry = emptyTerms();
    const transmit = legs.every(leg => leg === undefined);
    this.#read(entry, side, data, { ...entryOptions, transmit }, legs[0]);
    const children = legs.map(leg => leg && this.#readLeg(leg, other, data, entry));
    if (this.#broker.profile === 'crypto') checkBracket(entry, children);
    const late = this.#isLate(entry);
    const placed = this.#place(entry, late);
    const last = children.findLast(terms => terms !== undefined);
    const [stopLoss, takeProfit] = children.map(terms => {
      if (terms === undefined) return undefined;
      terms.parentId = placed.id;
      terms.transmit = terms === last;
      return this.#place(terms, late);
    });
    return { entry: placed, stopLoss, takeProfit };
  }

  /** Orders what turns the position into `target`; undefined when there is nothing to do. */
  target(kind: TargetKind, target: number, data: Data, options: TargetOptions): Order | undefined {
    const instrument = this.instrumentOf(data);
    const { limit, stop } = options;
    const price = limit ?? stop ?? this.account.marks[instrument];
    if (kind !== 'size' && target !== 0) this.#checkPriced(instrument);
    const wanted = orderFor(this.#broker, instrument, kind, target, price);
    if (wanted === undefined) return undefined;
    const { side, size, quote, reduce } = wanted;
    return this.order(side, data, { ...options, size, quote }, reduce);
  }

  /** What depends on a price needs one. */
  #checkPriced(instrument: number): void {
    if (!Number.isNaN(this.account.marks[instrument])) return;
    const { symbol } = this.#broker.instruments[instrument];
    throw new StrategyError(
      'PRICE_UNKNOWN',
      `an order in ${symbol} is to be sized by its price, which has none yet`,
      {
        value: Number.NaN,
        limit: 'a closed bar of the data',
        fix: 'wait until data.length is above 0, or give a size',
      },
    );
  }

  /** Adds cash, or takes it: in force when the broker next matches. */
  addCash(amount: number): void {
    if (typeof amount !== 'number' || !Number.isFinite(amount)) {
      throw new StrategyError('CASH_AMOUNT_INVALID', `addCash() was given ${String(amount)}`, {
        value: amount,
        limit: 'a finite number',
        fix: 'give an amount of quote, negative to take it out',
      });
    }
    this.#broker.addCash(amount);
  }

  #readLeg(leg: Leg, side: Side, data: Data, entry: OrderTerms): OrderTerms {
    const terms = emptyTerms();
    // The size is the entry's; where that is known at its fill only, the broker knows it then.
    this.#read(terms, side, data, { size: 0, ...leg.options, tradeId: entry.tradeId });
    terms.size = entry.size;
    if (!Number.isNaN(leg.offset) || !Number.isNaN(leg.offsetPercent)) {
      // Nobody knows it before the fill.
      if (terms.type === 'limit') terms.limit = Number.NaN;
      else terms.stop = Number.NaN;
    }
    terms.fillOffset = leg.offset;
    terms.fillOffsetPercent = leg.offsetPercent;
    return terms;
  }

  /** Fills in an order's terms, or throws. */
  #read(terms: OrderTerms, side: Side, data: Data, options: OrderOptions, stopLoss?: Leg): void {
    const instrument = this.instrumentOf(data);
    if (!this.running) {
      throw new StrategyError(
        'ORDER_OUTSIDE_RUN',
        `${side}() was called before the first bar or after the last`,
        {
          value: side,
          fix: 'place orders in prenext, next or a notification',
        },
      );
    }
    const { time } = this;
    checkAmounts(side, options);
    readOptions(terms, side, options, time, this.#broker.orders);
    if (terms.postOnly && this.#broker.profile === 'backtrader') {
      throw new StrategyError(
        'ORDER_INVALID',
        `${side}() was given postOnly, which backtrader does not have`,
        {
          value: true,
          limit: "the profile 'crypto'",
          fix: "leave it out, or run with profile: 'crypto'",
        },
      );
    }
    if (this.#broker.profile === 'crypto') this.#checkParent(terms.parentId, side, instrument);
    const { size = Number.NaN, quote = Number.NaN } = this.#amounts(side, instrument, options, stopLoss);
    // The matching feed's bar has just closed: whatever comes next on it began after this moment. After a late bar it may
    // have begun before, and so has the bar that is matched after an early timer.
    const matching = this.#matching[instrument];
    const onBar = !this.late && !this.early && (matching === this.current || matching.writer.known === time);
    terms.instrument = instrument;
    terms.size = size;
    terms.quote = quote;
    terms.createdAt = time;
    terms.notBefore = onBar ? Number.NEGATIVE_INFINITY : time;
    terms.reduce = false;
  }

  /** A child meets the market where its parent's fill has left it, and that is the market of one instrument. */
  #checkParent(parentId: number, side: Side, instrument: number): void {
    if (parentId === 0) return;
    const { orders, instruments } = this.#broker;
    const its = instruments[orders.instrument(parentId)].symbol;
    const { symbol } = instruments[instrument];
    if (its === symbol) return;
    throw new StrategyError('ORDER_INVALID', `${side}() in ${symbol} was given a parent in ${its}`, {
      value: symbol,
      limit: its,
      fix: 'give it the data of its parent, or order in notifyOrder once the parent has completed',
    });
  }

  #place(terms: OrderTerms, late = this.#isLate(terms)): Order {
    const { orders } = this.#broker;
    const id = orders.add(terms);
    if (late) this.#refuseLate(id);
    else this.#broker.submit(id);
    const order = orders.view(id);
    this.#open.push(order);
    return order;
  }

  cancel(order: Order): void {
    if (!this.#broker.orders.owns(order)) {
      throw new StrategyError('ORDER_INVALID', 'cancel() was given what is no order of this run', {
        value: order,
        limit: 'an order of this run',
        fix: 'give the object that buy(), sell() or a bracket returned, or one of openOrders',
      });
    }
    if (order.alive) this.#broker.cancel(order.id, this.time);
  }

  log(message: string): void {
    this.logbook.write(this.time, String(message));
  }

  /** Spares the work of telling things when nobody listens. */
  attach(strategy: Strategy, analyzers: readonly Analyzer[]): void {
    for (const analyzer of analyzers) {
      if (analyzer.order !== undefined) this.#orderListeners.push(analyzer);
      if (analyzer.trade !== undefined) this.#tradeListeners.push(analyzer);
    }
    const { prototype } = Strategy;
    this.account.trades.listened =
      strategy.notifyTrade !== prototype.notifyTrade || this.#tradeListeners.length > 0;
    this.#broker.events.listened =
      strategy.notifyOrder !== prototype.notifyOrder || this.#orderListeners.length > 0;
    this.#tellsCashValue = strategy.notifyCashValue !== prototype.notifyCashValue;
    this.#tellsFund = strategy.notifyFund !== prototype.notifyFund;
    this.#tellsTimers = this.#timers.length > 0 && strategy.notifyTimer !== prototype.notifyTimer;
    this.#sealed = true;
  }

  addTimer(options: TimerOptions): Timer {
    if (this.#sealed) {
      throw new StrategyError('TIMER_OUTSIDE_INIT', 'addTimer() was called while the strategy runs', {
        value: options.when,
        limit: 'field initialisers and init()',
        fix: 'add it in a field initialiser or in init(), and leave days out with allow',
      });
    }
    const data = options.data ?? this.datas[0];
    const feed = this.#cursorOf(data).feed;
    const asBacktrader = this.#broker.profile === 'backtrader';
    const session = feed.tradingDay ?? { start: 0, end: asBacktrader ? LAST_MOMENT : DAY };
    const timer: Timer = Object.freeze({ id: this.#timers.length + 1, options });
    const schedule = new TimerSchedule(timerTerms(options, session), options, asBacktrader);
    this.#timers.push({ timer, schedule });
    return timer;
  }

  /** True when something is to be told at every step, whether or not an order changed. */
  get tellsSteps(): boolean {
    return this.#tellsTimers || this.#tellsCashValue || this.#tellsFund;
  }

  /** True when a timer may fire before the broker matches. */
  get hasEarlyTimers(): boolean {
    return this.#tellsTimers && this.#timers.some(({ timer }) => timer.options.cheat === true);
  }

  /** Tells the timers that are due; `early` those that come before the broker's match. */
  tellTimers(strategy: Strategy, early: boolean): void {
    if (!this.#tellsTimers) return;
    const { time } = this;
    this.early = early;
    try {
      for (const { timer, schedule } of this.#timers) {
        if ((timer.options.cheat === true) !== early) continue;
        const when = schedule.fire(time);
        if (!Number.isNaN(when)) strategy.notifyTimer(timer, when);
      }
    } finally {
      this.early = false;
    }
  }

  /** Tells how the account stands; after its orders and trades. */
  tellAccount(strategy: Strategy): void {
    const { account } = this;
    if (this.#tellsCashValue) strategy.notifyCashValue(account.cash, account.value);
    if (this.#tellsFund) {
      const { value, shares } = account.fund;
      strategy.notifyFund(account.cash, account.value, value, shares);
    }
  }

  /** What a feed said beside its bars, told before the next of them. */
  tellNotices(strategy: Strategy, cursor: FeedCursor): void {
    if (cursor.notices.length === 0) return;
    for (const notice of cursor.notices.splice(0)) strategy.notifyData(cursor.writer.data, notice);
  }

  /** Brings the strategy up to date: orders first, then trades. What it orders meanwhile is told at the next step. */
  deliver(strategy: Strategy, count = this.#broker.events.length): void {
    const { events, orders } = this.#broker;
    for (let i = 0; i < count; i++) {
      const id = events.apply(i, orders);
      const order = orders.isAlive(id) ? this.#find(id) : this.#close(id);
      if (events.listened) {
        strategy.notifyOrder(order);
        for (const analyzer of this.#orderListeners) analyzer.order!(order);
      }
    }
    events.drop(count);
    const { news } = this.account.trades;
    if (news.length === 0) return;
    for (const trade of news.splice(0)) {
      strategy.notifyTrade(trade);
      for (const analyzer of this.#tradeListeners) analyzer.trade!(trade);
    }
  }

  /** The strategy's own object for an open order; the oldest is the likeliest to change. */
  #find(id: number): Order {
    const open = this.#open;
    for (let i = 0; i < open.length; i++) if (open[i].id === id) return open[i];
    return this.#broker.orders.view(id);
  }

  /** Takes an order off the list of open ones, keeping their order. */
  #close(id: number): Order {
    const open = this.#open;
    const order = this.#find(id);
    const at = open.indexOf(order);
    // A broker may order by itself (a liquidation), or tell twice that an order has ended.
    if (at < 0) return order;
    for (let i = at; i < open.length - 1; i++) open[i] = open[i + 1];
    open.pop();
    return order;
  }

  /** True for an order that would open a position on a bar that came too late. */
  #isLate({ side, instrument, size, reduce }: OrderTerms): boolean {
    return this.late && !reduce && !this.#isAgainst(side, instrument, size);
  }

  /** True for a size that makes the position smaller, to nothing at most. */
  #isAgainst(side: Side, instrument: number, size: number): boolean {
    const held = this.account.sizes[instrument];
    return side === 'sell' ? size <= held : size <= -held;
  }

  #refuseLate(id: number): void {
    const { openTime } = this.current!.writer.data.bar;
    const problem = `the bar of ${new Date(openTime).toISOString()} came late, and no position is opened on one`;
    this.#broker.refuse(id, { code: 'LATE_BAR', message: `${problem}: wait for the next bar` });
  }

  #amounts(side: Side, instrument: number, options: OrderOptions, stopLoss: Leg | undefined): OrderAmounts {
    if (options.size !== undefined || options.quote !== undefined) return options;
    const { account } = this;
    const input = this.#sizerInput;
    const price = account.marks[instrument];
    const entry = options.limit ?? options.stop ?? price;
    input.side = side;
    input.instrument = this.#broker.instruments[instrument];
    input.price = price;
    input.entry = entry;
    input.stopDistance = stopLoss === undefined ? Number.NaN : stopDistance(side, stopLoss, entry);
    input.cash = account.freeCash;
    input.value = account.value;
    input.position = account.sizes[instrument];
    return this.#checkSizing(instrument, this.#sizer.size(input));
  }

  /** What a sizer says, as an order can have it; a price that is not there yet shows here. */
  #checkSizing(instrument: number, sizing: OrderAmounts): OrderAmounts {
    const { size, quote } = sizing;
    const amount = size ?? quote;
    if (!(typeof amount === 'number' && amount >= 0 && amount < Number.POSITIVE_INFINITY)) {
      this.#checkPriced(instrument);
      const given = size === undefined ? 'quote' : 'size';
      throw new StrategyError(
        'SIZER_RESULT_INVALID',
        `the sizer "${this.#sizer.label}" gave the ${given} ${amount}`,
        {
          value: amount,
          limit: 'a finite number of 0 or more',
          fix: "let its size() return { size } in base units or { quote }; the side is the order's",
        },
      );
    }
    return sizing;
  }
}

interface OrderAmounts {
  readonly size?: number | undefined;
  readonly quote?: number | undefined;
}

/** Throws for legs on the wrong side of the prices that are known: an entry at the market has none. */
function checkBracket(entry: OrderTerms, [stopLoss, takeProfit]: readonly (OrderTerms | undefined)[]): void {
  const trails = (terms: OrderTerms) => !Number.isNaN(terms.trailAmount) || !Number.isNaN(terms.trailPercent);
  const prices = trails(entry) ? [] : [entry.limit, entry.stop].filter(price => !Number.isNaN(price));
  const none = prices.length === 0;
  checkSides(entry.side, {
    least: none ? Number.NaN : Math.min(...prices),
    greatest: none ? Number.NaN : Math.max(...prices),
    stopLoss: stopLoss === undefined || trails(stopLoss) ? Number.NaN : stopLoss.stop,
    takeProfit: takeProfit === undefined ? Number.NaN : takeProfit.limit,
  });
}
