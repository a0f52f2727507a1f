import type { SymbolInfo } from '../exchange-info.ts';
import { restErrors } from '../rest-errors.ts';
import type { Happening } from '../schedule.ts';
import { windowOf } from '../statistics.ts';
import type { Moment, Tape } from '../tape.ts';
import type { Account } from './account.ts';
import { type Amount, floorTo, greatest, ONE, over, times } from './amount.ts';
import { type Charge, commissionInBnb, commissionOn } from './commission.ts';
import type { Execution } from './execution.ts';
import {
  type ExpiryReason,
  hasLimit,
  isBuy,
  isContingent,
  isLive,
  type Order,
  type OrderList,
  type OrderTerms,
  partnersOf,
  remaining,
} from './order.ts';
import type { Leg } from './price-path.ts';
import { Records } from './records.ts';
import type { Circumstances } from './symbol-terms.ts';
import { isMarketable, TradedSymbol, wouldTrigger } from './traded-symbol.ts';
import { tradingErrors } from './trading-errors.ts';
import { Reservation } from './wallet.ts';

export type ReportKind = 'NEW' | 'CANCELED' | 'REPLACED' | 'TRADE' | 'EXPIRED';

/** Who hears of what happens to orders, in the order in which it happens. */
export interface Reports {
  /** The report's number. */
  order(order: Order, kind: ReportKind, details?: { execution?: Execution; cancelId?: string }): number;
  list(list: OrderList): void;
  /** Balances of these assets have changed. */
  balances(account: Account, assets: readonly string[]): void;
}

/** What goes wrong with executions, decided by an order's name. */
export interface Mishaps {
  /** `later`: a part is executed now, the rest from the next price on; `never`: the rest never is. */
  splits(order: Order): 'later' | 'never' | undefined;
  /** True when it expires instead of being executed. */
  expires(order: Order): boolean;
}

export interface MatchingEngineParts {
  readonly tape: Tape;
  /** Where the replay begins, epoch ms UTC. */
  readonly from: number;
  readonly symbols: ReadonlyMap<string, SymbolInfo>;
  readonly now: () => {
    readonly moment: Moment;
    /** The exchange's clock, epoch ms UTC. */
    readonly time: number;
    /** Epoch ms of real time. */
    readonly real: number;
    /** True while orders can only be cancelled. */
    readonly cancelOnly: boolean;
  };
  readonly reports: Reports;
  readonly mishaps: Mishaps;
}

/** How the orders of a list belong together; the first of an `oto` is the one that goes first. */
export interface NewList {
  readonly kind: 'oco' | 'oto';
  readonly paysOther: boolean;
  readonly clientOrderId: string;
  readonly orders: readonly OrderTerms[];
}

/** Accepts orders and executes them against the replayed market, in exact decimals. */
export class MatchingEngine {
  readonly #parts: MatchingEngineParts;
  readonly symbols: ReadonlyMap<string, TradedSymbol>;
  /** Ways of a price so far. */
  #walks = 0;
  #listIds = 0;
  /** Lists whose working order is filled and whose pending ones are to come into force. */
  readonly #due: OrderList[] = [];
  readonly #records = new Map<Account, Records>();
  readonly #touched = new Set<Account>();
  /** Executions so far. */
  executions = 0;

  constructor(parts: MatchingEngineParts) {
    this.#parts = parts;
    const { tape, symbols, from } = parts;
    this.symbols = new Map(
      [...tape.market.listings.values()].map(listing => [
        listing.symbol,
        new TradedSymbol(tape, listing, symbols.get(listing.symbol)!, from),
      ]),
    );
  }

  /** What an account has ordered. */
  records(account: Account): Records {
    let records = this.#records.get(account);
    if (records === undefined) {
      records = new Records();
      this.#records.set(account, records);
    }
    return records;
  }

  symbol(name: string): TradedSymbol {
    const symbol = this.symbols.get(name);
    if (symbol === undefined) throw restErrors.symbol();
    return symbol;
  }

