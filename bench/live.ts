/**
 * From the frame of a closed bar to `submit()`: fifty symbols, ten indicators each, over the real decoder, feed, engine,
 * simulated broker and journal. The network alone is left out: frames are handed to the socket's handler as they would
 * come off the wire. One step needs the bars of all symbols, so what is measured is the last frame of a step; what the
 * others cost is told beside it. The yardstick reads the same frame with JSON.parse and nothing else.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { SimulatedBroker } from '../src/brokers/simulated/broker.ts';
import { openLiveKlines } from '../src/feeds/live/live-klines.ts';
import {
  atr,
  bollinger,
  crossOver,
  ema,
  highest,
  lowest,
  macd,
  rsi,
  sma,
  stdDev,
  strategy,
} from '../src/index.ts';
import { tradeOnPaper } from '../src/live/session.ts';
import type { HttpResponse, Network, SocketHandlers } from '../src/net/network.ts';
import { quantile } from './median.ts';

const SYMBOLS = Array.from({ length: 50 }, (_, i) => `COIN${String(i).padStart(2, '0')}USDT`);
const MINUTE = 60_000;
const START = Date.UTC(2024, 0, 1);
const HISTORY = 1500;

class Busy extends strategy() {
  lines = this.datas.map(data => {
    const { close } = data;
    const fast = ema(close, 12);
    const slow = sma(close, 30);
    return [
      fast,
      slow,
      crossOver(fast, slow),
      rsi(close, 14),
      macd(close).signal,
      atr(data, 14),
      bollinger(close, 20).upper,
      stdDev(close, 20),
      highest(data.high, 20),
      lowest(data.low, 20),
    ];
  });
  #turn = 0;

  next() {
    const [fast, slow, , strength] = this.lines[this.#turn % this.lines.length];
    const data = this.datas[this.#turn++ % this.datas.length];
    if (fast.now > slow.now && strength.now > 0) this.buy({ data, quote: 10 });
    else this.sell({ data, size: 0.01 });
  }
}

/** Prices of a symbol in a minute, as Binance writes them. */
function kline(symbol: number, minute: number) {
  const wave = (at: number) => 100 + symbol + 5 * Math.sin(at / 17 + symbol) + Math.sin(at * 1.7);
  const open = wave(minute - 1);
  const close = wave(minute);
  const text = (price: number) => price.toFixed(2);
  return {
    t: START + minute * MINUTE,
    open: text(open),
    high: text(Math.max(open, close) + 0.3),
    low: text(Math.min(open, close) - 0.3),
    close: text(close),
    volume: (10 + (minute % 7)).toFixed(5),
  };
}

function frame(symbol: number, minute: number): string {
  const { t, open, high, low, close, volume } = kline(symbol, minute);
  const name = SYMBOLS[symbol];
  return (
    `{"stream":"${name.toLowerCase()}@kline_1m","data":{"e":"kline","E":${t + MINUTE + 3},"s":"${name}","k":{"t":${t},` +
    `"T":${t + MINUTE - 1},"s":"${name}","i":"1m","f":100,"L":200,"o":"${open}","c":"${close}","h":"${high}","l":"${low}",` +
    `"v":"${volume}","n":101,"x":true,"q":"1000.00000000","V":"5.00000000","Q":"500.00000000","B":"0"}}}`
  );
}

/** An exchange whose REST knows the past, and whose socket says what it is handed. */
class Wire {
  handlers: SocketHandlers | undefined;
  minute = 0;

  network(): Network {
    return {
      timers: {
        now: () => START + this.minute * MINUTE + 500,
        after: (ms, run) => {
          // Watchdog, rotation and clock have nothing to do here.
          if (ms > 1000) return { cancel: () => {} };
          const timer = setTimeout(run, ms);
          return { cancel: () => clearTimeout(timer) };
        },
      },
      random: () => 0.5,
      http: async ({ url }) => this.#answer(new URL(url)),
      connect: (_url, handlers) => {
        this.handlers = handlers;
        globalThis.setImmediate(() => handlers.onOpen());
        return {
          send: text => {
            const { id } = JSON.parse(text);
            globalThis.setImmediate(() => handlers.onMessage(`{"result":null,"id":${id}}`));
          },
          close: () => globalThis.setImmediate(() => handlers.onClose(1000, '')),
          terminate: () => globalThis.setImmediate(() => handlers.onClose(1006, '')),
        };
      },
    };
  }

