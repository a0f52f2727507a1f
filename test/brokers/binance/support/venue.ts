import type { AccountInput, Command, PricedTrade } from '../../../../src/brokers/binance/commands.ts';
import { Decimal } from '../../../../src/brokers/binance/decimal.ts';
import type {
  ExchangeOrderStatus,
  NewOrder,
  NewOrderList,
  OrderSnapshot,
} from '../../../../src/brokers/binance/port.ts';
import { mulberry32 } from '../../../support/random-walk.ts';

interface VenueOrder {
  readonly order: NewOrder;
  readonly orderId: number;
  readonly list: VenueOrder[];
  readonly trades: PricedTrade[];
  quantity: Decimal;
  status: ExchangeOrderStatus;
  executed: Decimal;
  triggered: boolean;
  /** Of a trailing stop: the best price so far. */
  best: number;
  /** Orders that wait for this one to be filled. */
  pending: VenueOrder[];
}

const LOT = Decimal.of('0.001');
const OPEN: ReadonlySet<ExchangeOrderStatus> = new Set(['NEW', 'PARTIALLY_FILLED', 'PENDING_NEW']);
const ZERO = Decimal.ZERO;

export interface VenueOptions {
  readonly seed: number;
  /** Share of executions that come in parts. */
  readonly partial: number;
  /** In the asset received. */
  readonly fee: string;
  readonly base: string;
  readonly quote: string;
}

/**
 * A small exchange: it takes the broker's commands, matches them against a price that moves, and tells what becomes of them.
 * Written for tests from the exchange's documents alone, so that it shares no code with what it judges.
 */
export class Venue {
  price = 100;
  time = 0;
  base: Decimal;
  quote: Decimal;
  /** What has been told and not been fetched. */
  readonly reports: AccountInput[] = [];
  readonly orders = new Map<string, VenueOrder>();
  readonly lists = new Map<string, VenueOrder[]>();
  readonly trades: { readonly clientOrderId: string; readonly side: string; readonly trade: PricedTrade }[] =
    [];
  readonly #options: VenueOptions;
  readonly #random: () => number;
  #numbers = 0;

  constructor(options: VenueOptions) {
    this.#options = options;
    this.#random = mulberry32(options.seed);
    this.base = Decimal.of(options.base);
    this.quote = Decimal.of(options.quote);
  }

  handle(command: Command): void {
    switch (command.kind) {
      case 'place':
        this.#placeAll([command.order], undefined);
        break;
      case 'placeList':
        if (this.lists.has(command.list.listClientOrderId)) throw new Error('a list id was used twice');
        this.#placeAll(command.list.orders, command.list);
        break;
      case 'cancel':
        this.#cancel(this.orders.get(command.clientOrderId));
        break;
      case 'cancelList':
        this.#cancel(this.lists.get(command.listClientOrderId)?.find(one => OPEN.has(one.status)));
    }
  }

  /** What the exchange answers who asks for an order: all of it. */
  query(clientOrderId: string): AccountInput {
    const order = this.orders.get(clientOrderId);
    if (order !== undefined) return this.#told(order, order.trades);
    return {
      kind: 'refused',
      time: this.time,
      clientOrderIds: [clientOrderId],
      code: 'NOT_SENT',
      message: 'it was never sent',
    };
  }

  /** The price moves, through all prices between. */
  move(price: number): void {
    const direction = Math.sign(price - this.price);
    while (this.price !== price) {
      const next = this.#nextStop(price, direction);
      this.price = next;
      for (const order of [...this.orders.values()]) this.#meet(order);
      if (next === price) break;
    }
    for (const order of [...this.orders.values()]) this.#meet(order);
  }