  /** Takes the prices on, and with them whatever they reach. */
  happened({ closings, updates }: Happening): void {
    for (const { series, row } of closings) {
      const symbol = this.symbols.get(series.source.symbol)!;
      if (series.derived || series.source !== symbol.listing.finest) continue;
      this.#walk(symbol, symbol.path.last, symbol.path.closed(row));
    }
    for (const { source, row, step } of updates) {
      const symbol = this.symbols.get(source.symbol)!;
      if (source !== symbol.listing.finest) continue;
      this.#walk(symbol, symbol.path.last, symbol.path.updated(row, step));
    }
  }

  /** Throws a RestError when an order breaks a rule of its symbol. */
  check(account: Account, symbol: TradedSymbol, terms: OrderTerms): void {
    this.#refuse(account, symbol, [terms], false);
  }

  /** Places an order and executes what can be at once. Throws a RestError when it cannot be; nothing has changed then. */
  place(account: Account, symbol: TradedSymbol, asked: OrderTerms): Order {
    this.#refuse(account, symbol, [asked], false);
    this.#refuseTwin(account, symbol, [asked]);
    const price = symbol.price;
    if (price !== undefined) judgeArrival(asked, price);
    const terms = this.#inBase(symbol, asked);
    const reservation = this.#reserve(account, symbol, terms);
    const order = this.#create(account, symbol, terms, undefined, reservation);
    account.rate.placed(1, this.#parts.now().real);
    this.#enter(symbol, order);
    this.settle();
    return order;
  }

  /**
   * Places a list; pending orders whose time has come already are brought into force by {@link settle}. Throws a
   * RestError when it cannot be; nothing has changed then.
   */
  placeList(
    account: Account,
    symbol: TradedSymbol,
    { kind, paysOther, clientOrderId, orders }: NewList,
  ): OrderList {
    this.#refuse(account, symbol, orders, true, paysOther);
    this.#refuseTwin(account, symbol, orders);
    for (const other of this.records(account).lists) {
      if (!other.isDone && other.clientOrderId === clientOrderId && other.symbol === symbol.name) {
        throw tradingErrors.duplicate();
      }
    }
    const price = symbol.price;
    const first = kind === 'oco' ? orders : orders.slice(0, 1);
    if (price !== undefined) {
      if (kind === 'oco') judgePair(orders, price, tradingErrors.pricesOfList);
      else judgeArrival(orders[0], price);
    }
    const own = this.#reserve(account, symbol, ...first);
    let others: Reservation | undefined;
    if (paysOther) others = new Reservation(account.wallet, symbol.terms.base);
    else if (kind === 'oto') {
      try {
        others = this.#reserve(account, symbol, ...orders.slice(1));
      } catch (error) {
        own.release();
        throw error;
      }
    }
    const list: OrderList = {
      ...{ id: this.#listIds++, account, symbol: symbol.name, clientOrderId, paysOther },
      contingency: kind === 'oco' ? 'OCO' : 'OTO',
      ...{ orders: [], working: undefined, pending: [], isDone: false, time: this.#parts.now().time },
    };
    for (const [i, terms] of orders.entries()) {
      const order = this.#create(account, symbol, terms, list, first.includes(terms) ? own : others);
      list.orders.push(order);
      if (kind === 'oco') continue;
      if (i === 0) list.working = order;
      else {
        list.pending.push(order);
        order.status = 'PENDING_NEW';
      }
    }
    this.records(account).lists.add(list);
    account.rate.placed(orders.length, this.#parts.now().real);
    for (const order of list.pending) this.#parts.reports.order(order, 'NEW');
    this.#parts.reports.list(list);
    for (const order of list.orders) {
      if (!list.pending.includes(order) && isLive(order)) this.#enter(symbol, order);
    }
    this.#flush();
    return list;
  }

  /** Brings pending orders into force whose time has come, and tells balances. */
  settle(): void {
    for (let list = this.#due.shift(); list !== undefined; list = this.#due.shift()) this.#activate(list);
    this.#flush();
  }

  /** Takes an order out of the market, and with it its whole list; those that were taken out. */
  cancel(order: Order, cancelId: string): readonly Order[] {
    const orders = order.list === undefined ? [order] : order.list.orders.filter(isLive);
    if (!isLive(order) && orders.length === 0) throw tradingErrors.unknownOrder();
    for (const one of orders) this.#end(one, 'CANCELED', { cancelId });
    this.settle();
    return orders;
  }

  /** Lessens the quantity of an order that keeps its place; the number of the report about it. */
  amend(order: Order, quantity: Amount, clientOrderId: string): number {
    if (quantity === order.quantity) throw tradingErrors.amendNothing();
    if (quantity > order.quantity || quantity <= order.executed) throw tradingErrors.amendIncrease();
    const symbol = this.symbol(order.symbol);
    const failed = symbol.terms.refuseQuantity(order.terms, quantity, this.#around(order.account, symbol));
    if (failed !== undefined) throw tradingErrors.filter(failed);
    order.quantity = quantity;
    order.clientOrderId = clientOrderId;
    order.updateTime = this.#parts.now().time;
    if (partnersOf(order).length === 0) {
      order.reservation?.shrink(this.#need(symbol, order.terms, remaining(order), order.terms.price));
    }
    this.#touched.add(order.account);
    const number = this.#parts.reports.order(order, 'REPLACED');
    this.#flush();
    return number;
  }

  /** Executes an order that rests in the book at its limit, as if somebody had just taken it; false when it does not rest. */
  overtake(order: Order): boolean {
    if (order.armed || order.status === 'PENDING_NEW' || !isLive(order) || order.terms.price === 0n)
      return false;
    const symbol = this.symbol(order.symbol);
    this.#execute(symbol, order, remaining(order), order.terms.price, true);
    this.settle();
    return true;
  }

  /** Open orders of an account, oldest first. */
  open(account: Account, symbol?: TradedSymbol): Order[] {
    return [...this.records(account).open].filter(
      order => symbol === undefined || order.symbol === symbol.name,
    );
  }

  #refuse(
    account: Account,
    symbol: TradedSymbol,
    orders: readonly OrderTerms[],
    isList: boolean,
    paysOther = false,
  ): void {
    const { terms: rules } = symbol;
    if (this.#parts.now().cancelOnly || (rules.info.status ?? 'TRADING') !== 'TRADING') {
      throw tradingErrors.marketClosed();
    }
    const around = this.#around(account, symbol);
    for (const [i, terms] of orders.entries()) {
      const isUnsized = paysOther && i > 0;
      const refused = rules.refuseForm(terms);
      if (refused !== undefined) throw refused;
      const failed = rules.refuse(
        terms,
        around,
        i === 0 ? { orders: orders.length, lists: isList ? 1 : 0 } : { orders: 0, lists: 0 },
        isUnsized,
      );
      if (failed !== undefined) throw failed;
    }
  }

  /** No two open orders of an account on a symbol have one id. */
  #refuseTwin(account: Account, symbol: TradedSymbol, orders: readonly OrderTerms[]): void {
    const ids = orders.map(({ clientOrderId }) => clientOrderId);
    const taken = this.open(account, symbol).some(order => ids.includes(order.clientOrderId));
    if (taken || new Set(ids).size < ids.length) throw tradingErrors.duplicate();
  }

  #around(account: Account, symbol: TradedSymbol): Circumstances {
    const { tape, now } = this.#parts;
    return {
      average: minutes =>
        symbol.average(minutes, length => windowOf(tape, symbol.listing, now().moment, length)),
      position: () => {
        const { base } = symbol.terms;
        const bought = this.open(account, symbol)
          .filter(isBuy)
          .reduce((sum, order) => sum + remaining(order), 0n);
        return account.wallet.free(base) + account.wallet.locked(base) + bought;
      },
      openOrders: () => {
        const open = this.open(account, symbol);
        return {
          all: open.length,
          contingent: open.filter(({ terms }) => isContingent(terms.type)).length,
          icebergs: open.filter(({ terms }) => (terms.icebergQuantity ?? 0n) > 0n).length,
          lists: new Set(open.flatMap(({ list }) => list ?? [])).size,
        };
      },
    };
  }

  /** A market order in quote, with what it buys or sells at the price. */
  #inBase(symbol: TradedSymbol, terms: OrderTerms): OrderTerms {
    if (terms.quoteQuantity === 0n) return terms;
    const price = symbol.price ?? symbol.path.last;
    if (price === undefined) return terms;
    const quantity = symbol.terms.marketQuantity(over(terms.quoteQuantity, price));
    if (quantity === 0n || quantity < symbol.terms.lots.least) throw tradingErrors.tooFewInBook();
    return { ...terms, quantity };
  }

  /** Locks what these orders need, of which one cancels the others; throws when it is not there. */
  #reserve(account: Account, symbol: TradedSymbol, ...orders: readonly OrderTerms[]): Reservation {
    const { base, quote } = symbol.terms;
    const price = symbol.price ?? symbol.path.last ?? 0n;
    const reservation = new Reservation(account.wallet, orders[0].side === 'BUY' ? quote : base);
    const need = orders
      .map(terms => this.#need(symbol, terms, terms.quantity, price))
      .reduce((most, one) => greatest(most, one), 0n);
    if (!reservation.take(need)) throw tradingErrors.balance();
    this.#touched.add(account);
    return reservation;
  }

  #need(symbol: TradedSymbol, terms: OrderTerms, quantity: Amount, price: Amount): Amount {
    if (terms.side === 'SELL') return quantity;
    if (hasLimit(terms.type)) return times(terms.price, quantity);
    if (terms.type === 'MARKET') return times(price, quantity);
    const trigger =
      terms.trailingDelta === undefined ? 0n : symbol.trigger(terms, greatest(price, terms.stopPrice));
    return times(greatest(terms.stopPrice, trigger), quantity);
  }

  #create(
    account: Account,
    symbol: TradedSymbol,
    terms: OrderTerms,
    list: OrderList | undefined,
    reservation: Reservation | undefined,
  ): Order {
    const { time } = this.#parts.now();
    const order: Order = {
      ...{ terms, account, symbol: symbol.name, id: symbol.nextOrderId(), list },
      ...{ clientOrderId: terms.clientOrderId, quantity: terms.quantity, status: 'NEW', executed: 0n },
      ...{ executedQuote: 0n, time, updateTime: time, workingTime: -1, trailingTime: -1 },
      ...{ expiryReason: undefined, reservation, armed: false, extreme: undefined, joined: -1 },
      ...{ heldUntil: 0, unseenUntil: 0 },
    };
    const records = this.records(account);
    records.orders.add(order);
    records.open.add(order);
    return order;
  }

  /** An order comes into force. */
  #enter(symbol: TradedSymbol, order: Order): void {
    const { reports } = this.#parts;
    const { time } = this.#parts.now();
    const { terms } = order;
    const price = symbol.price;
    order.status = 'NEW';
    order.updateTime = time;
    order.joined = symbol.leg === undefined ? symbol.path.bar : -1;
    symbol.orders.add(order);
    if (isContingent(terms.type)) {
      order.armed = true;
      if (terms.trailingDelta !== undefined && terms.stopPrice === 0n && price !== undefined) {
        order.extreme = price;
        order.trailingTime = time;
      }
      reports.order(order, 'NEW');
      return;
    }
    this.#work(symbol, order);
  }

