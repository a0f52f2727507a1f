import { Decimal } from '../../../../src/brokers/binance/decimal.ts';
import type {
  AccountEvent,
  ExchangeOrderStatus,
  ExchangeTrade,
  NewOrder,
  OrderSnapshot,
} from '../../../../src/brokers/binance/port.ts';

interface Resting {
  readonly asked: NewOrder;
  readonly orderId: number;
  status: ExchangeOrderStatus;
  executed: Decimal;
  quote: Decimal;
  time: number;
  /** When it was taken. */
  readonly takenAt: number;
}

export class Refusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const FEE = Decimal.of('0.001');

/** An exchange in memory, exact, and right at all times; what its clients hear is for others to spoil. */
export class MemoryExchange {
  readonly balances = new Map<string, Decimal>();
  readonly orders: Resting[] = [];
  readonly trades: ExchangeTrade[] = [];
  readonly listeners = new Set<(event: AccountEvent) => void>();
  readonly prices = new Map<string, Decimal>();
  /** How often each id was accepted. */
  readonly accepted = new Map<string, number>();
  /** Fees are taken in this asset instead of in what was received. */
  feeAsset: string | undefined;
  #trade = 100;

  constructor(balances: Readonly<Record<string, string>>) {
    for (const [asset, amount] of Object.entries(balances)) this.balances.set(asset, Decimal.of(amount));
  }

  static assets(symbol: string): { base: string; quote: string } {
    return { base: symbol.slice(0, -4), quote: symbol.slice(-4) };
  }

  setPrice(symbol: string, price: string, time: number): void {
    this.prices.set(symbol, Decimal.of(price));
    for (const order of this.orders) {
      if (order.asked.symbol !== symbol || !isOpen(order)) continue;
      if (order.asked.type === 'MARKET') this.#fill(order, time, false);
      else if (this.#crosses(order.asked)) this.#fill(order, time, true);
    }
  }

  find(symbol: string, id: string): Resting | undefined {
    return this.orders.findLast(one => one.asked.symbol === symbol && one.asked.clientOrderId === id);
  }

  place(asked: NewOrder, time: number): { order: OrderSnapshot; trades: ExchangeTrade[] } {
    if (this.orders.some(one => isOpen(one) && one.asked.clientOrderId === asked.clientOrderId))
      throw new Refusal(-2010, 'Duplicate order sent.');
    const price = this.prices.get(asked.symbol)!;
    const { base, quote } = MemoryExchange.assets(asked.symbol);
    const quantity = Decimal.of(asked.quantity!);
    const needs =
      asked.side === 'SELL'
        ? quantity
        : quantity.times(asked.price === undefined ? price : Decimal.of(asked.price));
    if (this.free(asked.side === 'SELL' ? base : quote).minus(needs).sign < 0)
      throw new Refusal(-2010, 'Account has insufficient balance for requested action.');
    const order: Resting = {
      asked: { ...asked },
      orderId: this.orders.length + 1,
      status: 'NEW',
      executed: Decimal.ZERO,
      quote: Decimal.ZERO,
      time,
      takenAt: time,
    };
    this.orders.push(order);
    this.accepted.set(asked.clientOrderId, (this.accepted.get(asked.clientOrderId) ?? 0) + 1);
    this.#tell(order);
    const before = this.trades.length;
    if (asked.type === 'MARKET' || this.#crosses(asked)) this.#fill(order, time, false);
    return { order: this.snapshot(order), trades: this.trades.slice(before) };
  }

  cancel(symbol: string, id: string, time: number): OrderSnapshot {
    const order = this.find(symbol, id);
    if (order === undefined || !isOpen(order)) throw new Refusal(-2011, 'Unknown order sent.');
    order.status = 'CANCELED';
    order.time = time;
    this.#tell(order);
    return this.snapshot(order);
  }

  free(asset: string): Decimal {
    let free = this.balances.get(asset) ?? Decimal.ZERO;
    for (const order of this.orders) {
      if (!isOpen(order)) continue;
      const { base, quote } = MemoryExchange.assets(order.asked.symbol);
      const rest = Decimal.of(order.asked.quantity!).minus(order.executed);
      if (order.asked.side === 'SELL' && base === asset) free = free.minus(rest);
      if (order.asked.side === 'BUY' && quote === asset)
        free = free.minus(rest.times(Decimal.of(order.asked.price!)));
    }
    return free;
  }

  snapshot(order: Resting): OrderSnapshot {
    const { symbol, clientOrderId, side, type, quantity, price } = order.asked;
    const { orderId, status, executed, quote, time } = order;
    return {
      ...{ symbol, clientOrderId, orderId, orderListId: -1, side, type, status },
      quantity: quantity!,
      price: price ?? '0.00000000',
      stopPrice: '0.00000000',
      executed: executed.toString(),
      executedQuote: quote.toString(),
      time,
      reason: '',
    };
  }

  #crosses({ type, side, symbol, price }: NewOrder): boolean {
    if (type !== 'LIMIT') return false;
    const distance = this.prices.get(symbol)!.minus(Decimal.of(price!)).sign;
    return side === 'BUY' ? distance <= 0 : distance >= 0;
  }

  /** In two executions, so that an order may be seen half filled. */
  #fill(order: Resting, time: number, maker: boolean): void {
    const { asked } = order;
    const whole = Decimal.of(asked.quantity!).minus(order.executed);
    const half = Decimal.of((Math.floor((Number(whole.toString()) * 1000) / 2) / 1000).toFixed(3));
    for (const size of half.sign > 0 ? [half, whole.minus(half)] : [whole])
      this.#execute(order, size, time, maker);
  }

  #execute(order: Resting, size: Decimal, time: number, maker: boolean): void {
    const { symbol, side, price } = order.asked;
    const { base, quote } = MemoryExchange.assets(symbol);
    const at = maker ? Decimal.of(price!) : this.prices.get(symbol)!;
    const amount = size.times(at);
    const buys = side === 'BUY';
    const asset = this.feeAsset ?? (buys ? base : quote);
    const fee = this.feeAsset === undefined ? (buys ? size : amount).times(FEE) : Decimal.of('0.001');
    const move = (name: string, by: Decimal) =>
      this.balances.set(name, (this.balances.get(name) ?? Decimal.ZERO).plus(by));
    move(base, buys ? size : Decimal.ZERO.minus(size));
    move(quote, buys ? Decimal.ZERO.minus(amount) : amount);
    move(asset, Decimal.ZERO.minus(fee));
    order.executed = order.executed.plus(size);
    order.quote = order.quote.plus(amount);
    order.time = time;
    const isDone = Decimal.of(order.asked.quantity!).minus(order.executed).sign === 0;
    order.status = isDone ? 'FILLED' : 'PARTIALLY_FILLED';
    const trade: ExchangeTrade = {
      ...{
        symbol,
        tradeId: this.#trade++,
        orderId: order.orderId,
        price: at.toString(),
        quantity: size.toString(),
      },
      ...{
        quoteQuantity: amount.toString(),
        commission: fee.toString(),
        commissionAsset: asset,
        maker,
        time,
      },
    };
    this.trades.push(trade);
    this.#tell(order, trade);
  }

  #tell(order: Resting, trade?: ExchangeTrade): void {
    for (const listener of this.listeners) listener({ kind: 'order', order: this.snapshot(order), trade });
  }
}

export function isOpen({ status }: { readonly status: ExchangeOrderStatus }): boolean {
  return status === 'NEW' || status === 'PARTIALLY_FILLED';
}
