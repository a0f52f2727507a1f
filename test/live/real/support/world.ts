import { join } from 'node:path';
import { instrument, type StrategyClass } from 'qt-trader';
import type { TradingPort, TradingSymbol } from '../../../../src/brokers/binance/port.ts';
import type { DataFeed, FeedEvent } from '../../../../src/feeds/feed.ts';
import type { LiveKlines } from '../../../../src/feeds/live/contract.ts';
import type { AccountNotice } from '../../../../src/live/real/notice.ts';
import {
  type RealResult,
  type RealSessionOptions,
  type RealStart,
  tradeForReal,
} from '../../../../src/live/real/session.ts';
import { VirtualTimers } from '../../../../src/net/virtual-timers.ts';
import { type Columns, walk } from '../../../support/bars.ts';
import { mulberry32 } from '../../../support/random-walk.ts';
import { MemoryExchange } from './exchange.ts';
import { type Faults, FaultyPort, NO_FAULTS } from './faulty-port.ts';
import { Killed, type Life } from './life.ts';

export const SYMBOL = 'BTCUSDT';
export const BEGIN = Date.UTC(2024, 0, 1);
export const MINUTE = 60_000;
const TERMS = instrument(SYMBOL, { tickSize: 0.01, lotStep: 0.001, minSize: 0.001, minNotional: 0.01 });

export const TRADING_SYMBOL: TradingSymbol = {
  ...{ symbol: SYMBOL, base: 'BTC', quote: 'USDT', status: 'TRADING' },
  orderTypes: [
    'LIMIT',
    'LIMIT_MAKER',
    'MARKET',
    'STOP_LOSS',
    'STOP_LOSS_LIMIT',
    'TAKE_PROFIT',
    'TAKE_PROFIT_LIMIT',
  ],
  ...{
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: true,
    trailingStopAllowed: true,
    quoteQuantityAllowed: true,
  },
  filters: { tickSize: '0.01', stepSize: '0.001', minNotionalOfMarket: false, maxNotionalOfMarket: false },
};

/** Of what the session may do; other tests are about limits. */
export const UNLIMITED = {
  ...{ maxOrderNotional: 1e9, maxPositionNotional: 1e9, maxOpenOrders: 1000, maxOrdersPerMinute: 1000 },
  ...{ maxDailyLoss: 1e9, maxPriceDistance: 100, duplicateWindowMs: 0 },
};

export interface WorldOptions {
  readonly seed: number;
  readonly bars: number;
  readonly faults?: Partial<Faults>;
  readonly folder: string;
  readonly strategy: StrategyClass;
  readonly balances?: Readonly<Record<string, string>>;
  readonly broker?: RealSessionOptions['broker'];
  readonly symbols?: readonly TradingSymbol[];
  /** Puts something between a session and its port. */
  readonly wrap?: (port: TradingPort) => TradingPort;
}

