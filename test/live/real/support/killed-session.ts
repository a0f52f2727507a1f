import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { localExchange, memoryFeed } from 'qt-trader';
import { expect, vi } from 'vitest';
import type { ExchangeBroker } from '../../../../src/brokers/binance/commands.ts';
import { Keys } from '../../../../src/brokers/binance/gateway/keys.ts';
import { openGateway } from '../../../../src/brokers/binance/gateway/open-gateway.ts';
import { Authentication } from '../../../../src/exchange/trading/authentication.ts';
import { resume } from '../../../../src/live/real/halts.ts';
import { runReal } from '../../../../src/live/real/real.ts';
import type { RealStart } from '../../../../src/live/real/session.ts';
import type { RealSettings } from '../../../../src/live/real/settings.ts';
import { Journal } from '../../../../src/store/journal.ts';
import { endpointsOf } from '../../../../src/venues/binance/endpoints.ts';
import { MAIN, ROOT } from '../../../cli/qt.ts';
import { walk } from '../../../support/bars.ts';
import { mulberry32 } from '../../../support/random-walk.ts';
import { checkAgreement } from './agreement.ts';
import { type Report, readReport } from './exchange-record.ts';
import KilledTrader from './killed-trader.ts';
import { type Downtime, endDowntimes, gapsOf, Troubles } from './protection.ts';
import type { Promised } from './restless-trader.ts';
import { Secrets } from './secrets.ts';
import { terms } from './symbols.ts';

const MINUTE = 60_000;
const BEGIN = Date.UTC(2026, 0, 5);
const BALANCES = { USDT: '20000', BTC: '1' };
const CASH = 5000;
const KEYS = {
  apiKey: 'KeyOfTheKilledSessions0123456789abcdefghijKLMNOPQRSTUVWXYZ98765x',
  apiSecret: 'SecretOfTheKilledSessions9876543210zyxwvutsrqponMLKJIHGFEDCBA01y',
};
/** As the flags below say it, in their order. */
const LIMITS = {
  maxOrderNotional: 1e9,
  maxPositionNotional: 1e9,
  maxOpenOrders: 1000,
  maxOrdersPerMinute: 1000,
  maxDailyLoss: 1e9,
  maxPriceDistance: 1,
};
const FLAGS = [
  ...['--cash', String(CASH), '--max-order', '1e9', '--max-position', '1e9', '--max-open-orders', '1000'],
  ...['--max-orders-per-minute', '1000', '--max-daily-loss', '1e9', '--max-price-distance', '100%'],
];
const FAULTS = [
  'order-lost=0.04,order-503=0.05,order-503-not=0.04,order-late=0.04:0..2s,order-unseen=0.2:200..2000',
  'order-race=0.1,order-partial=0.2,report-drop=0.15,report-duplicate=0.2,report-reorder=0.2',
  'report-delay=0.2:100..1500,account-cut=0.01,rest-5xx=0.03,rest-broken=0.03',
].join(',');
/** Whatever its moment is, a process is killed in the end, ms. */
const LONGEST_LIFE_MS = 5000;
/** What a process may end with by itself while the exchange is in trouble. */
const MAY_END = /^(qt: )?(EXCHANGE_UNREACHABLE|NOT_READY|EXCHANGE_REFUSED)/m;

export interface KillPlan {
  readonly seed: number;
  readonly kills: number;
  readonly pace: number | 'lockstep';
  readonly faults: boolean;
}

export interface KilledSession {
  readonly kills: number;
  readonly moments: Readonly<Record<string, number>>;
  readonly orders: number;
  readonly fills: number;
  readonly brackets: number;
  readonly faults: number;
  /** ms. */
  readonly longestGap: number;
  readonly signatures: number;
  readonly searched: number;
  readonly leaks: readonly string[];
}

/** When a process is killed: so long after it began, at a report of the exchange, at a command it has kept, or as it reconciles. */
type Moment = 'time' | 'report' | 'command' | 'reconciling';

/** Runs `qt live --real` processes against a local exchange in this one, kills them, and checks what came of it. */
export async function killedSession(plan: KillPlan, folder: string): Promise<KilledSession> {
  const scene = new KilledScene(plan, folder);
  const spy = vi.spyOn(Authentication.prototype, 'check');
  spy.mockImplementation(function (this: Authentication, ...args) {
    scene.secrets.signature(String(args[2].signature));
    return original.apply(this, args);
  });
  try {
    return await scene.run();
  } finally {
    spy.mockRestore();
  }
}
const original = Authentication.prototype.check;

