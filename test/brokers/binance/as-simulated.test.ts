import fc from 'fast-check';
import { type DataFeed, fixedSize, type Order, type Strategy, strategy } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { BinanceBroker } from '../../../src/brokers/binance/broker.ts';
import type { AccountInput, Command } from '../../../src/brokers/binance/commands.ts';
import { Decimal } from '../../../src/brokers/binance/decimal.ts';
import { clientOrderId } from '../../../src/brokers/binance/identity.ts';
import type { ExchangeOrderStatus, NewOrder } from '../../../src/brokers/binance/port.ts';
import type { Broker } from '../../../src/brokers/broker.ts';
import { SimulatedBroker } from '../../../src/brokers/simulated/broker.ts';
import { percentCommission } from '../../../src/brokers/simulated/commission.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { decimalText } from '../../../src/model/decimal-text.ts';
import { mulberry32 } from '../../support/random-walk.ts';
import { ordersOf, UNLIMITED } from './support/bench.ts';
import { BTC, symbolTerms } from './support/symbol.ts';

const START = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;
const RATE = 0.001;
const CASH = 100_000;

type Act = (self: Strategy, random: () => number) => void;

const close = (self: Strategy) => self.data.bar.close;
const at = (self: Strategy, factor: number) => Number((close(self) * factor).toFixed(2));

const ACTS: readonly Act[] = [
  self => self.buy({ size: 1 }),
  self => self.buy({ quote: 200 }),
  (self, random) => self.buy({ size: 1.234, limit: at(self, 1 - 0.01 * random()) }),
  (self, random) => self.buy({ size: 1, stop: at(self, 1 + 0.01 * random()) }),
  (self, random) =>
    self.buy({ size: 1, stop: at(self, 1.002), limit: at(self, 1.002 + 0.004 * (random() - 0.5)) }),
  (self, random) => self.buy({ size: 1, limit: at(self, 1 + 0.002 * (random() - 0.5)), timeInForce: 'IOC' }),
  (self, random) => self.buy({ size: 1, limit: at(self, 1 + 0.002 * (random() - 0.5)), postOnly: true }),
  self => self.buyBracket({ size: 1, stopLoss: at(self, 0.98), takeProfit: at(self, 1.02) }),
  self => self.buyBracket({ size: 1, stopLoss: { percent: 0.01 }, takeProfit: { distance: 1 } }),
  self =>
    self.buyBracket({
      size: 1,
      limit: at(self, 0.999),
      stopLoss: at(self, 0.98),
      takeProfit: at(self, 1.02),
    }),
  self =>
    self.buyBracket({
      size: 1,
      limit: at(self, 0.999),
      stopLoss: { percent: 0.01 },
      takeProfit: { distance: 1 },
    }),
  self => self.buyBracket({ size: 1, limit: at(self, 0.999), stopLoss: { trailPercent: 0.01 } }),
  self => self.buyBracket({ size: 1, stopLoss: { trailAmount: 0.7 }, takeProfit: at(self, 1.02) }),
  self => {
    // What exits hold may be sold in a simulation if a resting order is filled first; at an exchange nobody can know that.
    if (self.openOrders.every(order => order.side === 'buy')) self.close();
  },
  self => {
    for (const order of self.openOrders) self.cancel(order);
    self.close();
  },
  (self, random) => {
    const alive = self.openOrders;
    if (alive.length > 0) self.cancel(alive[Math.floor(random() * alive.length)]!);
  },
  self => {
    if (self.position.size === 0) return;
    const stop = self.sell({ size: self.position.size / 2, stop: at(self, 0.99) });
    self.sell({ size: self.position.size / 2, limit: at(self, 1.01), oco: stop });
  },
];

/** The real broker, told what the simulated one has filled, in the words of an exchange. */
class Mirror {
  readonly broker: BinanceBroker;
  readonly #placed = new Map<string, { order: NewOrder; list: string; open: boolean; orderId: number }>();
  #trade = 0;
  time = START;

  constructor() {
    this.broker = new BinanceBroker({
      instruments: [BTC],
      symbols: [symbolTerms()],
      cash: CASH,
      session: 'mirror',
      limits: UNLIMITED,
      fees: { maker: RATE, taker: RATE, in: 'base' },
    });
  }

  drain(): void {
    for (
      let commands = this.broker.takeCommands();
      commands.length > 0;
      commands = this.broker.takeCommands()
    ) {
      for (const command of commands) this.#handle(command);
    }
  }

