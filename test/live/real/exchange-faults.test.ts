import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryFeed, openLiveKlines, type StrategyClass, strategy } from 'qt-trader';
import { expect, test } from 'vitest';
import type { ExchangeBroker } from '../../../src/brokers/binance/commands.ts';
import { Keys } from '../../../src/brokers/binance/gateway/keys.ts';
import { openGateway } from '../../../src/brokers/binance/gateway/open-gateway.ts';
import type { Exchange } from '../../../src/exchange/exchange.ts';
import { parseFaults } from '../../../src/exchange/fault-script.ts';
import { inProcessExchange } from '../../../src/exchange/in-process.ts';
import { loadMarket } from '../../../src/exchange/market.ts';
import { examine } from '../../../src/live/examine.ts';
import type { AccountNotice } from '../../../src/live/real/notice.ts';
import { type RealResult, type RealStart, tradeForReal } from '../../../src/live/real/session.ts';
import type { SessionSettings } from '../../../src/live/settings.ts';
import type { Network } from '../../../src/net/network.ts';
import { VirtualTimers } from '../../../src/net/virtual-timers.ts';
import { Journal } from '../../../src/store/journal.ts';
import { endpointsOf } from '../../../src/venues/binance/endpoints.ts';
import { walk } from '../../support/bars.ts';
import { mulberry32 } from '../../support/random-walk.ts';
import { Killed, Life } from './support/life.ts';
import { SECRETS, SYMBOLS, terms } from './support/symbols.ts';
import { BEGIN, MINUTE, UNLIMITED } from './support/world.ts';

/** More under QT_SOAK=1. */
const SEEDS = Number(process.env.QT_RUNS ?? (process.env.QT_SOAK === '1' ? 1000 : 10));
const FIRST = Number(process.env.QT_SEED ?? 1);
const BARS = 60;
/** From then on nothing new is decided, so that what is under way can come to rest. */
const QUIET = BEGIN + 40 * MINUTE;
const STOP = BEGIN + 52 * MINUTE;

/** Whenever flat, a bracket of some kind; now and then a cancel or a close. */
function brackets(seed: number): StrategyClass {
  return class Brackets extends strategy() {
    readonly #random = mulberry32(seed);

    next() {
      const random = this.#random;
      // What was left without exits is closed at all times.
      if (this.time > QUIET && (!(this.position.size > 0.01) || this.openOrders.length > 0)) return;
      const { close } = this.bar;
      const near = (share: number) => Math.round(close * share * 100) / 100;
      if (this.openOrders.length > 0) {
        const parents = this.openOrders.filter(order => order.parentId === 0);
        if (parents.length > 0 && random() < 0.3) this.cancel(parents[0]!);
        else if (this.position.isOpen && random() < 0.15) {
          for (const order of this.openOrders) this.cancel(order);
          this.close();
        }
        return;
      }
      if (this.position.size > 0.01) {
        this.close();
        return;
      }
      const size = Math.ceil(random() * 4000) / 1000;
      const exits = {
        stopLoss: { percent: 0.004 + random() * 0.02 },
        takeProfit: { percent: 0.004 + random() * 0.02 },
      };
      const dice = random();
      if (dice < 0.3) this.buyBracket({ size, ...exits });
      else if (dice < 0.5) this.buyBracket({ size, limit: near(0.997), ...exits });
      else if (dice < 0.7)
        this.buyBracket({ size, limit: near(0.997), stopLoss: near(0.98), takeProfit: near(1.02) });
    }
  };
}

function faultsOf(random: () => number): string {
  const rate = (name: string, most: number, amount = '') =>
    random() < 0.6 ? [`${name}=${(random() * most).toFixed(3)}${amount}`] : [];
  return [
    ...rate('order-lost', 0.15),
    ...rate('order-503', 0.1),
    ...rate('order-503-not', 0.1),
    ...rate('order-late', 0.1, ':100..9000'),
    ...rate('order-never', 0.1),
    ...rate('order-unseen', 0.3, ':500..20000'),
    ...rate('order-429', 0.05, ':1000..5000'),
    ...rate('order-race', 0.1),
    ...rate('order-partial', 0.2),
    ...rate('report-drop', 0.4),
    ...rate('report-duplicate', 0.3),
    ...rate('report-reorder', 0.3),
    ...rate('report-delay', 0.3, ':100..3000'),
    ...rate('cut', 0.01),
    ...rate('rest-5xx', 0.1),
  ].join(',');
}

