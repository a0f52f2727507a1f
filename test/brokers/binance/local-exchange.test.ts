import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BinanceGateway } from '../../../src/brokers/binance/gateway/gateway.ts';
import type { Keys } from '../../../src/brokers/binance/gateway/keys.ts';
import { openGateway } from '../../../src/brokers/binance/gateway/open-gateway.ts';
import type { AccountEvent, Answer, NewOrder } from '../../../src/brokers/binance/port.ts';
import type { ExchangeOptions } from '../../../src/exchange/exchange.ts';
import { parseFaults } from '../../../src/exchange/fault-script.ts';
import type { AccountOptions } from '../../../src/exchange/trading/account.ts';
import { realNetwork } from '../../../src/net/real.ts';
import { endpointsOf } from '../../../src/venues/binance/endpoints.ts';
import { market, minutes } from '../../exchange/support.ts';
import { Follower } from '../../exchange/trading/support.ts';
import { loopbackWorld, virtualWorld, type World } from '../../exchange/worlds.ts';
import { API_KEY, API_SECRET, hmacKeys, privateKeys } from './support/keys.ts';

const BALANCES = { USDT: '10000', BTC: '10' };

interface Way {
  world(options: Omit<ExchangeOptions, 'timers'>): Promise<World>;
  gateway(world: World, keys: Keys, onNotice: (text: string) => void): BinanceGateway;
}

const endpoints = ({ url }: World) => endpointsOf(url);

const WAYS: Readonly<Record<string, Way>> = {
  'in virtual time': {
    world: virtualWorld,
    gateway: (world, keys, onNotice) =>
      openGateway({
        endpoints: endpoints(world),
        keys,
        network: world.network,
        onNotice: (_, code, message) => onNotice(`${code} ${message}`),
      }),
  },
  'by the library': {
    world: options => loopbackWorld(options),
    gateway: (world, keys, onNotice) =>
      openGateway({
        endpoints: endpoints(world),
        keys,
        onNotice: (_, code, message) => onNotice(`${code} ${message}`),
      }),
  },
  'by our own requests': {
    world: options => loopbackWorld(options),
    gateway: (world, keys, onNotice) =>
      openGateway({
        endpoints: endpoints(world),
        keys,
        network: realNetwork,
        transport: 'own',
        onNotice: (_, code, message) => onNotice(`${code} ${message}`),
      }),
  },
};

async function scene(
  way: Way,
  options: { faults?: string; keys?: Keys; account?: Partial<AccountOptions> } = {},
) {
  const { keys = hmacKeys(), account = { apiSecret: API_SECRET } } = options;
  const world = await way.world({
    market: await market({ BTCUSDT: minutes(30) }),
    pace: 'lockstep',
    accounts: [{ apiKey: API_KEY, balances: BALANCES, ...account }],
    faults: parseFaults(options.faults ?? ''),
  });
  const notices: string[] = [];
  const gateway = way.gateway(world, keys, text => notices.push(text));
  const events: AccountEvent[] = [];
  const told: string[] = [];
  let tick: { time: number; end: boolean; done: () => void } | undefined;
  const stream = gateway.listen({
    onEvent: event => events.push(event),
    onConnected: () => told.push('connected'),
    onDisconnected: () => told.push('disconnected'),
    onRefused: ({ message }) => told.push(`refused: ${message}`),
    onTick: (time, end, done) => {
      tick = { time, end, done };
    },
  });
  onTestFinished(() => {
    stream.close();
    gateway.close();
  });
  await world.until(() => told.length > 0);
  const follower = new Follower(world.network, world.url);
  const stands = () => tick !== undefined && follower.tick?.E === tick.time;
  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    promise.then(done, done);
    await world.until(() => isDone);
    return promise;
  };
  /** The value of an answer that must be one. */
  const ask = async <T>(promise: Promise<Answer<T>>): Promise<T> => {
    const answer = await settle(promise);
    if (!answer.ok) throw new Error(`${answer.failure.class}: ${answer.failure.message}`);
    return answer.value;
  };
  /** Lets time go on to the next moment; true while there is one. */
  const step = async (): Promise<boolean> => {
    const { done, end } = tick!;
    tick = undefined;
    follower.acknowledge();
    done();
    if (!end) await world.until(stands);
    return !end;
  };
  if (told[0] === 'connected') await world.until(stands);
  return { world, gateway, events, told, notices, settle, ask, step, time: () => tick!.time };
}

let number = 0;
const order = (changes: Partial<NewOrder>): NewOrder => ({
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  clientOrderId: `q${++number}`,
  quantity: '0.5',
  ...changes,
});