  #handle(command: Command): void {
    const list = command.kind === 'placeList' ? command.list.listClientOrderId : '';
    for (const [i, order] of ordersOf(command).entries()) {
      this.#placed.set(order.clientOrderId, { order, list, open: true, orderId: this.#placed.size + 1 });
      const pending = command.kind === 'placeList' && command.list.kind !== 'oco' && i > 0;
      // Whether these are taken is known with the next price.
      const judged =
        order.type === 'MARKET' ||
        order.timeInForce === 'IOC' ||
        (order.type === 'LIMIT_MAKER' && list === '');
      if (!judged) this.#tell(order.clientOrderId, pending ? 'PENDING_NEW' : 'NEW');
    }
    if (command.kind === 'cancel') this.#end(command.clientOrderId, 'CANCELED');
    if (command.kind === 'cancelList') {
      for (const [id, one] of this.#placed)
        if (one.list === command.listClientOrderId) this.#end(id, 'CANCELED');
    }
  }

  /** Ends an order, and those of its list. */
  #end(id: string, status: ExchangeOrderStatus): void {
    const { list } = this.#placed.get(id)!;
    for (const [other, one] of this.#placed) {
      if (one.open && (other === id || (list !== '' && one.list === list))) {
        one.open = false;
        this.#tell(other, status);
      }
    }
  }

  /** The order at the exchange that serves an order of the strategy now. */
  find(id: number): string | undefined {
    for (let attempt = 0; attempt < 300; attempt++) {
      const known = clientOrderId('mirror', id, 'order', attempt);
      if (this.#placed.get(known)?.open) return known;
    }
    return undefined;
  }

  fill(id: number, size: number, price: number, time: number, maker: boolean): void {
    const known = this.find(id);
    if (known === undefined) throw new Error(`order ${id} was filled, and is not at the exchange`);
    const one = this.#placed.get(known)!;
    one.open = false;
    this.time = time;
    const quantity = Decimal.of(size.toFixed(8));
    const buys = one.order.side === 'BUY';
    const value = quantity.times(Decimal.of(decimalText(price)));
    const commission = (buys ? quantity : value).times(Decimal.of(RATE));
    // Of exits the first execution ends the other; an entry brings them into force.
    const isEntry =
      [...this.#placed.values()].find(other => other.list === one.list)!.order === one.order &&
      one.list !== '' &&
      buys;
    for (const [other, its] of this.#placed) {
      if (other === known || one.list === '' || its.list !== one.list || !its.open || isEntry) continue;
      its.open = false;
      this.#tell(other, 'EXPIRED');
    }
    this.#tell(known, 'FILLED', {
      ...{
        symbol: 'BTCUSDT',
        tradeId: ++this.#trade,
        orderId: one.orderId,
        price: decimalText(price),
        time,
        maker,
      },
      ...{
        quantity: quantity.toString(),
        quoteQuantity: value.toString(),
        commission: commission.toString(),
      },
      ...{ commissionAsset: buys ? 'BTC' : 'USDT', commissionPrice: buys ? price : 1 },
    });
    if (isEntry)
      for (const [other, its] of this.#placed)
        if (its.list === one.list && its.open) this.#tell(other, 'NEW');
    this.drain();
  }

  expire(id: number): void {
    const known = this.find(id);
    if (known !== undefined) this.#end(known, 'EXPIRED');
  }

  reject(id: number, message: string): void {
    const known = this.find(id);
    if (known === undefined) return;
    this.#placed.get(known)!.open = false;
    this.broker.take({
      kind: 'refused',
      time: this.time,
      clientOrderIds: [known],
      code: 'EXCHANGE_REJECTED',
      message,
    });
  }

  #tell(
    id: string,
    status: ExchangeOrderStatus,
    trade?: Extract<AccountInput, { kind: 'order' }>['trades'][number],
  ): void {
    const { order, orderId } = this.#placed.get(id)!;
    const quantity = order.quantity ?? trade?.quantity ?? '0';
    this.broker.take({
      kind: 'order',
      time: this.time,
      order: {
        ...{
          symbol: 'BTCUSDT',
          clientOrderId: id,
          orderId,
          orderListId: -1,
          side: order.side,
          type: order.type,
          status,
        },
        ...{
          quantity,
          price: order.price ?? '0',
          stopPrice: order.stopPrice ?? '0',
          executed: trade?.quantity ?? '0',
        },
        ...{ executedQuote: '0', time: this.time, reason: '' },
      },
      trades: trade === undefined ? [] : [trade],
    });
  }
}

const FEED: DataFeed = {
  ...{ instrument: BTC, interval: '1m', stamps: 'open', columns: [] },
  async *events() {},
};

interface Seen {
  readonly told: string[];
  readonly account: string[];
}

