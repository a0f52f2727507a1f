/**
 * What orders cost: `node bench/orders.ts [--runs 5] [--bars 1000000]`. A strategy that never rests: at every bar an order
 * is filled, one is placed and the one before it is cancelled. Beside it the loop by hand of the engine's bench, in turn.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  backtest,
  type DataFeed,
  memoryFeed,
  type Order,
  type StrategyClass,
  strategy,
} from '../src/index.ts';
import { median } from './median.ts';
import { STANDARD, workload } from './workload.ts';
import { yardstick } from './yardstick.ts';

/** An order filled, one placed and one cancelled at every bar. */
class Restless extends strategy() {
  #far: Order | undefined;

  next() {
    if (this.#far !== undefined) this.cancel(this.#far);
    this.#far = this.buy({ size: 0.001, limit: this.data.close.now / 2 });
    if (this.position.size === 0) this.buy({ size: 0.01 });
    else this.close();
  }
}

/** A trade every two bars. */
class InAndOut extends strategy() {
  next() {
    if (this.position.size === 0) this.buy({ size: 0.01 });
    else this.close();
  }
}

export interface OrdersBench {
  readonly bars: number;
  /** Milliseconds of the loop by hand over the same bars. */
  readonly hand: readonly number[];
  readonly restless: OrdersRun;
  /** Ten times fewer trades than in `trades`. */
  readonly few: OrdersRun;
  readonly many: OrdersRun;
}

interface OrdersRun {
  readonly ms: readonly number[];
  readonly orders: number;
  readonly fills: number;
  readonly cancelled: number;
  readonly trades: number;
  /** Peak resident set of a process of its own, MB: with the bars in memory, and after the run. */
  readonly before: number;
  readonly after: number;
}

export function ordersBench(bars: number = STANDARD.bars, runs = 5): OrdersBench {
  return {
    bars,
    hand: child<number[]>('hand', bars, runs),
    restless: child<OrdersRun>('restless', bars, runs),
    few: child<OrdersRun>('trades', bars / 5, runs),
    many: child<OrdersRun>('trades', bars * 2, runs),
  };
}

function child<R>(task: string, bars: number, runs: number): R {
  const file = fileURLToPath(import.meta.url);
  const args = [file, '--task', task, '--bars', String(bars), '--runs', String(runs)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as R;
}

const peakMb = () => process.resourceUsage().maxRSS / 1024;

/** The first run is the one whose memory is told; then three to warm up. */
async function run(strategyClass: StrategyClass, feed: DataFeed, runs: number): Promise<OrdersRun> {
  const once = () => backtest({ strategy: strategyClass, data: feed, cash: 1e6, commission: 0.0005 });
  const before = peakMb();
  let result = await once();
  const after = peakMb();
  const ms: number[] = [];
  for (let i = -3; i < runs; i++) {
    const start = performance.now();
    result = await once();
    if (i >= 0) ms.push(performance.now() - start);
  }
  const { orders } = result;
  let cancelled = 0;
  for (let id = 1; id <= orders.length; id++) if (orders.status(id) === 'canceled') cancelled++;
  return {
    ms,
    orders: orders.length,
    fills: result.fills.length,
    cancelled,
    trades: result.trades.length,
    before,
    after,
  };
}

/** The bench as a Markdown table. */
export function ordersTable({ bars, hand, restless, few, many }: OrdersBench): string {
  const handNs = (median(hand) * 1e6) / bars;
  const row = (name: string, { ms, orders, fills, cancelled, trades, before, after }: OrdersRun) => {
    const ns = (median(ms) * 1e6) / orders;
    const cells = [
      name,
      orders,
      fills,
      cancelled,
      trades,
      median(ms).toFixed(0),
      ns.toFixed(0),
      `${(ns / handNs).toFixed(1)} ×`,
      (((after - before) * 2 ** 20) / orders).toFixed(0),
      (after - before).toFixed(0),
    ];
    return `| ${cells.join(' | ')} |`;
  };
  const rate = (one: OrdersRun) => median(one.ms) / one.trades;
  return [
    '| | orders | fills | cancelled | trades | median ms | ns an order | to a bar by hand | bytes an order | MB of it for the run |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    row('at every bar one filled, one placed, one cancelled', restless),
    row('in and out, 10⁵ trades', few),
    row('in and out, 10⁶ trades', many),
    '',
    `A bar by hand: ${handNs.toFixed(1)} ns. A trade of 10⁶ takes ${(rate(many) / rate(few)).toFixed(2)} times as long as one of 10⁵.`,
  ].join('\n');
}

function argument(name: string): string | undefined {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? undefined : process.argv[index + 1];
}

if (import.meta.main) {
  const bars = Number(argument('bars') ?? STANDARD.bars);
  const runs = Number(argument('runs') ?? 5);
  const task = argument('task');
  if (task === undefined) console.log(ordersTable(ordersBench(bars, runs)));
  else {
    const columns = workload(bars, STANDARD.seed);
    if (task === 'hand') {
      const ms: number[] = [];
      for (let i = -3; i < runs; i++) {
        const start = performance.now();
        yardstick(columns);
        if (i >= 0) ms.push(performance.now() - start);
      }
      console.log(JSON.stringify(ms));
    } else {
      const feed = memoryFeed(columns, { interval: '1m' });
      console.log(JSON.stringify(await run(task === 'restless' ? Restless : InAndOut, feed, runs)));
    }
  }
}