describe.each(Object.entries(WAYS))('at the local exchange, %s', (_, way) => {
  test('orders are placed, found, cancelled and executed, and everything is told in every way it can be', async () => {
    const { world, gateway, ask, settle, events, step } = await scene(way);
    const [symbol] = await ask(gateway.symbols(['BTCUSDT', 'NOSUCH']));
    expect([symbol.symbol, symbol.base, symbol.quote, symbol.status]).toEqual([
      'BTCUSDT',
      'BTC',
      'USDT',
      'TRADING',
    ]);
    expect(Number(await ask(gateway.price('BTCUSDT')))).toBeGreaterThan(0);
    expect((await ask(gateway.account())).balances).toEqual(
      expect.arrayContaining([
        { asset: 'BTC', free: expect.stringMatching(/^10(\.0+)?$/), locked: expect.anything() },
      ]),
    );
    expect(await ask(gateway.permissions())).toEqual({
      spotTrading: true,
      withdrawals: false,
      ipRestricted: false,
    });
    expect(await ask(gateway.commission('BTCUSDT'))).toEqual({
      maker: '0.001',
      taker: '0.001',
      inBnb: false,
    });

    const resting = order({ price: '10', quantity: '1' });
    const { orders } = await ask(gateway.place(resting));
    expect(orders).toMatchObject([{ clientOrderId: resting.clientOrderId, status: 'NEW' }]);
    expect(await ask(gateway.openOrders('BTCUSDT'))).toMatchObject([
      { clientOrderId: resting.clientOrderId },
    ]);
    const again = await settle(gateway.place(resting));
    expect(again).toMatchObject({ ok: false, failure: { class: 'alive', code: -2010 } });
    const [cancelled] = await ask(gateway.cancel('BTCUSDT', resting.clientOrderId));
    expect(cancelled).toMatchObject({ clientOrderId: resting.clientOrderId, status: 'CANCELED' });
    expect(await settle(gateway.cancel('BTCUSDT', resting.clientOrderId))).toMatchObject({
      failure: { class: 'race', code: -2011 },
    });
    expect(await ask(gateway.order('BTCUSDT', resting.clientOrderId))).toMatchObject({
      clientOrderId: resting.clientOrderId,
      status: 'CANCELED',
    });
    expect(await settle(gateway.order('BTCUSDT', 'never'))).toMatchObject({
      failure: { class: 'notFound', code: -2013 },
    });

    const taken = await ask(gateway.place(order({ type: 'MARKET' })));
    expect(taken.orders).toMatchObject([{ status: 'FILLED' }]);
    expect(Number(taken.orders[0].executed)).toBe(0.5);
    const trades = await ask(gateway.trades('BTCUSDT', { orderId: taken.orders[0].orderId }));
    expect(trades).toMatchObject(taken.trades.map(({ quoteQuantity, ...rest }) => rest));
    expect(await ask(gateway.trades('BTCUSDT', { fromId: 0 }))).toEqual(trades);
    const poor = await settle(gateway.place(order({ type: 'MARKET', quantity: '5000' })));
    expect(poor).toMatchObject({ failure: { class: 'rejected', code: -2010 } });
    expect(await ask(gateway.test(order({ price: '50' })))).toBeUndefined();

    await step();
    const ofMarket = events.filter(
      event => event.kind === 'order' && event.order.clientOrderId === taken.orders[0].clientOrderId,
    );
    expect(ofMarket.map(event => event.kind === 'order' && event.order.status)).toEqual(['NEW', 'FILLED']);
    expect(
      ofMarket.flatMap(event => (event.kind === 'order' && event.trade !== undefined ? [event.trade] : [])),
    ).toEqual(trades);
    expect(ofMarket.at(-1)).toMatchObject({ order: { ...taken.orders[0], reason: '' } });
    const [account] = world.exchange.accounts;
    const last = new Map(
      events.flatMap(event =>
        event.kind === 'balances' ? event.balances.map(one => [one.asset, one] as const) : [],
      ),
    );
    for (const { asset, free, locked } of account.balances) {
      expect([asset, Number(last.get(asset)!.free), Number(last.get(asset)!.locked)]).toEqual([
        asset,
        Number(free),
        Number(locked),
      ]);
    }
  });

  test('order lists are placed and cancelled, and their orders live as the lists say', async () => {
    const { gateway, ask, settle, step } = await scene(way);
    const price = Number(await ask(gateway.price('BTCUSDT')));
    const at = (factor: number) => (price * factor).toFixed(2);
    const above = () => order({ side: 'SELL', type: 'LIMIT_MAKER', price: at(2), quantity: '1' });
    const below = () =>
      order({ side: 'SELL', type: 'STOP_LOSS_LIMIT', stopPrice: at(0.5), price: at(0.4), quantity: '1' });
    const entry = () => order({ price: at(0.6), quantity: '1' });
    const bare = ({ quantity, ...rest }: NewOrder) => rest;
    const lists = [
      { kind: 'oco', orders: [above(), below()], statuses: ['NEW', 'NEW'] },
      { kind: 'oto', orders: [entry(), below()], statuses: ['NEW', 'PENDING_NEW'] },
      { kind: 'otoco', orders: [entry(), above(), below()], statuses: ['NEW', 'PENDING_NEW', 'PENDING_NEW'] },
      { kind: 'opo', orders: [entry(), bare(below())], statuses: ['NEW', 'PENDING_NEW'] },
      {
        kind: 'opoco',
        orders: [entry(), bare(above()), bare(below())],
        statuses: ['NEW', 'PENDING_NEW', 'PENDING_NEW'],
      },
    ] as const;
    for (const { kind, orders, statuses } of lists) {
      const list = { kind, symbol: 'BTCUSDT', listClientOrderId: `l${++number}`, orders };
      const placed = await ask(gateway.placeList(list));
      const ids = orders.map(({ clientOrderId }) => clientOrderId);
      const ofList = (told: readonly { clientOrderId: string; status: string }[]) =>
        told.map(({ clientOrderId, status }) => [clientOrderId, status]);
      expect([kind, ofList(placed.orders)]).toEqual([kind, ids.map((id, i) => [id, statuses[i]])]);
      expect(placed.orders.map(({ type }) => type)).toEqual(orders.map(({ type }) => type));
      const found = await ask(gateway.orderList('BTCUSDT', list.listClientOrderId));
      expect(new Map(ofList(found) as [string, string][])).toEqual(
        new Map(ids.map((id, i) => [id, statuses[i]])),
      );
      const gone =
        kind === 'oco'
          ? await ask(gateway.cancel('BTCUSDT', ids[0]))
          : await ask(gateway.cancelList('BTCUSDT', list.listClientOrderId));
      expect([kind, new Map(ofList(gone) as [string, string][])]).toEqual([
        kind,
        new Map(ids.map(id => [id, 'CANCELED'])),
      ]);
      const again = await settle(gateway.cancelList('BTCUSDT', list.listClientOrderId));
      expect(again).toMatchObject({ failure: { class: expect.stringMatching(/^(race|notFound)$/) } });
    }
    expect(await ask(gateway.openOrders('BTCUSDT'))).toEqual([]);
    await step();
  });

  test('in lockstep the account goes with the market to the end of the data', async () => {
    const { world, gateway, ask, step, events, time, told } = await scene(way);
    const price = Number(await ask(gateway.price('BTCUSDT')));
    for (let i = 0; i < 5; i++) {
      const factor = 1 - 0.002 * (i + 1);
      await ask(gateway.place(order({ price: (price * factor).toFixed(2), quantity: '0.1' })));
      await ask(
        gateway.place(order({ side: 'SELL', price: (price * (2 - factor)).toFixed(2), quantity: '0.1' })),
      );
    }
    let steps = 0;
    do {
      expect(gateway.now()).toBe(time());
      steps++;
    } while (await step());
    const [account] = world.exchange.accounts;
    const executed = events.flatMap(event => (event.kind === 'order' && event.trade ? [event.trade] : []));
    expect(executed.length).toBeGreaterThan(0);
    expect(executed.map(({ tradeId, price, quantity }) => [tradeId, price, quantity])).toEqual(
      account.trades.map(({ id, price, qty }) => [id, price, qty]),
    );
    expect(await ask(gateway.trades('BTCUSDT', { fromId: 0 }))).toEqual(executed);
    expect([steps > 30, told]).toEqual([true, ['connected']]);
  });

  test.each(['rsa', 'ed25519'] as const)('%s keys are taken by REST and the account stream', async type => {
    const { keys, publicKey } = privateKeys(type);
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { gateway, ask, told } = await scene(way, { keys, account: { publicKey: pem } });
    expect(told).toEqual(['connected']);
    expect((await ask(gateway.place(order({ type: 'MARKET' })))).orders).toMatchObject([
      { status: 'FILLED' },
    ]);
  });

  test('a wrong secret is refused everywhere, and seen nowhere', async () => {
    const account = { apiSecret: 'another secret'.padEnd(64, '.') };
    const { gateway, settle, told, notices } = await scene(way, { account });
    expect(told).toEqual([expect.stringMatching(/^refused: .*\(-1022\)$/)]);
    const answer = await settle(gateway.place(order({ type: 'MARKET' })));
    expect(answer).toMatchObject({ failure: { class: 'auth', code: -1022 } });
    const seen = inspect([answer, told, notices, gateway, gateway.counts], { depth: 12, showHidden: true });
    for (const secret of [API_KEY, API_SECRET]) expect(seen).not.toContain(secret);
  });
});