class KilledScene {
  readonly secrets = new Secrets(KEYS);
  readonly #plan: KillPlan;
  readonly #folder: string;
  readonly #random: () => number;
  readonly #reports: Report[] = [];
  readonly #down: Downtime[] = [];
  readonly #troubles = new Troubles();
  readonly #moments: Record<string, number> = {};
  #kill: (() => void) | undefined;
  #untilReport = Number.POSITIVE_INFINITY;

  constructor(plan: KillPlan, folder: string) {
    this.#plan = plan;
    this.#folder = folder;
    this.#random = mulberry32(plan.seed * 2_654_435_761);
  }

  get #store(): string {
    return join(this.#folder, '.qt/sessions.sqlite');
  }

  /** Bars in which the strategy orders, and those after them. */
  get #bars(): readonly [trading: number, rest: number] {
    const { pace, kills } = this.#plan;
    return pace === 'lockstep'
      ? [60 + 60 * kills, 30]
      : [Math.ceil((kills * 2 * pace) / 60), Math.ceil(pace / 6)];
  }

  async run(): Promise<KilledSession> {
    const { pace, kills, seed, faults } = this.#plan;
    const [trading, rest] = this.#bars;
    const instrument = terms('BTCUSDT');
    const exchange = await localExchange({
      data: [memoryFeed(walk(trading + rest, seed, { start: BEGIN }), { instrument, interval: '1m' })],
      ...(pace === 'lockstep' ? { lockstep: true } : { speed: pace }),
      ...{ port: 0, updates: 5, seed, accounts: [{ ...KEYS, balances: BALANCES }] },
      ...(faults ? { faults: FAULTS } : {}),
      onReport: payload => {
        this.#reports.push(readReport(payload, Date.now()));
        if (--this.#untilReport <= 0) this.#kill?.();
      },
    });
    const watch = setInterval(() => this.#troubles.see(exchange.injected, Date.now()), 20);
    const quiet = BEGIN + trading * MINUTE;
    let killed = 0;
    try {
      for (let lives = 0; killed < kills && exchange.status.time < quiet && lives < 3 * kills + 5; lives++) {
        const left = pace === 'lockstep' ? Number.POSITIVE_INFINITY : (quiet - exchange.status.time) / pace;
        // The last process has to come before the data is over.
        if (await this.#live(exchange.url, Math.min(LONGEST_LIFE_MS, left + 500))) killed++;
        this.#lift();
        if (this.#random() < 0.3) await new Promise(resolve => setTimeout(resolve, this.#random() * 500));
      }
      exchange.calm();
      const start = await this.#last(exchange.url, () => exchange.status.ended);
      return this.#check(start, killed, exchange);
    } finally {
      clearInterval(watch);
      await exchange.close();
    }
  }

  get #params(): { seed: number; quietAfter: number; from: number } {
    return { seed: this.#plan.seed, quietAfter: this.#bars[0], from: BEGIN / MINUTE };
  }

  /** One process, until it is killed; false when it ended by itself before. */
  async #live(url: string, longest: number): Promise<boolean> {
    const moment = (['time', 'report', 'command', 'reconciling'] as const)[Math.floor(this.#random() * 4)]!;
    const params = Object.entries(this.#params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
    const strategy = join(ROOT, 'test/live/real/support/killed-trader.ts');
    const args = [
      'live',
      '--real',
      '--yes-real',
      strategy,
      ...['--symbol', 'BTCUSDT', '--interval', '1m'],
      '--exchange',
      url,
      '--json',
      '--no-config',
      '--debug',
    ];
    const child = spawn(process.execPath, [MAIN, ...args, ...FLAGS, ...params], {
      cwd: this.#folder,
      env: {
        ...process.env,
        HOME: this.#folder,
        BINANCE_API_KEY: KEYS.apiKey,
        BINANCE_API_SECRET: KEYS.apiSecret,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return await this.#follow(child, moment, longest);
  }

  #follow(child: ChildProcess, moment: Moment, longest: number): Promise<boolean> {
    const random = this.#random;
    let isKilled = false;
    let errors = '';
    this.#kill = () => {
      if (child.exitCode !== null) return;
      isKilled = true;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(this.#kill, moment === 'time' ? 200 + random() * 2200 : longest);
    this.#untilReport = moment === 'report' ? 1 + Math.floor(random() * 10) : Number.POSITIVE_INFINITY;
    let untilCommand = moment === 'command' ? 1 + Math.floor(random() * 6) : Number.POSITIVE_INFINITY;
    this.#searchArguments(child);
    createInterface(child.stdout!).on('line', line => {
      this.secrets.search('stdout', line);
      if (/"code":"ACCOUNT_CONNECTED"/.test(line)) {
        this.#up();
        if (moment === 'reconciling') setTimeout(this.#kill!, random() * 80);
      }
      if (/"type":"command"/.test(line) && --untilCommand <= 0) this.#kill?.();
    });
    child.stderr!.on('data', text => {
      errors += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', code => {
        clearTimeout(timer);
        this.#kill = undefined;
        this.#untilReport = Number.POSITIVE_INFINITY;
        this.secrets.search('stderr', errors);
        this.#down.push({ from: Date.now(), to: Number.POSITIVE_INFINITY });
        if (isKilled) {
          this.#moments[moment] = (this.#moments[moment] ?? 0) + 1;
          resolve(true);
        } else if (code === 0 || MAY_END.test(errors)) resolve(false);
        else reject(new Error(`qt live ended with ${code}:\n${errors}`));
      });
    });
  }

  #up(): void {
    endDowntimes(this.#down, Date.now());
  }

  /** What `ps` would show of it, where the system tells. */
  #searchArguments({ pid }: ChildProcess): void {
    const file = `/proc/${pid}/cmdline`;
    if (existsSync(file)) this.secrets.search('the arguments', readFileSync(file, 'latin1'));
  }

  #lift(): void {
    if (!existsSync(this.#store)) return;
    try {
      resume(this.#store);
    } catch {
      // Killed before there was a session.
    }
  }

  /** The last process is this one, so that both sides can be seen at one moment. */
  async #last(url: string, isOver: () => boolean): Promise<RealStart> {
    const endpoints = endpointsOf(url);
    const keys = new Keys(KEYS);
    let start: RealStart | undefined;
    let over = false;
    const port = openGateway({ endpoints, keys });
    const controller = new AbortController();
    const lift = setInterval(() => this.#lift(), 200);
    const running = runReal({
      ...{ port, exchange: url, strategy: KilledTrader, params: this.#params, cash: CASH, limits: LIMITS },
      series: [{ symbol: 'BTCUSDT', interval: '1m' }],
      ...{ codeHash: 'this process', store: this.#store, lockFolder: join(this.#folder, '.qt/locks') },
      accountKey: keys.fingerprint,
      signal: controller.signal,
      onStart: one => {
        start = one;
      },
      onNotice: notice => {
        this.secrets.searchValue('a notice', notice);
        if (notice.code === 'ACCOUNT_CONNECTED') this.#up();
      },
    }).finally(() => {
      over = true;
    });
    try {
      await Promise.race([
        running,
        new Promise((_, reject) => setTimeout(() => reject(new Error('it does not end')), 120_000).unref()),
      ]);
    } finally {
      clearInterval(lift);
      controller.abort();
      port.close();
    }
    expect(over && isOver()).toBe(true);
    return start!;
  }

  #check(
    start: RealStart,
    kills: number,
    exchange: Awaited<ReturnType<typeof localExchange>>,
  ): KilledSession {
    const journal = new Journal(this.#store, { mustExist: true });
    const sessions = journal.sessions<RealSettings>();
    const entries = [...journal.entries(start.id)];
    journal.close();
    expect(sessions.length, 'one session, whoever ran it').toBe(1);
    const brackets: Promised[] = [];
    for (const entry of entries) {
      if (entry.kind !== 'log' || !entry.message.startsWith('bracket ')) continue;
      const [entryId, stopLoss, takeProfit] = entry.message.split(' ').slice(1).map(Number);
      brackets.push({ entry: entryId!, stopLoss, takeProfit });
    }
    const owners = checkAgreement({
      ...{ broker: start.run.broker as ExchangeBroker, sessionKey: start.settings.sessionKey, entries },
      ...{ reports: this.#reports, account: exchange.accounts[0]!, brackets, balances: BALANCES, cash: CASH },
      exchangeSizes: true,
    });
    const gaps = gapsOf({
      ...{ reports: this.#reports, brackets, owners, released: new Map(), end: Date.now() },
      least: new Map([['BTCUSDT', { step: '0.001', notional: 5.1 }]]),
    });
    for (const gap of gaps) {
      expect(gap.to - gap.from, 'ms without protection').toBeLessThanOrEqual(
        this.#troubles.allowanceOf(gap, this.#down),
      );
    }
    this.secrets.searchFolder(this.#folder);
    const { faults } = exchange.status;
    return {
      ...{ kills, moments: this.#moments, brackets: brackets.length },
      orders: exchange.accounts[0]!.orders.length,
      fills: start.run.broker.account.fills.length,
      faults: Object.values(faults).reduce<number>((sum, count) => sum + (count ?? 0), 0),
      longestGap: Math.max(0, ...gaps.map(({ from, to }) => to - from)),
      ...{ signatures: this.secrets.signatures, searched: this.secrets.searched, leaks: this.secrets.leaks },
    };
  }
}
