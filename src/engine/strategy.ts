import type { Account } from '../brokers/account.ts';
import { StrategyError } from '../model/errors.ts';
import { isDust } from '../model/instrument.ts';
import type { Order, Side } from '../model/order.ts';
import type { ParameterSet, ParameterValues } from '../model/parameters.ts';
import type { Trade } from '../model/trade.ts';
import type { BarView, Data } from '../series/data.ts';
import type { Bracket, BracketOptions, OrderOptions } from './order-options.ts';
import type { TargetKind, TargetOptions } from './targets.ts';
import type { Timer, TimerOptions } from './timers/timer.ts';

/** What a strategy may ask of the run it is part of. */
export interface Session {
  readonly datas: readonly Data[];
  readonly params: object;
  readonly account: Account;
  readonly time: number;
  readonly openOrders: readonly Order[];
  instrumentOf(data: Data): number;
  /** `reduce`: closes what is there when it fills, at most. */
  order(side: Side, data: Data, options: OrderOptions, reduce?: boolean): Order;
  bracket(side: Side, data: Data, options: BracketOptions): Bracket;
  target(kind: TargetKind, target: number, data: Data, options: TargetOptions): Order | undefined;
  addCash(amount: number): void;
  addTimer(options: TimerOptions): Timer;
  cancel(order: Order): void;
  log(message: string): void;
}

const NO_OPTIONS: OrderOptions = Object.freeze({});

/** The position in one instrument, always current. */
export class Position {
  readonly #account: Account;
  readonly #instrument: number;

  constructor(account: Account, instrument: number) {
    this.#account = account;
    this.#instrument = instrument;
  }

  /** Base units; negative for a short, 0 when flat. */
  get size(): number {
    return this.#account.sizes[this.#instrument];
  }