/** What doubles may differ in is left out. */
function plain(value: number): number {
  // Pushed off the middle between two roundings, where decimals often are.
  return Number((value + 3.1e-10).toFixed(8));
}

/** A strategy that does at each bar what chance says, and writes down what it sees. */
function restless(seed: number, seen: Seen, acts: readonly Act[]) {
  const random = mulberry32(seed);
  return class Restless extends strategy() {
    next() {
      const { cash, freeCash, position } = this;
      const flat = Math.abs(position.size) < 1e-9;
      const rounded = [cash, freeCash, flat ? 0 : position.size, flat ? 0 : position.price].map(plain);
      seen.account.push(`${this.data.length} ${rounded.join(' ')}`);
      if (random() < 0.5) acts[Math.floor(random() * acts.length)]!(this, random);
    }
    override notifyOrder({ id, status, filled, price, reason }: Order) {
      // Here the broker takes an order, there the exchange does, a moment later.
      if (status !== 'accepted')
        seen.told.push(
          `${this.data.length} ${id} ${status} ${plain(filled)} ${plain(price)} ${reason?.code ?? ''}`,
        );
    }
  };
}

function run(seed: number, bars: number, acts: readonly Act[]) {
  const [simulated, mirrored]: Seen[] = [
    { told: [], account: [] },
    { told: [], account: [] },
  ];
  const broker = new SimulatedBroker({
    ...{
      instruments: [BTC],
      cash: CASH,
      commission: percentCommission(RATE),
      feeIn: 'base',
      intrabar: 'worst',
    },
  });
  const mirror = new Mirror();
  const engineOf = (its: Broker, seen: Seen) =>
    new Engine({
      strategy: restless(seed, seen, acts),
      feeds: [FEED],
      broker: its,
      sizer: fixedSize(1),
      analyzers: [],
    });
  const engines = [engineOf(broker, simulated!), engineOf(mirror.broker, mirrored!)];
  const random = mulberry32(seed + 1);
  let price = 100;
  let told = 0;
  const alive = new Set<number>();
  for (let i = 0; i < bars; i++) {
    const round = (value: number) => Number(value.toFixed(2));
    const open = round(price * (1 + (random() - 0.5) * 0.002));
    price = round(open * (1 + (random() - 0.5) * 0.01));
    const high = round(Math.max(open, price) * (1 + random() * 0.004));
    const low = round(Math.min(open, price) * (1 - random() * 0.004));
    const of = (value: number) => Float64Array.of(value);
    const row = {
      length: 1,
      time: of(START + i * MINUTE),
      open: of(open),
      high: of(high),
      low: of(low),
      close: of(price),
      volume: of(1),
      extra: {},
    };
    const [first, second] = engines;
    first!.take(0, { kind: 'bars', bars: row, phase: 'run', late: false });
    first!.step();
    const { fills } = broker.account;
    for (; told < fills.length; told++) {
      const fill = fills.at(told);
      mirror.fill(fill.orderId, broker.orders.filled(fill.orderId), fill.price, fill.time, fill.maker);
    }
    for (const id of alive) {
      const reason = broker.orders.reason(id);
      if (reason?.code === 'IOC_NOT_FILLED') mirror.expire(id);
      if (reason?.code === 'POST_ONLY_TAKES') mirror.reject(id, 'Order would immediately match and take.');
      if (!broker.orders.isAlive(id)) alive.delete(id);
    }
    second!.take(0, { kind: 'bars', bars: row, phase: 'run', late: false });
    second!.step();
    mirror.time = START + (i + 1) * MINUTE;
    mirror.drain();
    for (let id = 1; id <= broker.orders.length; id++) if (broker.orders.isAlive(id)) alive.add(id);
  }
  return { broker, mirror, simulated: simulated!, mirrored: mirrored! };
}

const rounded = (value: unknown) => (typeof value === 'number' ? plain(value) : value);

describe('with the same fills', () => {
  test('a strategy is told the same, at the same bars, as by the simulated broker, and sees the same account', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), seed => {
        const { simulated, mirrored, broker, mirror } = run(seed, 120, ACTS);
        // Within a bar an exchange tells in another order.
        expect(mirrored.told.toSorted()).toEqual(simulated.told.toSorted());
        expect(mirrored.account).toEqual(simulated.account);
        const rows = (table: Iterable<object>) =>
          [...table].map(row =>
            Object.fromEntries(Object.entries(row).map(([key, value]) => [key, rounded(value)])),
          );
        expect(rows(mirror.broker.account.fills)).toEqual(rows(broker.account.fills));
        expect(rows(mirror.broker.account.trades)).toEqual(rows(broker.account.trades));
      }),
      { numRuns: 100 },
    );
  });
});
