import type {
  AccountInput,
  Command,
  ExchangeBroker,
  KnownOrder,
} from '../../../../src/brokers/binance/commands.ts';
import type { OrderSnapshot } from '../../../../src/brokers/binance/port.ts';
import { Ledger } from '../../../../src/brokers/ledger.ts';
import { OrderEvents } from '../../../../src/brokers/order-events.ts';
import { OrderTable, Status } from '../../../../src/brokers/orders.ts';
import type { RealBrokerTerms } from '../../../../src/live/real/session.ts';
import type { OrderReason } from '../../../../src/model/order.ts';

interface One {
  readonly id: number;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly protective: boolean;
  orderId: number;
  executed: number;
  covered: number;
  quote: number;
  fees: number;
  ended: boolean;
  status: string;
  refusal: OrderReason | undefined;
  done: boolean;
}

/** The least that trades for real: market and limit orders in base units, sizes as they are given. */
export class PlainBroker implements ExchangeBroker {
  readonly instruments;
  readonly account: Ledger;
  readonly orders: OrderTable;
  readonly events = new OrderEvents();
  readonly profile = 'crypto';
  readonly cheatsOnOpen = false;
  readonly pathDependent = 0;
  readonly liquidations = 0;
  halted: { code: string; message: string } | undefined;
  readonly #key: string;
  readonly #own = new Map<string, One>();
  readonly #ids = new Map<number, One>();
  readonly #trades = new Set<string>();
  #commands: Command[] = [];
  /** Base units that fees were taken of, which positions do not have. */
  bar = 0;

  constructor({ instruments, cash, sessionKey }: RealBrokerTerms) {
    this.instruments = instruments;
    this.account = new Ledger(instruments, cash);
    this.orders = new OrderTable(instruments.map(one => one.symbol));
    this.#key = sessionKey;
  }

  get waiting(): number {
    let alive = 0;
    for (const one of this.#own.values()) if (!one.done) alive++;
    return alive;
  }

  submit(id: number): void {
    const { orders } = this;
    const sell = orders.isSell(id);
    if (this.halted !== undefined && !sell) {
      this.refuse(id, { code: 'HALTED', message: this.halted.message });
      return;
    }
    const { symbol } = this.instruments[orders.instrument(id)];
    const clientOrderId = `q${this.#key}-${id}`;
    const isLimit = orders.type(id) === 'limit';
    const one: One = {
      ...{
        id,
        symbol,
        clientOrderId,
        protective: sell,
        orderId: Number.NaN,
        executed: 0,
        covered: 0,
        quote: 0,
      },
      ...{ fees: 0, ended: false, status: '', refusal: undefined, done: false },
    };
    this.#own.set(clientOrderId, one);
    this.#ids.set(id, one);
    this.#commands.push({
      kind: 'place',
      protective: sell,
      order: {
        ...{ symbol, clientOrderId, side: sell ? 'SELL' : 'BUY', type: isLimit ? 'LIMIT' : 'MARKET' },
        quantity: orders.size(id).toFixed(3),
        ...(isLimit ? { price: orders.limit(id).toFixed(2), timeInForce: 'GTC' as const } : {}),
      },
    });
    this.events.push(id, Status.submitted);
  }

  refuse(id: number, reason: OrderReason): void {
    this.events.push(id, Status.rejected, reason);
  }

  cancel(id: number): void {
    const one = this.#ids.get(id);
    if (one === undefined || one.done) return;
    this.#commands.push({ kind: 'cancel', symbol: one.symbol, clientOrderId: one.clientOrderId });
  }

  takeCommands(): Command[] {
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  take(input: AccountInput): void {
    if (input.kind === 'halt') this.halted = { code: input.code, message: input.message };
    else if (input.kind === 'resume') this.halted = undefined;
    else if (input.kind === 'refused') {
      for (const id of input.clientOrderIds) {
        const one = this.#own.get(id);
        if (one === undefined || one.done) continue;
        one.done = true;
        one.refusal = { code: input.code, message: input.message };
        this.events.push(one.id, Status.rejected, one.refusal);
      }
    } else this.#report(input.order, input);
  }

  #report(order: OrderSnapshot, input: Extract<AccountInput, { kind: 'order' }>): void {
    const one = this.#own.get(order.clientOrderId);
    if (one === undefined) throw new Error(`an order of somebody else: ${order.clientOrderId}`);
    one.orderId = order.orderId;
    one.executed = Math.max(one.executed, Number(order.executed));
    if (!['NEW', 'PARTIALLY_FILLED'].includes(order.status)) {
      one.ended = true;
      one.status = order.status;
    }
    const instrument = this.orders.instrument(one.id);
    for (const trade of input.trades) {
      const key = `${trade.symbol} ${trade.tradeId}`;
      if (this.#trades.has(key)) continue;
      this.#trades.add(key);
      const size = Number(trade.quantity);
      const price = Number(trade.price);
      const inBase = trade.commissionAsset === this.instruments[instrument].base;
      const fee = Number(trade.commission) * trade.commissionPrice;
      one.covered += size;
      one.quote += size * price;
      one.fees += fee;
      const net = inBase ? size - Number(trade.commission) : size;
      const signed = trade.commissionAsset !== '' && order.side === 'SELL' ? -size : net;
      const row = this.account.fills.add(
        one.id,
        instrument,
        signed,
        price,
        fee,
        trade.time,
        trade.maker,
        inBase,
      );
      this.account.book(row, this.bar, '');
    }
    if (Math.abs(one.executed - one.covered) > 1e-9 || one.done || !one.ended) return;
    one.done = true;
    const { id, covered, quote, fees } = one;
    if (order.status === 'FILLED') this.events.pushFill(id, Status.completed, covered, quote / covered, fees);
    else {
      if (covered > 0) this.events.pushFill(id, Status.partial, covered, quote / covered, fees);
      this.events.push(id, Status.canceled, { code: order.status, message: order.reason });
    }
  }

  /** Orders that have not ended, as the strategy will hear. */
  openIds(): string[] {
    return [...this.#own.values()]
      .filter(one => !one.done)
      .map(one => one.clientOrderId)
      .sort();
  }

  *known(): Generator<KnownOrder> {
    for (const one of this.#own.values()) {
      const { symbol, clientOrderId, orderId, protective, executed, covered } = one;
      yield {
        ...{ symbol, clientOrderId, orderId, protective, listClientOrderId: '' },
        state: one.done ? 'ended' : Number.isNaN(orderId) ? 'sent' : 'alive',
        missesTrades: Math.abs(executed - covered) > 1e-9,
      };
    }
  }

  offer(_: number, __: unknown, ___: number, ____: number, _____: number, bar: number): void {
    this.bar = bar;
  }
  offerForming(): void {}
  addCash(): void {}
  sizeFor(_: number, amount: number, price: number): number {
    return amount / price;
  }
  valueOf(instrument: number): number {
    return this.account.sizes[instrument] * this.account.marks[instrument];
  }
  match(): void {}
  end(): void {}
}
