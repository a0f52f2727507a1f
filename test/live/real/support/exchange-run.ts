import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryFeed } from 'qt-trader';
import { expect } from 'vitest';
import type { ExchangeBroker } from '../../../../src/brokers/binance/commands.ts';
import { Keys } from '../../../../src/brokers/binance/gateway/keys.ts';
import { openGateway } from '../../../../src/brokers/binance/gateway/open-gateway.ts';
import type { SymbolInfo } from '../../../../src/exchange/exchange-info.ts';
import { parseFaults } from '../../../../src/exchange/fault-script.ts';
import { type InProcessExchange, inProcessExchange } from '../../../../src/exchange/in-process.ts';
import { loadMarket } from '../../../../src/exchange/market.ts';
import { resume } from '../../../../src/live/real/halts.ts';
import { runReal } from '../../../../src/live/real/real.ts';
import type { RealResult, RealStart } from '../../../../src/live/real/session.ts';
import { QtError } from '../../../../src/model/errors.ts';
import type { HttpRequest, HttpResponse, Network, Socket, Timer } from '../../../../src/net/network.ts';
import { VirtualTimers } from '../../../../src/net/virtual-timers.ts';
import { Journal } from '../../../../src/store/journal.ts';
import { endpointsOf } from '../../../../src/venues/binance/endpoints.ts';
import { walk } from '../../../support/bars.ts';
import { mulberry32 } from '../../../support/random-walk.ts';
import { checkAgreement } from './agreement.ts';
import type { TradingPlan } from './exchange-plan.ts';
import { type Report, readReport } from './exchange-record.ts';
import { type Downtime, endDowntimes, gapsOf, NOTICE_MS, Troubles } from './protection.ts';
import { Promises, restlessTrader } from './restless-trader.ts';
import { Secrets } from './secrets.ts';
import { UNLIMITED } from './world.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5);
const CASH = 5000;
export const RUN_KEYS = {
  apiKey: 'KeyOfTheFaultRuns0123456789abcdefghijKLMNOPQRSTUVWXYZ9876543210x',
  apiSecret: 'SecretOfTheFaultRuns9876543210zyxwvutsrqponMLKJIHGFEDCBA0123456y',
};

/** What came of a run, to be added up. */
export interface TradingRun {
  readonly orders: number;
  readonly fills: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly crashes: number;
  readonly lives: number;
  readonly brackets: number;
  readonly gaps: number;
  /** ms. */
  readonly longestGap: number;
  /** The most of one that passed while the process was there and the exchange took orders, ms. */
  readonly longestOpenGap: number;
  /** Of gaps in which the account had nothing else to sell, and no purchase was open: all of each, and its open part; ms. */
  readonly exclusiveGaps: readonly { readonly length: number; readonly open: number }[];
  /** The longest one in whose reach nothing had gone wrong, ms. */
  readonly longestCalmGap: number;
  readonly alarms: Readonly<Record<string, number>>;
  readonly halts: number;
  readonly searched: number;
  readonly signatures: number;
  readonly leaks: readonly string[];
}

