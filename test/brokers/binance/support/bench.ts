import { BinanceBroker, type BinanceBrokerOptions } from '../../../../src/brokers/binance/broker.ts';
import type { AccountInput, Command, PricedTrade } from '../../../../src/brokers/binance/commands.ts';
import type { ExchangeOrderStatus, NewOrder, TradingSymbol } from '../../../../src/brokers/binance/port.ts';
import type { Bars } from '../../../../src/model/bars.ts';
import type { OrderTerms } from '../../../../src/model/order.ts';
import { emptyTerms } from '../../../../src/model/order-terms.ts';
import { BTC, symbolTerms } from './symbol.ts';

export const START = Date.UTC(2024, 0, 1);
export const MINUTE = 60_000;

export interface BenchOptions extends Partial<BinanceBrokerOptions> {
  readonly terms?: Partial<TradingSymbol>;
}

/** No limit is in the way. */
export const UNLIMITED = {
  maxOrderNotional: Number.POSITIVE_INFINITY,
  maxPositionNotional: Number.POSITIVE_INFINITY,
  maxOpenOrders: Number.POSITIVE_INFINITY,
  maxOrdersPerMinute: Number.POSITIVE_INFINITY,
  maxDailyLoss: Number.POSITIVE_INFINITY,
  maxPriceDistance: Number.POSITIVE_INFINITY,
  duplicateWindowMs: 0,
};