async function scene(seed: number, folder: string) {
  const random = mulberry32(seed * 2_654_435_761);
  const timers = new VirtualTimers(BEGIN);
  const faults = faultsOf(random);
  const running = inProcessExchange({
    market: await loadMarket([
      memoryFeed(walk(BARS, seed, { start: BEGIN }), { instrument: terms('BTCUSDT'), interval: '1m' }),
    ]),
    timers,
    pace: 1,
    updates: 6,
    symbols: SYMBOLS,
    accounts: [
      {
        ...SECRETS,
        balances: { USDT: '10000' },
        commission: { standard: { maker: '0.001', taker: '0.001' } },
      },
    ],
    faults: parseFaults(faults),
    seed,
  });
  const notices: AccountNotice[] = [];
  const endpoints = endpointsOf('local');
  let start: RealStart | undefined;

  async function live(life: Life): Promise<RealResult | undefined> {
    const network = mortal(running.network(), life);
    let over = false;
    start = undefined;
    const gone = new AbortController();
    life.onDeath = () => {
      start?.driver.fail(new Killed());
      gone.abort(new Killed());
    };
    const stop = timers.after(STOP - timers.now(), () => start?.stop('keep'));
    const run = async () => {
      const klines = await openLiveKlines({
        endpoints,
        series: [{ symbol: 'BTCUSDT', interval: '1m' }],
        network,
        forming: true,
        signal: gone.signal,
      });
      const gateway = openGateway({ endpoints, keys: new Keys(SECRETS), network });
      try {
        return await tradeForReal(klines, gateway, {
          strategy: brackets(seed),
          cash: 5000,
          limits: UNLIMITED,
          codeHash: 'code',
          exchange: endpoints.name,
          store: join(folder, 'store.sqlite'),
          lockFolder: folder,
          signal: gone.signal,
          simulatedTime: true,
          timers: network.timers,
          random: network.random,
          onStart: one => {
            start = one;
          },
          onEntries: () => {
            life.touch();
          },
          onNotice: notice => notices.push(notice),
        });
      } finally {
        life.dead = true;
        gateway.close();
        klines.close();
      }
    };
    const result = run()
      .catch(error => {
        if (life.dead && error instanceof Killed) return undefined;
        throw error;
      })
      .finally(() => {
        over = true;
      });
    result.catch(() => {});
    await timers.run({ done: () => over, until: STOP + 10 * MINUTE });
    stop.cancel();
    if (!over) throw new Error('the session has not ended');
    return result;
  }
  return { timers, live, notices, running, random, faults, started: () => start! };
}

/** Secrets that a session has written down or told. */
function leaks(folder: string, told: string): string[] {
  const written = readdirSync(folder).map(name => readFileSync(join(folder, name), 'latin1'));
  return [SECRETS.apiKey, SECRETS.apiSecret, 'signature='].filter(secret =>
    [told, ...written].some(text => text.includes(secret)),
  );
}

interface Filter {
  readonly filterType: string;
  readonly [term: string]: unknown;
}

/** Of an amount of base, what could be sold at the exchange as it is: in whole lots, by its own filters and last price. */
async function sellable(exchange: Exchange, symbol: string, amount: number): Promise<number> {
  exchange.calm();
  const info = await asked<{ symbols: { filters: Filter[] }[] }>(exchange, '/api/v3/exchangeInfo', symbol);
  const { price } = await asked<{ price: string }>(exchange, '/api/v3/ticker/price', symbol);
  const term = (type: string, name: string) => {
    const filter = info.symbols[0]!.filters.find(({ filterType }) => filterType === type);
    return Number(filter![name]);
  };
  // Sums of doubles are a little off a whole lot.
  const lots = Math.floor(amount / term('LOT_SIZE', 'stepSize') + 1e-6);
  const size = lots * term('LOT_SIZE', 'stepSize');
  const isTooLittle =
    size < term('LOT_SIZE', 'minQty') || size * Number(price) < term('NOTIONAL', 'minNotional');
  return isTooLittle ? 0 : size;
}

function asked<T>(exchange: Exchange, path: string, symbol: string): Promise<T> {
  const request = { method: 'GET', path, query: `symbol=${symbol}`, headers: {}, body: undefined };
  return new Promise(resolve => {
    exchange.request(request, '127.0.0.1', ({ body }) => resolve(JSON.parse(body) as T));
  });
}

