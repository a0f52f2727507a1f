import type { Account } from '../../src/brokers/account.ts';
import type { Analyzer, RunStart } from '../../src/engine/analyzers/analyzer.ts';
import type { Interval } from '../../src/model/interval.ts';
import type { Order } from '../../src/model/order.ts';
import type { Trade } from '../../src/model/trade.ts';

/** What another engine recorded of a run: its account after each step, its bars, and what happened. */
export interface RecordedRun {
  readonly bars: string;
  readonly fundMode: boolean;
  readonly startCash: number;
  readonly fundStart: number;
  readonly datas: readonly {
    readonly name: string;
    readonly interval: Interval;
    /** By step: bars so far, the current bar, and what the position is worth. */
    readonly length: readonly number[];
    readonly bar: readonly (
      | readonly [time: string, open: number, high: number, low: number, close: number]
      | null
    )[];
    readonly worth: readonly number[];
  }[];
  readonly steps: {
    readonly time: readonly string[];
    readonly cash: readonly number[];
    readonly value: readonly number[];
    readonly fundValue: readonly number[];
    readonly fundShares: readonly number[];
    readonly pendingCash: readonly number[];
    readonly ready: readonly boolean[];
  };
  readonly fills: readonly (readonly [step: number, data: number, size: number, price: number])[];
  readonly orders: readonly (readonly [
    step: number,
    data: number,
    side: 'buy' | 'sell',
    filled: number,
    price: number,
  ])[];
  readonly trades: readonly (readonly [
    step: number,
    data: number,
    side: 'long' | 'short',
    open: boolean,
    pnl: number,
    net: number,
    bars: number,
  ])[];
  readonly analyzers: readonly (readonly [name: string, parameters: object, result: unknown])[];
  readonly observers: readonly (readonly [
    name: string,
    parameters: object,
    lines: Record<string, readonly (number | string)[]>,
  ])[];
}

/** Epoch ms of an ISO time with microseconds, UTC. */
function milliseconds(iso: string): number {
  const [seconds, fraction = ''] = iso.split('.');
  return Date.parse(`${seconds}Z`) + Number(fraction.padEnd(6, '0')) / 1000;
}

/** Shows a recorded run to analyzers, step by step. */
export function show(run: RecordedRun, analyzers: readonly Analyzer[]): void {
  const { steps, fills, orders, trades } = run;
  let step = -1;
  let filled = 0;
  const at = <T>(values: readonly T[], first: T) => (step < 0 ? first : values[step]);
  const account = {
    instruments: run.datas.map(({ name }) => ({ symbol: name })),
    startCash: run.startCash,
    get cash() {
      return at(steps.cash, run.startCash);
    },
    get value() {
      return at(steps.value, run.startCash);
    },
    fund: {
      mode: run.fundMode,
      get value() {
        return at(steps.fundValue, run.fundStart);
      },
      get shares() {
        return at(steps.fundShares, run.startCash / run.fundStart);
      },
    },
    get pendingCash() {
      return at(steps.pendingCash, 0);
    },
    fills: {
      get length() {
        return filled;
      },
      instrument: (row: number) => fills[row][1],
      size: (row: number) => fills[row][2],
      price: (row: number) => fills[row][3],
    },
  };
  const start: RunStart = {
    time: milliseconds(steps.time[0]),
    value: run.startCash,
    stepMs: 60_000,
    account: account as unknown as Account,
    datas: run.datas.map(({ name, interval, length, bar }) => ({
      name,
      interval,
      get length() {
        return length[step];
      },
      get bar() {
        const [time, open, high, low, close] = bar[step] ?? [];
        const none = Number.NaN;
        return {
          open: open ?? none,
          high: high ?? none,
          low: low ?? none,
          close: close ?? none,
          closeTime: time === undefined ? none : milliseconds(time),
        };
      },
    })),
    instruments: run.datas.map((_, i) => i),
    positionValue: instrument => run.datas[instrument].worth[step],
    midnight: 'begins',
  };
  for (const analyzer of analyzers) analyzer.begin?.(start);
  for (const [i, iso] of steps.time.entries()) {
    step = i;
    while (fills[filled]?.[0] === step) filled++;
    for (const [, instrument, side, size, price] of orders.filter(one => one[0] === step)) {
      const order = { instrument, side, filled: size, price } as Order;
      for (const analyzer of analyzers) analyzer.order?.(order);
    }
    for (const [, data, side, open, pnl, net, bars] of trades.filter(one => one[0] === step)) {
      const trade = { symbol: run.datas[data].name, side, open, pnl, net, bars } as Trade;
      for (const analyzer of analyzers) analyzer.trade?.(trade);
    }
    for (const analyzer of analyzers) analyzer.told?.();
    const time = milliseconds(iso);
    for (const analyzer of analyzers) analyzer.step?.(time, steps.ready[step]);
  }
}
