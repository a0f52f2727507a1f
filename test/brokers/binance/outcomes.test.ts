import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { openGateway } from '../../../src/brokers/binance/gateway/open-gateway.ts';
import type { AccountEvent, Answer, NewOrder } from '../../../src/brokers/binance/port.ts';
import { parseFaults } from '../../../src/exchange/fault-script.ts';
import type { Network } from '../../../src/net/network.ts';
import { endpointsOf } from '../../../src/venues/binance/endpoints.ts';
import { market, minutes } from '../../exchange/support.ts';
import { Follower } from '../../exchange/trading/support.ts';
import { virtualWorld } from '../../exchange/worlds.ts';
import { mulberry32 } from '../../support/random-walk.ts';
import { API_KEY, API_SECRET, hmacKeys } from './support/keys.ts';

/** Everything that can happen to an order, a request and the account's connection. */
const FAULTS = [
  'order-lost=0.06, order-503=0.05, order-503-not=0.05, order-late=0.05, order-never=0.05, order-unseen=0.1',
  'order-429=0.01, order-race=0.05, order-partial=0.1, order-stuck=0.1, order-expired=0.05',
  'rest-5xx=0.05, rest-hang=0.03, rest-broken=0.04, rest-slow=0.05, rest-429=0.01',
  'report-duplicate=0.1, report-reorder=0.1, report-delay=0.1',
  'account-cut=0.05, account-1021=0.2, account-2015=0.1',
].join(', ');

const SEEDS = Array.from({ length: process.env.QT_SOAK === '1' ? 1000 : 40 }, (_, i) => i + 1);