  #answer({ pathname, searchParams }: URL): HttpResponse {
    const json = (value: unknown) => ({ status: 200, headers: {}, body: JSON.stringify(value) });
    if (pathname.endsWith('/time')) return json({ serverTime: START + this.minute * MINUTE + 500 });
    if (pathname.endsWith('/exchangeInfo')) {
      return json({
        symbols: SYMBOLS.map(symbol => ({
          symbol,
          status: 'TRADING',
          baseAsset: symbol.slice(0, -4),
          quoteAsset: 'USDT',
          filters: [],
        })),
      });
    }
    if (!pathname.endsWith('/klines')) return { status: 404, headers: {}, body: '' };
    const symbol = SYMBOLS.indexOf(searchParams.get('symbol')!);
    const limit = Number(searchParams.get('limit') ?? 500);
    const from = searchParams.get('startTime');
    const end = Number(searchParams.get('endTime') ?? Number.POSITIVE_INFINITY);
    const first =
      from === null ? Math.max(0, this.minute - limit + 1) : Math.ceil((Number(from) - START) / MINUTE);
    const rows: unknown[] = [];
    for (let m = Math.max(0, first); m <= this.minute && rows.length < limit; m++) {
      const { t, open, high, low, close, volume } = kline(symbol, m);
      if (t > end) break;
      rows.push([t, open, high, low, close, volume, t + MINUTE - 1, '1000.0', 101, '5.0', '500.0', '0']);
    }
    return json(rows);
  }
}

export interface LiveBench {
  /** µs, one a step: from the last frame of the step to the strategy's order. */
  readonly order: Float64Array;
  /** µs, one a frame that completes no step. */
  readonly frame: Float64Array;
  /** µs, one a frame: JSON.parse alone. */
  readonly parse: Float64Array;
  /** µs, one a step: the journal's commit of a step with fifty bars. */
  readonly commit: Float64Array;
}

/** `steps` minutes of the market, after as many to warm up. */
export async function liveBench(steps = 2000): Promise<LiveBench> {
  const folder = mkdtempSync(join(tmpdir(), 'qt-bench-'));
  const wire = new Wire();
  wire.minute = HISTORY;
  const network = wire.network();
  const order = new Float64Array(steps);
  const frames = new Float64Array(steps * (SYMBOLS.length - 1));
  const parse = new Float64Array(steps);
  const commit = new Float64Array(steps);
  let submitted = Number.NaN;
  const { submit } = SimulatedBroker.prototype;
  SimulatedBroker.prototype.submit = function (id) {
    submitted = performance.now();
    submit.call(this, id);
  };
  try {
    const klines = await openLiveKlines({
      endpoints: { name: 'bench', rest: 'http://bench', stream: 'ws://bench', local: false },
      series: SYMBOLS.map(symbol => ({ symbol, interval: '1m' })),
      network,
      forming: true,
    });
    let entered = Number.NaN;
    let stop = () => {};
    const session = tradeOnPaper(klines, {
      strategy: Busy,
      cash: 1_000_000,
      codeHash: 'bench',
      exchange: 'bench',
      store: join(folder, 'store.sqlite'),
      timers: network.timers,
      onStart: start => {
        stop = () => start.stop('keep');
      },
      onEntries: () => {
        entered = performance.now();
      },
    });
    while (klines.status().series.some(({ state }) => state !== 'live')) await setImmediate();
    for (let step = -steps; step < steps; step++) {
      const minute = wire.minute;
      const texts = SYMBOLS.map((_, symbol) => frame(symbol, minute));
      wire.minute++;
      for (const [i, text] of texts.entries()) {
        const last = i === texts.length - 1;
        submitted = Number.NaN;
        const before = performance.now();
        wire.handlers!.onMessage(text);
        const after = performance.now();
        // The event is taken in the promise jobs that follow, before anything else happens.
        await setImmediate();
        if (step < 0) continue;
        if (!last) frames[step * (SYMBOLS.length - 1) + i] = (after - before) * 1000;
        else {
          if (Number.isNaN(submitted)) throw new Error('the step placed no order');
          order[step] = (submitted - before) * 1000;
          commit[step] = (entered - submitted) * 1000;
          const begin = performance.now();
          JSON.parse(text);
          parse[step] = (performance.now() - begin) * 1000;
        }
      }
    }
    stop();
    await session;
    await klines.close();
  } finally {
    SimulatedBroker.prototype.submit = submit;
    rmSync(folder, { recursive: true, force: true });
  }
  return { order, frame: frames, parse, commit };
}

export function liveTable({ order, frame, parse, commit }: LiveBench): string {
  const row = (what: string, values: Float64Array) => {
    const at = (share: number) => quantile(values, share).toFixed(1);
    return `| ${what} | ${at(0.5)} | ${at(0.9)} | ${at(0.99)} | ${at(1)} |`;
  };
  return [
    '| µs | median | 90 % | 99 % | most |',
    '| --- | --- | --- | --- | --- |',
    row('last frame of a step to the order', order),
    row("a frame that completes no step, taken off the socket's hands", frame),
    row('rest of the step and its commit: 50 bars, an order, the account', commit),
    row('yardstick: JSON.parse of the frame', parse),
  ].join('\n');
}

if (import.meta.main) console.log(liveTable(await liveBench()));