  /** True when there is something to close; dust that no order could sell is nothing. */
  get isOpen(): boolean {
    const { size } = this;
    return size !== 0 && !isDust(this.#account.instruments[this.#instrument], size);
  }

  /** Average entry price; NaN when flat. */
  get price(): number {
    return this.#account.averages[this.#instrument];
  }

  /** In quote at the last close; 0 when flat. */
  get value(): number {
    return this.size === 0 ? 0 : this.size * this.#account.marks[this.#instrument];
  }

  /** Result if it were closed at the last close, before fees; 0 when flat. */
  get pnl(): number {
    return this.size === 0 ? 0 : this.size * (this.#account.marks[this.#instrument] - this.price);
  }
}

/**
 * The base of every strategy; write `class Mine extends strategy({ … })`. The engine makes one instance a run. Lines and
 * indicators are made in field initialisers or in `init`; `next` runs once a step, when all minimum periods are met.
 */
export abstract class Strategy<V extends object = object> {
  readonly #session: Session;
  readonly #positions: readonly Position[];
  /** The declared parameters with this run's values. */
  readonly params: V;
  /** The first data. */
  readonly data: Data;
  readonly datas: readonly Data[];

  constructor(session: Session) {
    if (session?.datas === undefined) {
      throw new StrategyError('STRATEGY_CONSTRUCTED', `${new.target.name} was constructed without a run`, {
        fix: 'pass the class itself to backtest(); leave out the constructor, or hand its argument on to super()',
      });
    }
    this.#session = session;
    this.params = session.params as V;
    this.datas = session.datas;
    this.data = session.datas[0];
    this.#positions = session.account.instruments.map((_, i) => new Position(session.account, i));
  }

  /** Called once before the first bar, after the field initialisers. */
  init(): void {}
  /** Called once a step while a minimum period is not met. */
  prenext(): void {}
  /** Called on the first step at which all minimum periods are met; calls `next` unless overridden. */
  nextstart(): void {
    this.next();
  }
  /** Called once a step: every data's latest closed bar is current. */
  abstract next(): void;
  /**
   * Called before the broker matches the bars that have just become current, if the broker lets orders cheat on the open:
   * what is ordered here fills at these bars' opens. All of the bars can be read, which peeks into the future.
   */
  nextOpen(): void {}
  /** The same while {@link next} has not run yet. */
  prenextOpen(): void {}
  /** The same in the first step after {@link next} has run for the first time; calls `nextOpen` unless overridden. */
  nextstartOpen(): void {
    this.nextOpen();
  }
  /** Called once after the last step. */
  stop(): void {}
  /** An order changed; comes before `next`, in the order of the changes. */
  notifyOrder(_order: Order): void {}
  /** A trade opened or closed; comes after the notifications of the orders of the same step. */
  notifyTrade(_trade: Trade): void {}
  /** How the account stands, in every step: all cash and the value, in quote; after the orders and trades of the step. */
  notifyCashValue(_cash: number, _value: number): void {}
  /**
   * The same with the account as a fund: what one of its shares is worth, 100 at the start, and how many there are. Cash
   * that is added makes new shares, and cash that is taken redeems them, so that neither changes their worth.
   */
  notifyFund(_cash: number, _value: number, _fundValue: number, _shares: number): void {}
  /** A timer fired, for the moment `when` (epoch ms UTC), which lies at or before the step's time. */
  notifyTimer(_timer: Timer, _when: number): void {}
  /** A feed went live, was cut off, or has a gap. */
  notifyData(_data: Data, _status: 'live' | 'disconnected' | 'gap'): void {}

  /** Buys: at the next bar's open, or as the prices in `options` say. */
  buy(options: OrderOptions = NO_OPTIONS): Order {
    return this.#session.order('buy', options.data ?? this.data, options);
  }

  /** Sells: at the next bar's open, or as the prices in `options` say. */
  sell(options: OrderOptions = NO_OPTIONS): Order {
    return this.#session.order('sell', options.data ?? this.data, options);
  }

  /** Buys, and once that is filled sells by one of two orders: a stop against a loss, a limit for the profit. */
  buyBracket(options: BracketOptions): Bracket {
    return this.#session.bracket('buy', options.data ?? this.data, options);
  }

  /** Sells, and once that is filled buys by one of two orders: a stop against a loss, a limit for the profit. */
  sellBracket(options: BracketOptions): Bracket {
    return this.#session.bracket('sell', options.data ?? this.data, options);
  }

  /**
   * Closes the whole position, or `size` of it: at the market, or as the prices in `options` say; undefined when there is
   * none that an order could close.
   */
  close(options: Omit<OrderOptions, 'quote'> = NO_OPTIONS): Order | undefined {
    const { data = this.data } = options;
    const { size, isOpen } = this.positionOf(data);
    if (!isOpen) return undefined;
    const amount = options.size ?? Math.abs(size);
    return this.#session.order(size > 0 ? 'sell' : 'buy', data, { ...options, size: amount }, true);
  }

  /**
   * Orders what makes the position `target` base units, negative for a short; undefined when it is that already. Orders
   * that are open are not counted: cancel them first. On spot a negative target is refused with `SPOT_SHORT`.
   */
  orderTargetSize(target: number, options: TargetOptions = NO_OPTIONS): Order | undefined {
    return this.#session.target('size', target, options.data ?? this.data, options);
  }

  /**
   * The same for a position worth `target` quote, at the order's limit or trigger, else at the last close. What is added
   * to a position is ordered in quote, so that neither a fee nor a gap at the open makes it too dear.
   */
  orderTargetValue(target: number, options: TargetOptions = NO_OPTIONS): Order | undefined {
    return this.#session.target('value', target, options.data ?? this.data, options);
  }

  /** The same for a position worth the fraction `target` of {@link value}: 0.5 for half of it. */
  orderTargetPercent(target: number, options: TargetOptions = NO_OPTIONS): Order | undefined {
    return this.#session.target('percent', target, options.data ?? this.data, options);
  }

  /** Adds cash to the account, or takes it if `amount` is negative (quote), when the broker next matches. */
  addCash(amount: number): void {
    this.#session.addCash(amount);
  }

  /**
   * Calls `notifyTimer` at times of the day, in the first step at or after them; to be called in a field initialiser or in
   * `init`. Throws `TIMER_INVALID`, `TIMER_OUTSIDE_INIT`.
   */
  addTimer(options: TimerOptions): Timer {
    return this.#session.addTimer(options);
  }

  cancel(order: Order): void {
    this.#session.cancel(order);
  }

  /** The position in the first data's instrument. */
  get position(): Position {
    return this.#positions[0];
  }

  positionOf(data: Data): Position {
    return this.#positions[this.#session.instrumentOf(data)];
  }

  /** The first data's current bar, read without allocation. */
  get bar(): BarView {
    return this.data.bar;
  }

  /** The time of the current step, epoch ms UTC: when its bars were complete. */
  get time(): number {
    return this.#session.time;
  }

  /** All cash of this run, in quote. */
  get cash(): number {
    return this.#session.account.cash;
  }

  /** Cash that no resting order reserves, in quote: what a new order may spend. */
  get freeCash(): number {
    return this.#session.account.freeCash;
  }

  /** Cash and positions at the last closes, in quote. */
  get value(): number {
    return this.#session.account.value;
  }

  /** Orders that can still change, oldest first. */
  get openOrders(): readonly Order[] {
    return this.#session.openOrders;
  }

  /** Writes a line, stamped with the step's time, to the run's log. */
  log(message: string): void {
    this.#session.log(message);
  }
}

export interface StrategyOptions {
  /** How many bars back `ago` and `window` reach; default 1,000. */
  readonly lookback?: number;
}

/** A class made with {@link strategy}, as the engine takes it. */
export interface StrategyClass {
  readonly name: string;
  readonly parameters: ParameterSet;
  readonly options: StrategyOptions;
  /** Which combinations of its parameters make sense, for sweeps: `static constraint({ fast, slow }) { return fast < slow; }`. */
  readonly constraint?: (params: never) => boolean;
  new (session: Session): Strategy;
}

/** What {@link strategy} returns; spelt out because a declaration cannot infer a base with private fields. */
export type ParameterisedStrategy<P extends ParameterSet> = (abstract new (
  session: Session,
) => Strategy<ParameterValues<P>>) & { readonly parameters: P; readonly options: StrategyOptions };

/**
 * The base class for a strategy with these parameters:
 * `class Sma extends strategy({ fast: int(10, { min: 2 }), slow: int(30) }) { … }`.
 */
export function strategy<const P extends ParameterSet = Readonly<Record<never, never>>>(
  parameters: P = {} as P,
  options: StrategyOptions = {},
): ParameterisedStrategy<P> {
  abstract class Parameterised extends Strategy<ParameterValues<P>> {
    static readonly parameters: P = parameters;
    static readonly options: StrategyOptions = options;
  }
  return Parameterised;
}