/** Keeps the signatures that leave through a network. */
function tapped(network: Network, signatures: Set<string>): Network {
  const keep = (text: string) => {
    for (const [, found] of text.matchAll(/signature(?:=|":")([^"&]+)/g)) signatures.add(found);
  };
  return {
    ...network,
    http: request => {
      keep(request.url);
      return network.http(request);
    },
    connect: (url, handlers) => {
      const socket = network.connect(url, handlers);
      return {
        send: text => {
          keep(text);
          socket.send(text);
        },
        close: () => socket.close(),
        terminate: () => socket.terminate(),
      };
    },
  };
}

const totals = new Map<string, number>();
const count = (what: string) => totals.set(what, (totals.get(what) ?? 0) + 1);

async function run(seed: number): Promise<void> {
  const world = await virtualWorld({
    market: await market({ BTCUSDT: minutes(30, seed) }),
    pace: 'lockstep',
    accounts: [{ apiKey: API_KEY, apiSecret: API_SECRET, balances: { USDT: '10000', BTC: '10' } }],
    faults: parseFaults(FAULTS),
    seed,
  });
  const random = mulberry32(seed);
  const signatures = new Set<string>();
  const said: unknown[] = [];
  const gateway = openGateway({
    endpoints: endpointsOf(world.url),
    keys: hmacKeys(),
    network: tapped(world.network, signatures),
    onNotice: (level, code, message) => said.push([level, code, message]),
  });
  const events: AccountEvent[] = [];
  const connections: string[] = [];
  const ticks: (() => void)[] = [];
  const stream = gateway.listen({
    onEvent: event => events.push(event),
    onConnected: () => connections.push('connected'),
    onDisconnected: reason => {
      connections.push('disconnected');
      said.push(reason);
    },
    onRefused: failure => said.push(failure),
    onTick: (_, __, done) => ticks.push(done),
  });
  const follower = new Follower(world.network, world.url);
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 1000) {
      if (follower.tick !== undefined) follower.acknowledge();
      for (const done of ticks.splice(0)) done();
      await world.pass(1000);
    }
  };
  const asked: { order: NewOrder; answer: Answer<unknown> }[] = [];
  const wait = async <T>(promise: Promise<Answer<T>>): Promise<Answer<T>> => {
    let answer: Answer<T> | undefined;
    void promise.then(value => {
      answer = value;
    });
    while (answer === undefined) await pass(1000);
    if (!answer.ok) said.push(answer.failure);
    count(answer.ok ? 'ok' : answer.failure.class);
    return answer;
  };
  await pass(5000);
  for (let i = 0; i < 25; i++) {
    const side = random() < 0.5 ? 'BUY' : 'SELL';
    const order: NewOrder = {
      symbol: 'BTCUSDT',
      side,
      type: random() < 0.4 ? 'MARKET' : 'LIMIT',
      clientOrderId: `q${seed}-${i}`,
      quantity: random() < 0.1 ? '5000' : '0.1',
    };
    const limit = { ...order, price: (100 * (side === 'BUY' ? 0.99 : 1.01)).toFixed(2) };
    const placed = order.type === 'LIMIT' ? limit : order;
    asked.push({ order: placed, answer: await wait(gateway.place(placed)) });
    if (random() < 0.3) asked.push({ order: placed, answer: await wait(gateway.place(placed)) });
    if (random() < 0.3) await wait(gateway.cancel('BTCUSDT', placed.clientOrderId));
    if (random() < 0.5) await wait(gateway.order('BTCUSDT', placed.clientOrderId));
    if (random() < 0.2) await wait(gateway.openOrders('BTCUSDT'));
    if (random() < 0.2) await wait(gateway.account());
    await pass(2000);
  }
  // Late answers and executions.
  await pass(120_000);
  stream.close();
  gateway.close();
  const [account] = world.exchange.accounts;
  const exists = new Set(account.orders.map(({ clientOrderId }) => clientOrderId));
  for (const id of new Set(asked.map(({ order }) => order.clientOrderId))) {
    const answers = asked.filter(({ order }) => order.clientOrderId === id).map(({ answer }) => answer);
    const kinds = answers.map(answer => (answer.ok ? 'ok' : answer.failure.class));
    // What was said to have happened has; what was said not to have, has not, unless another request of the same id did it.
    const did = kinds.some(kind => kind === 'ok' || kind === 'alive');
    const maybe = kinds.includes('unknown');
    if (did) expect([seed, id, kinds, exists.has(id)]).toEqual([seed, id, kinds, true]);
    else if (!maybe) expect([seed, id, kinds, exists.has(id)]).toEqual([seed, id, kinds, false]);
    expect(kinds).not.toContain('notFound');
    expect(kinds).not.toContain('race');
  }
  // Every order is there once, but for ids that were used again once they were done with.
  const executions = new Map(account.trades.map(trade => [trade.id, trade]));
  for (const event of events) {
    if (event.kind !== 'order' || event.trade === undefined) continue;
    expect(executions.get(event.trade.tradeId)).toMatchObject({
      price: event.trade.price,
      qty: event.trade.quantity,
    });
    count('executions told');
  }
  const seen = inspect([said, asked, connections, gateway.counts, gateway], {
    depth: 12,
    maxArrayLength: null,
    maxStringLength: null,
    showHidden: true,
  });
  expect(signatures.size).toBeGreaterThan(25);
  for (const secret of [API_KEY, API_SECRET, ...signatures]) expect(seen).not.toContain(secret);
  for (const part of ['signature=', 'timestamp=', 'X-MBX']) expect(seen).not.toContain(part);
  count('runs');
  for (const [kind, times] of Object.entries(world.exchange.status.faults)) {
    totals.set(`fault ${kind}`, (totals.get(`fault ${kind}`) ?? 0) + (times ?? 0));
  }
  for (let i = 0; i < gateway.counts.late; i++) count('late answers');
  for (let i = 0; i < gateway.counts.stream.connects; i++) count('connections');
}

test('whatever goes wrong, what is told of an order is true, and no key or signature is told', async () => {
  for (const seed of SEEDS) await run(seed);
  console.log([...totals].map(([what, times]) => `${what} ${times}`).join('; '));
  for (const kind of ['ok', 'unknown', 'rejected', 'alive', 'race', 'notFound', 'limits']) {
    expect([kind, (totals.get(kind) ?? 0) > 0]).toEqual([kind, true]);
  }
}, 600_000);