/** Lives one plan through in virtual time, and checks what is true at its end. */
export async function tradingRun(plan: TradingPlan): Promise<TradingRun> {
  // Durable commits are of no use here: what dies is no machine.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'qt-real-'));
  try {
    return await new TradingScene(plan, folder).run();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where a process dies: at so many of these from its beginning. */
type Mark = 'kept' | 'before' | 'sent' | 'asked' | 'answered' | 'heard';
const MARKS: readonly (readonly [Mark, number])[] = [
  ['kept', 60],
  ['before', 8],
  ['sent', 8],
  ['asked', 30],
  ['answered', 12],
  ['heard', 30],
];

class Killed extends Error {}

/** A process, which may die in the middle of anything: from then on it does and hears nothing. */
class Life {
  dead = false;
  readonly folder: string;
  readonly sockets = new Set<Socket>();
  readonly #mark: Mark | undefined;
  #left: number;
  readonly onDeath: () => void;
  /** How long something that is to be sent is held back, ms. */
  pause: (url: string, text: string) => number = () => 0;

  constructor(folder: string, mark: readonly [Mark, number] | undefined, onDeath: () => void) {
    this.folder = folder;
    this.#mark = mark?.[0];
    this.#left = mark?.[1] ?? 0;
    this.onDeath = onDeath;
  }

  /** True while it lives. */
  passes(mark: Mark): boolean {
    if (this.dead || mark !== this.#mark || --this.#left > 0) return !this.dead;
    this.dead = true;
    this.onDeath();
    return false;
  }

  /** What the process has of the world. */
  network(network: Network): Network {
    const { timers } = network;
    return {
      ...network,
      timers: {
        now: () => timers.now(),
        after: (ms, run): Timer => timers.after(ms, () => (this.dead ? undefined : run())),
      },
      connect: (url, handlers) => {
        const socket = network.connect(url, {
          onOpen: () => (this.dead ? undefined : handlers.onOpen()),
          onMessage: text => {
            if (this.dead) return;
            if (url.includes('/ws-api/') && !this.passes('heard')) return;
            handlers.onMessage(text);
          },
          onPing: () => (this.dead ? undefined : handlers.onPing?.()),
          onClose: (code, reason) => {
            this.sockets.delete(socket);
            if (!this.dead) handlers.onClose(code, reason);
          },
        });
        this.sockets.add(socket);
        if (this.dead) socket.terminate();
        return {
          send: text => {
            if (this.dead) return;
            const wait = this.pause(url, text);
            if (wait === 0) socket.send(text);
            else timers.after(wait, () => (this.dead ? undefined : socket.send(text)));
          },
          close: () => socket.close(),
          terminate: () => socket.terminate(),
        };
      },
      http: request => this.#http(network, request),
    };
  }

  #http(network: Network, request: HttpRequest): Promise<HttpResponse> {
    const never = new Promise<HttpResponse>(() => {});
    const isSigned = /signature=/.test(request.url);
    const acts = isSigned && (request.method === 'POST' || request.method === 'DELETE');
    if (this.dead || (acts && !this.passes('before')) || (isSigned && !acts && !this.passes('asked')))
      return never;
    const answer = network.http(request);
    if (acts && !this.passes('sent')) {
      answer.catch(() => {});
      return never;
    }
    return new Promise((resolve, reject) => {
      answer.then(
        response => {
          if (!this.dead && (!acts || this.passes('answered'))) resolve(response);
        },
        error => {
          if (!this.dead) reject(error);
        },
      );
    });
  }
}

class TradingScene {
  readonly #plan: TradingPlan;
  readonly #root: string;
  readonly #random: () => number;
  readonly #timers = new VirtualTimers(START);
  readonly #secrets = new Secrets(RUN_KEYS);
  readonly #promises = new Promises(() => this.#timers.now());
  readonly #reports: Report[] = [];
  readonly #alarms: Record<string, number> = {};
  readonly #down: Downtime[] = [];
  /** Moments at which something of the account went wrong, and what that may cost, ms. */
  readonly #troubles: Troubles;
  #exchange: InProcessExchange | undefined;
  #folder: string;
  #start: RealStart | undefined;
  #halts = 0;
  #crashes = 0;
  #lives = 0;
  /** Exits that an alarm told to be gone, by the entry's number. */
  readonly #lapsed = new Map<number, number>();

  constructor(plan: TradingPlan, folder: string) {
    this.#plan = plan;
    this.#root = folder;
    this.#troubles = new Troubles(this.#speed);
    this.#folder = join(folder, 'life-0');
    mkdirSync(this.#folder);
    this.#random = mulberry32(plan.seed * 40_503 + 7);
  }

  /** ms of the market in a ms of this machine. */
  get #speed(): number {
    return this.#plan.pace === 'lockstep' ? 1 : this.#plan.pace;
  }

  /** Bars after the strategy's last order, without faults from the first on. */
  get #rest(): number {
    return Math.ceil((this.#plan.exchange === 'testnet' ? 20 : 8) * this.#speed);
  }

  async run(): Promise<TradingRun> {
    const plan = this.#plan;
    const quietFrom = START + plan.bars * MINUTE;
    this.#exchange = await this.#open();
    let crashes = plan.crashes;
    for (;;) {
      const dies = crashes > 0 && this.#marketTime() < quietFrom;
      const mark = dies ? MARKS[Math.floor(this.#random() * MARKS.length)] : undefined;
      const chosen = mark && ([mark[0], 1 + Math.floor(this.#random() * mark[1])] as const);
      const result = await this.#live(chosen, quietFrom);
      if (result !== 'killed' && result !== 'again') break;
      if (result === 'killed') {
        crashes--;
        this.#crashes++;
      }
      if (this.#lives > 60) throw new Error('it does not come to an end');
      const pause = (this.#random() < 0.5 ? this.#random() * 4000 : this.#random() * 60_000) / this.#speed;
      const from = this.#timers.now();
      await this.#timers.run({ until: from + pause, done: () => this.#watch() });
    }
    const outcome = this.#check();
    this.#exchange.close();
    return outcome;
  }

  /** True when the account holds nothing beside brackets, so that it cannot sell one twice. */
  get #isExclusive(): boolean {
    return this.#plan.bracketsOnly && this.#plan.spare === '0';
  }

  get #balances(): Readonly<Record<string, string>> {
    const { spare } = this.#plan;
    return { USDT: '20000', BTC: spare, ETH: spare, BNB: '50' };
  }

  get #current(): RealStart | undefined {
    return this.#start;
  }

  #marketTime(): number {
    return this.#exchange!.exchange.status.time;
  }

  async #open(): Promise<InProcessExchange> {
    const { seed, symbols, pace, fees, terms, bars, faults } = this.#plan;
    const listed = fees === 'bnb' ? [...symbols, 'BNBUSDT'] : symbols;
    const total = bars + this.#rest;
    const data = listed.map((symbol, i) =>
      memoryFeed(walk(total, seed * 7 + i, { start: START, price: 100 + 40 * i }), {
        symbol,
        interval: '1m',
      }),
    );
    return inProcessExchange({
      market: await loadMarket(data),
      timers: this.#timers,
      pace,
      seed,
      updates: 5,
      faults: parseFaults(faults),
      symbols: new Map(listed.map(symbol => [symbol, symbolInfo(symbol, terms)])),
      accounts: [{ ...RUN_KEYS, balances: this.#balances, commission: { inBnb: fees === 'bnb' } }],
      onReport: payload => this.#reports.push(readReport(payload, this.#timers.now())),
    });
  }

  /** One process, until it has ended, was killed, or could not go on. */
  async #live(
    mark: readonly [Mark, number] | undefined,
    quietFrom: number,
  ): Promise<RealResult | 'killed' | 'again'> {
    const { seed, exchange: where, symbols, bracketsOnly } = this.#plan;
    const controller = new AbortController();
    let over = false;
    this.#hasPaused = false;
    this.#lives++;
    const life: Life = new Life(this.#folder, mark, () => this.#died(life, controller));
    life.pause = (url, text) => this.#pause(url, text, quietFrom);
    const network = life.network(this.#secrets.listenIn(this.#exchange!.network()));
    const endpoints = endpointsOf(where);
    const keys = new Keys(RUN_KEYS);
    const write = (where: string, value: unknown) => this.#secrets.searchValue(where, value);
    const port = openGateway({
      endpoints,
      keys,
      network,
      onNotice: (level, code, message) => write('a notice of the gateway', [level, code, message]),
    });
    this.#start = undefined;
    const running = runReal({
      port,
      network,
      exchange: where,
      series: symbols.map(symbol => ({ symbol, interval: '1m' as const })),
      strategy: restlessTrader(seed, this.#promises, { quietFrom, bracketsOnly }),
      cash: CASH,
      limits: UNLIMITED,
      codeHash: 'code',
      store: join(life.folder, 'store.sqlite'),
      lockFolder: join(life.folder, 'locks'),
      accountKey: keys.fingerprint,
      signal: controller.signal,
      onStart: start => {
        this.#start = start;
      },
      onEntries: entries => {
        write('an entry', entries);
        for (const entry of entries)
          if (['command', 'sent', 'account'].includes(entry.kind))
            this.#story.push(`${this.#timers.now() - START} kept ${JSON.stringify(entry)}`);
        if (!life.passes('kept')) throw new Killed();
      },
      onMarketNotice: notice => write('a notice of the market', notice),
      onNotice: notice => {
        if (life.dead) return;
        write('a notice', notice);
        this.#story.push(`${this.#timers.now() - START} notice ${notice.code} ${notice.message}`);
        this.#hear(notice, life, controller);
      },
    }).finally(() => {
      over = true;
      port.close();
    });
    running.catch(() => {});
    let calm = false;
    await this.#timers.run({
      done: () => {
        this.#watch();
        const { time } = this.#exchange!.exchange.status;
        if (!calm && time >= quietFrom) {
          calm = true;
          this.#exchange!.exchange.calm();
        }
        // Who takes it for a real exchange does not know when the data is over; its clock would stand still then.
        if (where === 'testnet' && time >= quietFrom + 9 * MINUTE) this.#start?.stop('keep');
        return over || life.dead;
      },
    });
    if (life.dead) {
      // What is left of it in this process is to let go of its files.
      this.#current?.driver.fail(new Killed());
      await this.#timers.run({ until: this.#timers.now() });
      return 'killed';
    }
    if (!over) throw new Error('nothing happens any more, and the session has not ended');
    life.dead = true;
    for (const socket of life.sockets) socket.terminate();
    try {
      const result = await running;
      if (!controller.signal.aborted) return result;
    } catch (error) {
      write('an error', error);
      if (process.env.QT_TRACE !== undefined) this.#trace(process.env.QT_TRACE);
      this.#story.push(`${this.#timers.now() - START} notice ERROR ${error}`);
      if (!(error instanceof QtError) || !MAY_FAIL.has(error.code)) throw error;
      this.#alarms[error.code] = (this.#alarms[error.code] ?? 0) + 1;
    }
    this.#down.push({ from: this.#timers.now(), to: Number.POSITIVE_INFINITY });
    this.#lift();
    return 'again';
  }

  /** In lockstep the market waits, once all is well again, so that the session has time to come to terms with it. */
  #pause(url: string, text: string, quietFrom: number): number {
    if (this.#plan.pace !== 'lockstep' || this.#hasPaused || url.includes('/ws-api/')) return 0;
    if (!/"ACK"/.test(text) || this.#marketTime() < quietFrom + 4 * MINUTE) return 0;
    this.#hasPaused = true;
    return 6 * MINUTE;
  }
  #hasPaused = false;

  /** What the disk holds at this moment is what the next process finds. */
  #died(life: Life, controller: AbortController): void {
    const folder = join(this.#root, `life-${this.#lives}`);
    mkdirSync(folder);
    for (const name of readdirSync(life.folder)) {
      if (/^store\.sqlite(-wal)?$/.test(name)) copyFileSync(join(life.folder, name), join(folder, name));
    }
    this.#folder = folder;
    this.#down.push({ from: this.#timers.now(), to: Number.POSITIVE_INFINITY });
    for (const socket of life.sockets) socket.terminate();
    controller.abort();
  }

  /** A person watches: what was halted is let go on after a while, a refused key is mended and the process begun again. */
  #hear(
    { level, code, message }: { level: string; code: string; message: string },
    life: Life,
    controller: AbortController,
  ): void {
    if (code === 'ACCOUNT_CONNECTED') endDowntimes(this.#down, this.#timers.now());
    if (level !== 'alarm') return;
    this.#alarms[code] = (this.#alarms[code] ?? 0) + 1;
    if (code === 'PROTECTION_MISSING') {
      const [, ...ids] = /exits (\d+)(?: and (\d+))?/.exec(message) ?? [];
      for (const id of ids.map(Number)) {
        const entry = this.#promises.entryOf(id);
        if (entry !== undefined && !this.#lapsed.has(entry)) this.#lapsed.set(entry, this.#timers.now());
      }
    }
    if (code === 'HALTED') {
      this.#halts++;
      this.#timers.after(30_000, () => {
        if (!life.dead) this.#lift();
      });
    }
    if (code === 'KEY_REFUSED')
      this.#timers.after(20_000, () => (life.dead ? undefined : controller.abort()));
  }

  #lift(): void {
    const store = join(this.#folder, 'store.sqlite');
    if (!existsSync(store)) return;
    const journal = new Journal(store, { mustExist: true });
    const known = journal.sessions().length > 0;
    journal.close();
    if (known) resume(store);
  }

  /** Sees what has gone wrong since it looked last. */
  #watch(): false {
    this.#troubles.see(this.#exchange!.exchange.injected, this.#timers.now());
    return false;
  }

  #check(): TradingRun {
    const { exchange } = this.#exchange!;
    const { broker } = this.#start!.run;
    const { settings, id } = this.#start!;
    const journal = new Journal(join(this.#folder, 'store.sqlite'), { mustExist: true });
    const entries = [...journal.entries(id)];
    journal.close();
    if (process.env.QT_TRACE !== undefined) this.#trace(process.env.QT_TRACE);
    const owners = checkAgreement({
      ...{ broker: broker as ExchangeBroker, sessionKey: settings.sessionKey, entries },
      ...{ reports: this.#reports, account: exchange.accounts[0]!, cash: CASH, balances: this.#balances },
      brackets: this.#promises.brackets.values(),
      exchangeSizes: this.#plan.terms.opo && this.#plan.fees === 'base',
    });
    const gaps = this.#checkProtection(owners);
    this.#secrets.searchFolder(this.#root);
    const faults = Object.fromEntries(
      Object.entries(exchange.status.faults).map(([kind, n]) => [kind, n ?? 0]),
    );
    return {
      orders: exchange.accounts[0]!.orders.length,
      fills: broker.account.fills.length,
      faults,
      crashes: this.#crashes,
      lives: this.#lives,
      brackets: this.#promises.brackets.size,
      ...gaps,
      alarms: this.#alarms,
      halts: this.#halts,
      searched: this.#secrets.searched,
      signatures: this.#secrets.signatures,
      leaks: this.#secrets.leaks,
    };
  }

  /** Prints what happened to a symbol or an id. */
  #trace(what: string): void {
    const lines = [
      ...this.#reports.map(one => `${one.at - START} report ${JSON.stringify(one)}`),
      ...this.#story,
    ].filter(line => line.includes(what) || /^[\d.]+ notice/.test(line));
    lines.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    console.log(lines.join('\n'));
  }
  readonly #story: string[] = [];

  #checkProtection(owners: ReadonlyMap<string, number>) {
    const { terms, symbols } = this.#plan;
    const released = new Map(this.#promises.released);
    for (const [entry, at] of this.#lapsed) released.set(entry, Math.min(at, released.get(entry) ?? at));
    const end = this.#timers.now();
    const gaps = gapsOf({
      reports: this.#reports,
      brackets: this.#promises.brackets.values(),
      owners,
      released,
      least: new Map(
        symbols.map(symbol => [symbol, { step: terms.step, notional: terms.minNotional * 1.02 }]),
      ),
      end,
    });
    let longestGap = 0;
    let longestOpenGap = 0;
    const exclusiveGaps: { length: number; open: number }[] = [];
    let longestCalmGap = 0;
    for (const gap of gaps) {
      const length = gap.to - gap.from;
      const allowance = this.#troubles.allowanceOf(gap, this.#down, this.#isExclusive);
      longestGap = Math.max(longestGap, length);
      const openPart = this.#troubles.openPart(gap, this.#down);
      longestOpenGap = Math.max(longestOpenGap, openPart);
      if (this.#isExclusive && !gap.buys) {
        exclusiveGaps.push({ length, open: openPart });
      }
      if (allowance === NOTICE_MS) longestCalmGap = Math.max(longestCalmGap, length);
      expect(length, `${gap.symbol} unprotected at ${(gap.from - START) / 1000} s`).toBeLessThanOrEqual(
        allowance,
      );
    }
    return { gaps: gaps.length, longestGap, longestOpenGap, longestCalmGap, exclusiveGaps };
  }
}

/** What a process may end with while the exchange is in trouble; it is begun again. */
const MAY_FAIL = new Set([
  'CLOCK_OFF',
  'EXCHANGE_UNREACHABLE',
  'KEY_REFUSED',
  'EXCHANGE_REFUSED',
  'SYMBOL_NOT_TRADING',
]);

function symbolInfo(symbol: string, terms: TradingPlan['terms']): SymbolInfo {
  const { step, stopAtMarket, oco, oto, opo, trailing, quote, minNotional } = terms;
  return {
    symbol,
    status: 'TRADING',
    baseAsset: symbol.slice(0, 3),
    baseAssetPrecision: 8,
    quoteAsset: 'USDT',
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    orderTypes: [
      ...['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT'],
      ...(stopAtMarket ? ['STOP_LOSS', 'TAKE_PROFIT'] : []),
    ],
    ocoAllowed: oco,
    otoAllowed: oto,
    opoAllowed: opo,
    allowTrailingStop: trailing,
    quoteOrderQtyMarketAllowed: quote,
    isSpotTradingAllowed: true,
    permissions: ['SPOT'],
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
      { filterType: 'LOT_SIZE', minQty: step, maxQty: '9000', stepSize: step },
      { filterType: 'NOTIONAL', minNotional: String(minNotional), applyMinToMarket: true, avgPriceMins: 0 },
      {
        filterType: 'TRAILING_DELTA',
        minTrailingAboveDelta: 1,
        maxTrailingAboveDelta: 2000,
        minTrailingBelowDelta: 1,
        maxTrailingBelowDelta: 2000,
      },
    ],
  };
}
