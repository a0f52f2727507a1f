import type { AccountInput, Command } from '../brokers/binance/commands.ts';
import type { Interval } from '../model/interval.ts';
import type { Order } from '../model/order.ts';
import type { JournalEntry } from '../store/journal.ts';
import type { LiveEvent, OrderEvent } from './events.ts';
import { describe, idOf, symbolOf } from './real/commands.ts';
import { isRealStart } from './real/session.ts';
import type { SessionResult, SessionStart } from './session.ts';

/** Tells what happened in a session as events for people and programs. */
export class SessionEvents {
  readonly #start: SessionStart;
  readonly #emit: (event: LiveEvent) => void;
  #trades: number;

  constructor(start: SessionStart, emit: (event: LiveEvent) => void) {
    this.#start = start;
    this.#emit = emit;
    const { run, id, settings, resumedSteps } = start;
    this.#trades = run.broker.account.trades.length;
    emit({
      type: 'session',
      time: start.status().time,
      session: id,
      mode: start.mode,
      strategy: settings.strategy,
      params: settings.params,
      exchange: settings.exchange,
      series: settings.datas.map(({ instrument, interval }) => ({ symbol: instrument.symbol, interval })),
      resumedSteps,
      ...(isRealStart(start) ? { account: start.settings.account, dryRun: start.dryRun } : {}),
    });
    const halted = isRealStart(start) ? start.broker.halted : undefined;
    if (halted !== undefined) emit({ type: 'halt', time: start.status().time, halted: true, ...halted });
    const needs = start.warmups.map((bars, i) => `${bars} of ${this.#series(i).symbol}`);
    const message =
      resumedSteps > 0
        ? `lived through ${resumedSteps} steps again; the bars since then are fetched`
        : `warm-up bars: ${needs.join(', ')}`;
    emit({ type: 'status', time: start.status().time, code: 'WARMUP', message });
  }

  entries(entries: readonly JournalEntry[]): void {
    for (const entry of entries) this.#tell(entry);
    const { trades } = this.#start.run.broker.account;
    for (; this.#trades < trades.length; this.#trades++) {
      const { id, symbol, side, size, entryTime, entryPrice, exitTime, exitPrice, fees, net } = trades.at(
        this.#trades,
      );
      const prices = { entryTime, entryPrice, exitPrice, fees, net };
      this.#emit({ type: 'trade', time: exitTime, id, symbol, side, size, ...prices });
    }
  }

  end(result: SessionResult): void {
    const { stats, orders, fills, trades, metrics } = result.result;
    this.#emit({
      type: 'end',
      time: stats.to,
      reason: result.over ? 'ended' : 'stopped',
      bars: stats.bars,
      steps: stats.steps,
      orders: orders.length,
      fills: fills.length,
      trades: trades.length,
      value: metrics.endValue,
    });
  }

  #series(feed: number): { symbol: string; interval: Interval } {
    const { instrument, interval } = this.#start.settings.datas[feed];
    return { symbol: instrument.symbol, interval };
  }

  #tell(entry: JournalEntry): void {
    const emit = this.#emit;
    switch (entry.kind) {
      case 'bar':
      case 'late': {
        const { feed, time, open, high, low, close, volume } = entry;
        const prices = { openTime: time, open, high, low, close, volume };
        const late = entry.kind === 'late';
        emit({
          type: 'bar',
          time: this.#start.status().time,
          ...this.#series(feed),
          ...prices,
          closed: true,
          late,
        });
        return;
      }
      case 'order':
        emit(this.#order(entry.id, entry.time));
        return;
      case 'ended':
        // One that is filled has told so by its fill.
        if (entry.status !== 'completed') emit(this.#order(entry.id, this.#start.run.engine.session.time));
        return;
      case 'fill': {
        const { time, orderId, instrument, size, price, fee } = entry;
        const { symbol } = this.#start.run.broker.instruments[instrument];
        const side = size < 0 ? 'sell' : 'buy';
        emit({ type: 'fill', time, order: orderId, symbol, side, size: Math.abs(size), price, fee });
        return;
      }
      case 'step':
        emit({ type: 'equity', time: entry.time, cash: entry.cash, value: entry.value });
        return;
      case 'release': {
        const behind = entry.behind.map(feed => Object.values(this.#series(feed)).join(' ')).join(', ');
        const message = `the step was made without ${behind}, which had no bar in time`;
        emit({ type: 'warning', time: entry.time, code: 'STEP_RELEASED', message });
        return;
      }
      case 'command': {
        const command = JSON.parse(entry.command) as Command;
        const time = this.#start.status().time;
        const [symbol, id] = [symbolOf(command), idOf(command)];
        emit({ type: 'command', time, action: command.kind, symbol, id, message: describe(command) });
        return;
      }
      case 'account':
        this.#tellAccount(JSON.parse(entry.input) as AccountInput);
        return;
      case 'log':
        emit({ type: 'log', time: entry.time, message: entry.message });
    }
  }

  #tellAccount(input: AccountInput): void {
    const emit = this.#emit;
    const { time } = input;
    if (input.kind === 'halt')
      emit({ type: 'halt', time, halted: true, code: input.code, message: input.message });
    else if (input.kind === 'resume') emit({ type: 'halt', time, halted: false, code: '', message: '' });
    else if (input.kind === 'order') {
      const { symbol, clientOrderId: id, status, executed } = input.order;
      emit({ type: 'report', time, symbol, id, status, executed, message: '' });
    } else {
      const isRefused = input.kind === 'refused';
      const status = isRefused ? 'REFUSED' : 'DOUBTFUL';
      const message = isRefused ? `${input.message} (${input.code})` : 'it cannot be found yet';
      for (const id of input.clientOrderIds)
        emit({ type: 'report', time, symbol: '', id, status, executed: '0', message });
    }
  }

  #order(id: number, time: number): OrderEvent {
    const order: Order = this.#start.run.broker.orders.view(id);
    const { symbol, side, type, status, size, quote, stop, limit, filled, price, tag, reason } = order;
    const terms = { orderType: type, status, size, quote, stop, limit, filled, price, tag };
    return { type: 'order', time, id, symbol, side, ...terms, reason: reason ?? null };
  }
}