  /** An order that waits for no trigger, or no longer, goes into the book: it takes, rests, or expires. */
  #work(symbol: TradedSymbol, order: Order): void {
    const { terms } = order;
    const { time } = this.#parts.now();
    order.armed = false;
    order.workingTime = time;
    order.updateTime = time;
    this.#parts.reports.order(order, 'NEW');
    const price = symbol.takers;
    if (price === undefined) return;
    const atMarket = !hasLimit(terms.type);
    if (atMarket || isMarketable(terms, price)) this.#take(symbol, order, price);
    else if (terms.timeInForce !== 'GTC') this.#end(order, 'EXPIRED', {}, unfilled(terms));
    // On the way to a bar's open nothing is traded but what had been waiting there.
    else if (symbol.leg?.gap) order.heldUntil = this.#walks + 1;
  }

  #take(symbol: TradedSymbol, order: Order, price: Amount): void {
    const { terms } = order;
    const mishap = this.#mishap(symbol, order);
    if (mishap === 'expires') {
      this.#end(order, 'EXPIRED', {}, 'EXECUTION_RULE_PRICE_RANGE_EXCEEDED');
      return;
    }
    if (mishap === undefined) {
      this.#execute(symbol, order, remaining(order), price, false);
      return;
    }
    this.#execute(symbol, order, mishap.part, price, false);
    if (!isLive(order)) return;
    const atMarket = !hasLimit(terms.type);
    if (terms.timeInForce === 'FOK' || (atMarket && mishap.rest === 'later')) {
      this.#execute(symbol, order, remaining(order), price, false);
    } else if (atMarket) this.#end(order, 'EXPIRED', {}, 'INSUFFICIENT_LIQUIDITY');
    else if (terms.timeInForce === 'IOC') this.#end(order, 'EXPIRED', {}, unfilled(terms));
    else order.heldUntil = mishap.rest === 'later' ? this.#walks + 1 : Number.POSITIVE_INFINITY;
  }

  #make(symbol: TradedSymbol, order: Order): void {
    const mishap = this.#mishap(symbol, order);
    if (mishap === 'expires') this.#end(order, 'EXPIRED', {}, 'EXECUTION_RULE_PRICE_RANGE_EXCEEDED');
    else if (mishap === undefined) this.#execute(symbol, order, remaining(order), order.terms.price, true);
    else {
      this.#execute(symbol, order, mishap.part, order.terms.price, true);
      order.heldUntil = mishap.rest === 'later' ? this.#walks + 1 : Number.POSITIVE_INFINITY;
    }
  }

  /** What goes wrong with the first execution of an order. */
  #mishap(
    symbol: TradedSymbol,
    order: Order,
  ): 'expires' | { part: Amount; rest: 'later' | 'never' } | undefined {
    if (order.executed > 0n) return undefined;
    const { mishaps } = this.#parts;
    if (mishaps.expires(order)) return 'expires';
    const rest = mishaps.splits(order);
    const part = floorTo(remaining(order) / 2n, symbol.terms.lots.step);
    return rest === undefined || part === 0n ? undefined : { part, rest };
  }

  #execute(symbol: TradedSymbol, order: Order, quantity: Amount, price: Amount, maker: boolean): void {
    const { account, list } = order;
    const { base, quote } = symbol.terms;
    const { time, real } = this.#parts.now();
    const buy = isBuy(order);
    const value = times(price, quantity);
    this.#touched.add(account);
    if (!order.reservation!.spend(buy ? value : quantity)) {
      this.#end(order, 'EXPIRED', {}, 'REJECTED');
      return;
    }
    const received = buy ? quantity : value;
    account.wallet.add(buy ? base : quote, received);
    const charge = this.#charge(symbol, order, received, price, maker);
    if (list?.working === order && list.paysOther) this.#passOn(list, received, charge);
    const isFirst = order.executed === 0n;
    order.executed += quantity;
    order.executedQuote += value;
    order.status = remaining(order) === 0n ? 'FILLED' : 'PARTIALLY_FILLED';
    order.updateTime = time;
    account.updateTime = time;
    const execution: Execution = {
      ...{ id: symbol.nextExecutionId(), order, price, quantity, quote: value, charge, maker, time },
    };
    this.records(account).executions.add(execution);
    this.executions++;
    if (isFirst) account.rate.filled(maker, real);
    this.#parts.reports.order(order, 'TRADE', { execution });
    if (isFirst) this.#endPartners(order);
    if (order.status === 'FILLED') this.#left(order);
  }

  /** Takes the commission out of what was received, or out of BNB. */
  #charge(symbol: TradedSymbol, order: Order, received: Amount, price: Amount, maker: boolean): Charge {
    const { account } = order;
    const { wallet, commission } = account;
    const buy = isBuy(order);
    const asset = buy ? symbol.terms.base : symbol.terms.quote;
    const bnb = commission.inBnb ? this.#bnbPrice(symbol, buy, price) : undefined;
    if (bnb !== undefined) {
      const amount = commissionInBnb(commission, received, bnb, buy, maker);
      if (wallet.spend('BNB', amount)) return { asset: 'BNB', amount };
    }
    const amount = commissionOn(commission, received, buy, maker);
    wallet.spend(asset, amount);
    return { asset, amount };
  }

  /** What a BNB is worth in the asset received: `over` of it are `under` of the asset; undefined where nobody knows. */
  #bnbPrice(symbol: TradedSymbol, buy: boolean, price: Amount): { over: Amount; under: Amount } | undefined {
    const { base, quote } = symbol.terms;
    if ((buy ? base : quote) === 'BNB') return { over: ONE, under: ONE };
    const own = base === 'BNB' ? price : this.symbols.get(`BNB${quote}`)?.path.last;
    if (quote === 'BNB') return { over: ONE, under: price };
    return own === undefined ? undefined : { over: own, under: buy ? price : ONE };
  }

  /** Locks what a working order has brought for the pending ones; the commission comes from elsewhere, if it can. */
  #passOn(list: OrderList, received: Amount, { asset, amount }: Charge): void {
    const [pending] = list.pending;
    const reservation = pending?.reservation;
    if (reservation === undefined) return;
    const net = asset === reservation.asset ? received - amount : received;
    const isCovered = asset !== 'BNB' && reservation.covers(reservation.left + received);
    reservation.take(isCovered ? received : net);
  }

  #endPartners(order: Order): void {
    for (const partner of partnersOf(order)) this.#end(partner, 'EXPIRED', {}, 'OCO_TRIGGER');
  }

  /** Ends an order before it is filled. */
  #end(
    order: Order,
    kind: 'CANCELED' | 'EXPIRED',
    details: { cancelId?: string } = {},
    reason?: ExpiryReason,
  ): void {
    if (!isLive(order)) return;
    const { time } = this.#parts.now();
    order.status = kind;
    order.expiryReason = reason;
    order.updateTime = time;
    this.#touched.add(order.account);
    this.#parts.reports.order(order, kind, details);
    if (kind === 'EXPIRED') this.#endPartnersOfExpired(order, reason);
    this.#left(order);
  }

  /** The whole pair expires when one of it does otherwise than by the other's execution. */
  #endPartnersOfExpired(order: Order, reason: ExpiryReason | undefined): void {
    if (reason === 'OCO_TRIGGER' || reason === 'OTO_PHASE_ONE_EXPIRED') return;
    for (const partner of partnersOf(order)) this.#end(partner, 'EXPIRED', {}, 'OCO_TRIGGER');
  }

  /** An order is over: gives back what is locked for it alone, and tells its list. */
  #left(order: Order): void {
    const { list, reservation } = order;
    const symbol = this.symbol(order.symbol);
    symbol.orders.delete(order);
    this.records(order.account).open.delete(order);
    order.armed = false;
    const partners = partnersOf(order).filter(partner => partner.reservation === reservation);
    if (partners.length === 0) reservation?.release();
    if (list === undefined) return;
    if (order === list.working) {
      if (order.status === 'FILLED') this.#due.push(list);
      else {
        const reason = order.status === 'EXPIRED' ? 'OTO_PHASE_ONE_EXPIRED' : undefined;
        const pending = list.pending;
        list.pending = [];
        for (const other of pending) {
          if (reason !== undefined) this.#end(other, 'EXPIRED', {}, reason);
        }
      }
    }
    if (list.isDone || list.orders.some(isLive)) return;
    list.isDone = true;
    list.time = this.#parts.now().time;
    this.#parts.reports.list(list);
  }

  /** The pending orders of a list come into force. */
  #activate(list: OrderList): void {
    const symbol = this.symbol(list.symbol);
    const orders = list.pending.filter(isLive);
    list.pending = [];
    if (orders.length === 0) return;
    const { reservation } = orders[0];
    if (list.paysOther) {
      for (const order of orders) order.quantity = quantityFor(symbol, order.terms, reservation!.left);
      const most = orders.map(({ quantity }) => quantity).reduce(greatest);
      reservation!.shrink(most);
    }
    const price = symbol.price;
    try {
      for (const { terms, quantity } of list.paysOther ? orders : []) {
        const around = this.#around(list.account, symbol);
        const failed = symbol.terms.refuseQuantity(terms, quantity, around);
        if (failed !== undefined || quantity === 0n) throw tradingErrors.filter(failed ?? 'LOT_SIZE');
      }
      if (price !== undefined && orders.length > 1) {
        judgePair(
          orders.map(({ terms }) => terms),
          price,
          tradingErrors.pricesOfList,
        );
      } else if (price !== undefined) judgeArrival(orders[0].terms, price);
    } catch {
      for (const order of orders) this.#end(order, 'EXPIRED', {}, 'REJECTED');
      return;
    }
    list.time = this.#parts.now().time;
    for (const order of orders) if (isLive(order)) this.#enter(symbol, order);
  }

  #walk(symbol: TradedSymbol, from: Amount | undefined, legs: readonly Leg[]): void {
    let at = from;
    for (const leg of legs) {
      this.#walks++;
      symbol.leg = leg;
      symbol.at = at ?? leg.to;
      while (symbol.orders.size > 0) {
        const next = symbol.next(symbol.at, leg, this.#walks);
        if (next === undefined) break;
        symbol.at = next.price;
        this.#reach(symbol, next.order);
        this.settle();
      }
      symbol.trail(leg.to);
      at = leg.to;
    }
    symbol.at = undefined;
    symbol.leg = undefined;
  }

  /** The price that an order waits for is there. */
  #reach(symbol: TradedSymbol, order: Order): void {
    const { terms } = order;
    if (!order.armed) {
      this.#make(symbol, order);
      return;
    }
    if (terms.trailingDelta !== undefined && order.extreme === undefined) {
      order.extreme = symbol.at;
      order.trailingTime = this.#parts.now().time;
      order.updateTime = order.trailingTime;
      return;
    }
    this.#endPartners(order);
    this.#work(symbol, order);
  }

  #flush(): void {
    for (const account of this.#touched) {
      const assets = account.wallet.takeChanged();
      if (assets.length === 0) continue;
      account.updateTime = this.#parts.now().time;
      this.#parts.reports.balances(account, assets);
    }
    this.#touched.clear();
  }
}

/** Throws when an order cannot come into force at a price. */
function judgeArrival(terms: OrderTerms, price: Amount): void {
  if (terms.type === 'LIMIT_MAKER' && isMarketable(terms, price)) throw tradingErrors.wouldMatch();
  if (wouldTrigger(terms, price)) throw tradingErrors.wouldTrigger();
}

/** Throws when the prices of two orders of which one cancels the other do not lie on both sides of the price. */
function judgePair(orders: readonly OrderTerms[], price: Amount, refusal: () => Error): void {
  for (const terms of orders) {
    const matches = terms.type === 'LIMIT_MAKER' && isMarketable(terms, price);
    if (matches || wouldTrigger(terms, price)) throw refusal();
  }
}

function quantityFor(symbol: TradedSymbol, { type }: OrderTerms, held: Amount): Amount {
  return type === 'MARKET' ? symbol.terms.marketQuantity(held) : floorTo(held, symbol.terms.lots.step);
}

function unfilled({ timeInForce }: OrderTerms): ExpiryReason {
  return timeInForce === 'FOK' ? 'UNFILLED_FOK_ORDER_EXPIRED' : 'UNFILLED_IOC_QUANTITY_EXPIRED';
}