/** A market, an exchange, and one process after another that trades on it, in virtual time. */
export class World {
  readonly timers = new VirtualTimers(BEGIN);
  readonly exchange: MemoryExchange;
  readonly columns: Columns;
  readonly notices: AccountNotice[] = [];
  readonly random: () => number;
  readonly #options: WorldOptions;
  readonly #hidden = new Map<number, number>();
  port: FaultyPort | undefined;
  start: RealStart | undefined;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = mulberry32(options.seed * 2_654_435_761);
    this.exchange = new MemoryExchange(options.balances ?? { USDT: '10000', BTC: '0' });
    this.columns = walk(options.bars, options.seed, { start: BEGIN });
    const { time, open, high, low, close } = this.columns;
    this.exchange.setPrice(SYMBOL, open[0].toFixed(2), BEGIN);
    for (let i = 0; i < time.length; i++) {
      [open, high, low, close].forEach((column, part) => {
        const at = time[i] + part * 19_000;
        this.timers.after(at - BEGIN, () => this.exchange.setPrice(SYMBOL, column[i].toFixed(2), at));
      });
    }
  }

  get store(): string {
    return join(this.#options.folder, 'store.sqlite');
  }

  /** Does something at a moment, ms after the beginning, whichever process lives then. */
  at(ms: number, act: () => void): void {
    this.timers.after(BEGIN + ms - this.timers.now(), act);
  }

  codes(level?: AccountNotice['level']): string[] {
    return this.notices.filter(one => level === undefined || one.level === level).map(one => one.code);
  }

  /** When the last bar has closed. */
  get end(): number {
    return BEGIN + this.#options.bars * MINUTE;
  }

  options(life: Life, more: Partial<RealSessionOptions> = {}): RealSessionOptions {
    return {
      strategy: this.#options.strategy,
      cash: 5000,
      broker: this.#options.broker,
      limits: UNLIMITED,
      codeHash: 'code',
      exchange: 'memory',
      store: this.store,
      lockFolder: join(this.#options.folder, 'locks'),
      timers: life.timers(this.timers),
      random: this.random,
      onStart: start => {
        this.start = start;
      },
      onEntries: () => {
        life.touch();
      },
      onNotice: notice => this.notices.push(notice),
      ...more,
    };
  }

  /** Runs a process until it has ended, been killed, or until `stopAt` (epoch ms UTC); undefined when it was killed. */
  async live(
    life: Life,
    stopAt = this.end + 10 * MINUTE,
    more: Partial<RealSessionOptions> = {},
    faults: Partial<Faults> = this.#options.faults ?? {},
  ): Promise<RealResult | undefined> {
    const { timers, exchange, random } = this;
    this.port = new FaultyPort({
      ...{ exchange, timers, random, life, hidden: this.#hidden },
      symbols: this.#options.symbols ?? [TRADING_SYMBOL],
      faults: { ...NO_FAULTS, ...faults },
    });
    let over = false;
    this.start = undefined;
    const stop = timers.after(stopAt - timers.now(), () => this.start?.stop('keep'));
    const port = this.#options.wrap?.(this.port) ?? this.port;
    const running = tradeForReal(this.klines(life), port, this.options(life, more)).finally(() => {
      over = true;
    });
    const ended = running.catch(error => {
      if (error instanceof Killed) return undefined;
      throw error;
    });
    ended.catch(() => {});
    life.onDeath = () => this.start?.driver.fail(new Killed());
    await timers.run({ done: () => over });
    stop.cancel();
    if (!over) throw new Error('nothing happens any more, and the session has not ended');
    life.dead = true;
    return ended;
  }

  klines(life: Life): LiveKlines {
    return {
      feeds: [this.#feed(life)],
      status: () => ({
        ...{ connections: [], series: [], time: this.timers.now() },
        counters: { frames: 0, duplicates: 0, revised: 0, reconnects: 0, gapsFilled: 0, dropped: 0 },
      }),
      close: async () => {},
    };
  }

  #feed(life: Life): DataFeed {
    const { columns } = this;
    const timers = life.timers(this.timers);
    return {
      ...{ instrument: TERMS, interval: '1m', stamps: 'open', columns: [] },
      async *events({ after, signal }): AsyncGenerator<FeedEvent> {
        const now = timers.now();
        const first = columns.time.findIndex(time =>
          after === undefined ? time + MINUTE > now : time > after,
        );
        if (first < 0) yield* [];
        for (let i = first; i >= 0 && i < columns.time.length; i++) {
          const closes = columns.time[i] + MINUTE;
          const late = timers.now() - closes > MINUTE;
          if (timers.now() < closes) await until(closes - timers.now());
          if (signal.aborted) return;
          yield { kind: 'bars', phase: 'run', late, bars: row(columns, i) };
        }
        await until(Number.MAX_SAFE_INTEGER);

        function until(ms: number): Promise<void> {
          return new Promise(resolve => {
            if (signal.aborted) resolve();
            signal.addEventListener('abort', () => resolve(), { once: true });
            if (ms < Number.MAX_SAFE_INTEGER) timers.after(ms, resolve);
          });
        }
      },
    };
  }
}

function row({ time, open, high, low, close, volume }: Columns, i: number) {
  const cut = (column: Float64Array) => column.slice(i, i + 1);
  return {
    ...{ length: 1, time: cut(time), open: cut(open), high: cut(high), low: cut(low), close: cut(close) },
    volume: cut(volume),
    extra: {},
  };
}