/** A network that is there as long as its process. */
function mortal(network: Network, life: Life): Network {
  return {
    random: network.random,
    timers: life.timers(network.timers),
    http: async request => {
      life.touch();
      const answer = await network.http(request);
      if (life.dead) return new Promise(() => {});
      life.touch();
      return answer;
    },
    connect: (url, handlers) => {
      const alive =
        <A extends unknown[]>(act: ((...args: A) => void) | undefined) =>
        (...args: A) => {
          if (!life.dead) act?.(...args);
        };
      const socket = network.connect(url, {
        onOpen: alive(() => handlers.onOpen()),
        onMessage: alive(text => handlers.onMessage(text)),
        onPing: alive(() => handlers.onPing?.()),
        onClose: alive((code, reason) => handlers.onClose(code, reason)),
      });
      return socket;
    },
  };
}

test('on the local exchange with all its faults, a session with brackets that is killed again and again ends with its truth, protected, and its key told to nobody', async () => {
  const total = {
    lives: 0,
    orders: 0,
    fills: 0,
    faults: 0,
    doubts: 0,
    alarms: 0,
    halted: 0,
    protected: 0,
    differences: 0,
  };
  // All of them are told: what is wrong is rarely wrong once.
  const failed: string[] = [];
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const folder = mkdtempSync(join(tmpdir(), 'qt-real-faults-'));
    let world: Awaited<ReturnType<typeof scene>> | undefined;
    try {
      world = await scene(seed, folder);
      const { timers, random, live, notices, running, started } = world;
      for (;;) {
        const isLast = timers.now() > STOP - 12 * MINUTE || random() < 0.1;
        const life = new Life(isLast ? undefined : 20 + Math.floor(random() * 400));
        const result = await live(life);
        total.lives++;
        if (result !== undefined) {
          total.doubts += result.counts.doubts.opened;
          break;
        }
        await timers.run({ until: timers.now() + random() * 30_000 });
      }
      const [state] = running.exchange.accounts;
      const broker = started().run.broker as ExchangeBroker;
      const { account } = broker;
      const ids = state!.orders.map(order => order.clientOrderId);
      expect(new Set(ids).size).toBe(ids.length);
      const held = (asset: string) => {
        const found = state!.balances.find(one => one.asset === asset);
        return found === undefined ? 0 : Number(found.free) + Number(found.locked);
      };
      expect(account.fills.length).toBe(state!.trades.length);
      expect(account.sizes[0]).toBeCloseTo(held('BTC'), 6);
      expect(account.cash - 5000).toBeCloseTo(held('USDT') - 10_000, 5);
      const alive = [...broker.known()].filter(({ state }) => state !== 'ended');
      expect(alive.map(({ clientOrderId }) => clientOrderId).sort()).toEqual(
        state!.openOrders.map(order => order.clientOrderId as string).sort(),
      );
      // What was bought has its exits at the exchange, up to what no order can sell there.
      const lists = new Map<unknown, number>();
      for (const order of state!.openOrders) {
        if (order.side !== 'SELL' || order.status === 'PENDING_NEW') continue;
        // Of the orders of a list one only is executed.
        const name = order.orderListId === -1 ? order.clientOrderId : order.orderListId;
        lists.set(name, Math.max(lists.get(name) ?? 0, Number(order.origQty) - Number(order.executedQty)));
      }
      const covered = [...lists.values()].reduce((sum, size) => sum + size, 0);
      expect(await sellable(running.exchange, 'BTCUSDT', held('BTC') - covered)).toBe(0);
      const journal = new Journal(join(folder, 'store.sqlite'), { mustExist: true });
      const session = journal.session<SessionSettings>('last');
      const found = await examine(journal, session, { strategy: brackets(seed), codeHash: 'code' });
      journal.close();
      expect(found.replay).toMatchObject({ identical: true, divergent: 0 });
      const { differences } = found.backtest;
      const odd = differences.filter(({ cause }) => cause === 'unexplained');
      expect(odd, JSON.stringify(odd)).toEqual([]);
      total.differences += differences.length;
      expect(leaks(folder, JSON.stringify(notices))).toEqual([]);
      total.protected += covered > 0 ? 1 : 0;
      total.orders += ids.length;
      total.fills += state!.trades.length;
      total.alarms += notices.filter(({ level }) => level === 'alarm').length;
      total.halted += notices.some(({ code }) => code === 'HALTED') ? 1 : 0;
      for (const count of Object.values(running.exchange.status.faults)) total.faults += count ?? 0;
    } catch (error) {
      failed.push(`seed ${seed} (${world?.faults}): ${error instanceof Error ? error.stack : error}`);
    } finally {
      world?.running.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  console.log(JSON.stringify({ seeds: SEEDS, failed: failed.length, ...total }));
  expect(failed).toEqual([]);
  expect(total.faults).toBeGreaterThan(SEEDS);
}, 3_600_000);