/** The broker alone, with one-minute bars, and reports written by hand. */
export class Bench {
  readonly broker: BinanceBroker;
  time = START;
  bar = -1;
  /** What was told, to be told again to another. */
  readonly inputs: AccountInput[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #placed = new Map<string, NewOrder>();
  readonly #trades = new Map<string, number>();
  #trade = 0;

  constructor(options: BenchOptions = {}) {
    const { terms, ...rest } = options;
    this.broker = new BinanceBroker({
      instruments: [BTC],
      symbols: [symbolTerms(terms)],
      cash: 10_000,
      session: 'bench',
      limits: UNLIMITED,
      ...rest,
    });
  }

  /** A step: a bar closes, and the strategy hears what it has not heard; returns that as `id status`. */
  step(close: number, high = close, low = close, open = close): string[] {
    const openTime = this.time;
    this.time += MINUTE;
    this.bar++;
    const of = (value: number) => Float64Array.of(value);
    const bars = {
      length: 1,
      time: of(openTime),
      open: of(open),
      high: of(high),
      low: of(low),
      close: of(close),
      volume: of(1),
      extra: {},
    };
    this.broker.offer(0, bars as Bars, 0, openTime, this.time, this.bar);
    this.broker.match();
    this.broker.account.marks[0] = close;
    return this.told();
  }

  told(): string[] {
    const { events, orders } = this.broker;
    const count = events.length;
    const told = Array.from({ length: count }, (_, i) => {
      const id = events.apply(i, orders);
      return `${id} ${orders.status(id)}`;
    });
    events.drop(count);
    return told;
  }

  order(side: 'buy' | 'sell', terms: Partial<OrderTerms> = {}): number {
    const id = this.broker.orders.add({
      ...emptyTerms(),
      side,
      createdAt: this.time,
      ...typed(terms),
      ...terms,
    });
    this.broker.submit(id);
    return id;
  }

  /** An entry, its stop and its target, as a bracket places them. */
  bracket(entry: Partial<OrderTerms>, stop: Partial<OrderTerms>, target?: Partial<OrderTerms>): number[] {
    const parentId = this.order('buy', { ...entry, transmit: false });
    const size = entry.size ?? Number.NaN;
    const ids = [parentId, this.order('sell', { size, ...stop, parentId, transmit: target === undefined })];
    if (target !== undefined) ids.push(this.order('sell', { size, ...target, parentId }));
    return ids;
  }

  cancel(id: number): void {
    this.broker.cancel(id, this.time);
  }

  commands(): Command[] {
    const commands = this.broker.takeCommands();
    for (const command of commands) {
      for (const order of ordersOf(command)) {
        this.#placed.set(order.clientOrderId, order);
        this.#numbers.set(order.clientOrderId, this.#numbers.size + 1);
      }
    }
    return commands;
  }

  /** The commands in words. */
  wants(): string[] {
    return this.commands().map(command => inWords(command));
  }

  /** The id of the last order placed that looks so. */
  id(type: NewOrder['type'], side?: NewOrder['side']): string {
    const found = [...this.#placed.values()].findLast(
      order => order.type === type && (side === undefined || order.side === side),
    );
    if (found === undefined) throw new Error(`no ${type} was placed`);
    return found.clientOrderId;
  }

  tell(input: AccountInput): void {
    this.inputs.push(input);
    this.broker.take(input);
  }

  /** Tells of an order; `executed` in all, of which `now` at `price` with this report. */
  report(
    id: string,
    status: ExchangeOrderStatus,
    fill?: {
      readonly quantity: string;
      readonly price: string;
      readonly commission?: string;
      readonly asset?: string;
      readonly maker?: boolean;
      readonly unit?: number;
    },
    {
      reason = '',
      time = this.time,
      executed,
      quantity,
    }: { reason?: string; time?: number; executed?: string; quantity?: string } = {},
  ): AccountInput {
    const placed = this.#placed.get(id)!;
    const orderId = this.#numbers.get(id)!;
    const before = this.#trades.get(id) ?? 0;
    const sum = Number((before + Number(fill?.quantity ?? 0)).toFixed(8));
    this.#trades.set(id, sum);
    const trades: PricedTrade[] =
      fill === undefined
        ? []
        : [
            {
              symbol: placed.symbol,
              tradeId: ++this.#trade,
              orderId,
              price: fill.price,
              quantity: fill.quantity,
              quoteQuantity: String(Number((Number(fill.price) * Number(fill.quantity)).toFixed(8))),
              commission: fill.commission ?? '0',
              commissionAsset: fill.asset ?? 'USDT',
              commissionPrice: fill.unit ?? 1,
              maker: fill.maker ?? false,
              time,
            },
          ];
    const input: AccountInput = {
      kind: 'order',
      time,
      order: {
        symbol: placed.symbol,
        clientOrderId: id,
        orderId,
        orderListId: -1,
        side: placed.side,
        type: placed.type,
        status,
        quantity: quantity ?? placed.quantity ?? fill?.quantity ?? '0.00000000',
        price: placed.price ?? '0.00000000',
        stopPrice: placed.stopPrice ?? '0.00000000',
        executed: executed ?? String(sum),
        executedQuote: '0',
        time,
        reason,
      },
      trades,
    };
    this.tell(input);
    return input;
  }

  refuse(id: string, message: string, code = 'EXCHANGE_REJECTED'): void {
    this.tell({ kind: 'refused', time: this.time, clientOrderIds: [id], code, message });
  }
}

export function ordersOf(command: Command): readonly NewOrder[] {
  return command.kind === 'place' ? [command.order] : command.kind === 'placeList' ? command.list.orders : [];
}

function inWords(command: Command): string {
  switch (command.kind) {
    case 'place':
      return `${words(command.order)}${command.protective ? ' protective' : ''}`;
    case 'placeList':
      return `${command.list.kind}: ${command.list.orders.map(words).join(' | ')}${command.protective ? ' protective' : ''}`;
    default:
      return command.kind;
  }
}

function words(order: NewOrder): string {
  const { side, type, quantity, quoteQuantity, price, stopPrice, trailingDelta, timeInForce } = order;
  const parts = [side, type, quantity, quoteQuantity && `for ${quoteQuantity}`, price && `at ${price}`];
  parts.push(
    stopPrice && `stop ${stopPrice}`,
    trailingDelta === undefined ? '' : `trail ${trailingDelta}`,
    timeInForce,
  );
  return parts.filter(part => part !== undefined && part !== '').join(' ');
}

/** The type that the prices say, as the session reads it. */
function typed(terms: Partial<OrderTerms>): Partial<OrderTerms> {
  const has = (value: number | undefined) => value !== undefined && !Number.isNaN(value);
  const limit = has(terms.limit);
  if (has(terms.trailAmount) || has(terms.trailPercent))
    return { type: limit ? 'stopTrailLimit' : 'stopTrail' };
  const stop = has(terms.stop);
  return { type: stop ? (limit ? 'stopLimit' : 'stop') : limit ? 'limit' : 'market' };
}