  #nextStop(price: number, direction: number): number {
    let next = price;
    for (const { order, status } of this.orders.values()) {
      if (!OPEN.has(status)) continue;
      for (const text of [order.price, order.stopPrice]) {
        const at = Number(text ?? Number.NaN);
        if (direction > 0 ? at > this.price && at < next : at < this.price && at > next) next = at;
      }
    }
    return next;
  }

  #placeAll(orders: readonly NewOrder[], list: NewOrderList | undefined): void {
    for (const { clientOrderId } of orders) {
      if (this.orders.has(clientOrderId)) throw new Error(`the id ${clientOrderId} was used twice`);
      if (!/^[a-zA-Z0-9-_]{1,36}$/.test(clientOrderId)) throw new Error(`${clientOrderId} is no id`);
    }
    const working = list === undefined || list.kind === 'oco' ? orders.length : 1;
    const objection = this.#objection(orders.slice(0, working), list);
    if (objection !== undefined) {
      this.reports.push({
        kind: 'refused',
        time: this.time,
        clientOrderIds: orders.map(order => order.clientOrderId),
        code: 'EXCHANGE_REJECTED',
        message: objection,
      });
      return;
    }
    const together: VenueOrder[] = [];
    const made = orders.map((order, i) => this.#make(order, together, i < working ? 'NEW' : 'PENDING_NEW'));
    if (list !== undefined) {
      together.push(...made);
      this.lists.set(list.listClientOrderId, made);
    }
    for (const one of made.slice(working)) made[0]!.pending.push(one);
    for (const one of made) if (one.status === 'NEW' && !isImmediate(one.order)) this.#tell(one, []);
    for (const one of made.slice(0, working)) this.#arrive(one);
  }

  #make(order: NewOrder, list: VenueOrder[], status: ExchangeOrderStatus): VenueOrder {
    const made: VenueOrder = {
      ...{ order, list, status, orderId: ++this.#numbers, trades: [], executed: ZERO, pending: [] },
      quantity: order.quantity === undefined ? ZERO : Decimal.of(order.quantity),
      triggered: order.type === 'LIMIT' || order.type === 'LIMIT_MAKER' || order.type === 'MARKET',
      best: this.price,
    };
    if (order.quoteQuantity !== undefined) {
      const units = Decimal.of(order.quoteQuantity).wholeTimes(Decimal.of(this.price).times(LOT));
      made.quantity = LOT.times(Decimal.of(String(units)));
    }
    this.orders.set(order.clientOrderId, made);
    return made;
  }

  #objection(orders: readonly NewOrder[], list: NewOrderList | undefined): string | undefined {
    const { price } = this;
    if (list?.kind === 'oco') {
      const [above, below] = orders.map(order => Number(order.price ?? order.stopPrice ?? Number.NaN));
      const wrong = (above! <= price && orders[0]!.stopPrice === undefined) || below! >= price;
      if (wrong || (orders[0]!.stopPrice !== undefined && Number(orders[0]!.stopPrice) <= price)) {
        return 'The relationship of the prices for the orders is not correct.';
      }
    }
    for (const order of orders) {
      const sell = order.side === 'SELL';
      const stop = Number(order.stopPrice ?? Number.NaN);
      if (order.type.startsWith('STOP') && (sell ? price <= stop : price >= stop)) {
        return 'Stop price would trigger immediately.';
      }
      const limit = Number(order.price ?? Number.NaN);
      if (order.type === 'LIMIT_MAKER' && (sell ? price >= limit : price <= limit)) {
        return 'Order would immediately match and take.';
      }
    }
    const [first] = orders;
    const needed = first!.quantity === undefined ? ZERO : Decimal.of(first!.quantity);
    if (first!.side === 'SELL' && needed.compare(this.freeBase()) > 0) {
      return 'Account has insufficient balance for requested action.';
    }
    return undefined;
  }

  /** Base that no order in force holds. */
  freeBase(): Decimal {
    const seen = new Set<VenueOrder[]>();
    let free = this.base;
    for (const one of this.orders.values()) {
      if (one.order.side !== 'SELL' || !OPEN.has(one.status) || one.status === 'PENDING_NEW') continue;
      if (one.list.length > 0 && seen.has(one.list)) continue;
      seen.add(one.list);
      free = free.minus(one.quantity.minus(one.executed));
    }
    return free;
  }

  /** An order has come into force: what is marketable is executed. */
  #arrive(one: VenueOrder): void {
    const { order } = one;
    if (one.triggered && (order.type === 'MARKET' || this.#reaches(one))) this.#execute(one, false);
    if (!OPEN.has(one.status)) return;
    if (order.type === 'MARKET' || order.timeInForce === 'IOC' || order.timeInForce === 'FOK') {
      this.#end(one, 'EXPIRED');
    }
  }

  #reaches({ order }: VenueOrder): boolean {
    const limit = Number(order.price ?? Number.NaN);
    if (Number.isNaN(limit)) return true;
    return order.side === 'SELL' ? this.price >= limit : this.price <= limit;
  }

  #meet(one: VenueOrder): void {
    if (!OPEN.has(one.status) || one.status === 'PENDING_NEW') return;
    const sell = one.order.side === 'SELL';
    if (!one.triggered) {
      one.best = sell ? Math.max(one.best, this.price) : Math.min(one.best, this.price);
      const delta = (one.order.trailingDelta ?? 0) / 10_000;
      const stop = Number(one.order.stopPrice ?? one.best * (sell ? 1 - delta : 1 + delta));
      if (sell ? this.price > stop : this.price < stop) return;
      one.triggered = true;
      if (this.#reaches(one)) this.#execute(one, false);
    } else if (this.#reaches(one)) this.#execute(one, true);
  }

  /** Executes an order, in one go or in part; what takes and has no limit is executed whole, in one piece or two. */
  #execute(one: VenueOrder, maker: boolean): void {
    const { order } = one;
    const left = one.quantity.minus(one.executed);
    const whole = Number.isNaN(Number(order.price ?? Number.NaN)) || order.timeInForce === 'FOK';
    const splits = this.#random() < this.#options.partial;
    const some = left.times(Decimal.of(Number(this.#random().toFixed(3)))).down(LOT);
    const first = splits && some.sign > 0 ? some : left;
    for (const other of one.list) {
      // The first execution of one of a pair ends the other.
      const pair = other !== one && other.status !== 'PENDING_NEW' && !one.pending.includes(other);
      if (pair && OPEN.has(other.status) && !other.pending.includes(one)) this.#end(other, 'EXPIRED');
    }
    this.#trade(one, first, maker);
    if (whole && first.compare(left) < 0) this.#trade(one, left.minus(first), maker);
    if (one.status === 'FILLED') this.#activate(one);
  }

  #trade(one: VenueOrder, quantity: Decimal, maker: boolean): void {
    const { order } = one;
    const price = Decimal.of(maker ? order.price! : this.price);
    const buys = order.side === 'BUY';
    const value = quantity.times(price);
    const commission = (buys ? quantity : value).times(Decimal.of(this.#options.fee)).down(Decimal.unit(8));
    const trade: PricedTrade = {
      ...{
        symbol: order.symbol,
        tradeId: this.trades.length + 1,
        orderId: one.orderId,
        maker,
        time: this.time,
      },
      ...{ price: price.toString(), quantity: quantity.toString(), quoteQuantity: value.toString() },
      ...{ commission: commission.toString(), commissionAsset: buys ? 'BTC' : 'USDT' },
      commissionPrice: buys ? price.toNumber() : 1,
    };
    this.base = buys ? this.base.plus(quantity).minus(commission) : this.base.minus(quantity);
    this.quote = buys ? this.quote.minus(value) : this.quote.plus(value).minus(commission);
    one.trades.push(trade);
    this.trades.push({ clientOrderId: order.clientOrderId, side: order.side, trade });
    one.executed = one.executed.plus(quantity);
    one.status = one.executed.compare(one.quantity) >= 0 ? 'FILLED' : 'PARTIALLY_FILLED';
    this.#tell(one, [trade]);
  }

  /** The orders behind one that has been filled come into force, or expire if they cannot. */
  #activate(one: VenueOrder): void {
    const { pending } = one;
    if (pending.length === 0) return;
    const brought = one.trades.reduce(
      (sum, { quantity, commission }) => sum.plus(Decimal.of(quantity)).minus(Decimal.of(commission)),
      ZERO,
    );
    for (const next of pending) {
      if (next.order.quantity === undefined) next.quantity = brought.down(LOT);
      next.best = this.price;
    }
    const orders = pending.map(next => ({ ...next.order, quantity: next.quantity.toString() }));
    const kind = pending.length === 2 ? 'oco' : 'oto';
    const list: NewOrderList = { kind, symbol: one.order.symbol, listClientOrderId: '', orders };
    const objection = this.#objection(orders, list);
    for (const next of pending) {
      if (objection !== undefined) this.#end(next, 'EXPIRED');
      else {
        next.status = 'NEW';
        this.#tell(next, []);
      }
    }
    if (objection === undefined) for (const next of pending) this.#arrive(next);
  }

  #cancel(one: VenueOrder | undefined): void {
    if (one === undefined || !OPEN.has(one.status)) return;
    const all = one.list.length === 0 ? [one] : one.list;
    for (const each of all) if (OPEN.has(each.status)) this.#end(each, 'CANCELED');
  }

  #end(one: VenueOrder, status: ExchangeOrderStatus): void {
    one.status = status;
    this.#tell(one, []);
    if (status !== 'FILLED')
      for (const next of one.pending) if (OPEN.has(next.status)) this.#end(next, 'EXPIRED');
  }

  #tell(one: VenueOrder, trades: readonly PricedTrade[]): void {
    this.reports.push(this.#told(one, trades));
  }

  #told(one: VenueOrder, trades: readonly PricedTrade[]): AccountInput {
    const { order, orderId, list, status, quantity, executed } = one;
    const snapshot: OrderSnapshot = {
      ...{
        symbol: order.symbol,
        clientOrderId: order.clientOrderId,
        orderId,
        orderListId: list.length === 0 ? -1 : 1,
      },
      ...{ side: order.side, type: order.type, status, quantity: quantity.toString() },
      ...{ price: order.price ?? '0.00000000', stopPrice: order.stopPrice ?? '0.00000000' },
      ...{ executed: executed.toString(), executedQuote: '0', time: this.time, reason: '' },
    };
    return { kind: 'order', time: this.time, order: snapshot, trades: [...trades] };
  }
}

function isImmediate({ type, timeInForce }: NewOrder): boolean {
  return type === 'MARKET' || timeInForce === 'IOC' || timeInForce === 'FOK';
}
