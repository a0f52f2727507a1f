import type { Run } from '../backtest/run.ts';
import { type Command, isExchangeBroker } from '../brokers/binance/commands.ts';
import type { LogEntry } from '../engine/run-log.ts';
import type { Order } from '../model/order.ts';
import type { JournalEntry } from '../store/journal.ts';

export type Decision = Extract<JournalEntry, { kind: 'order' | 'fill' | 'ended' | 'log' | 'command' }>;

/**
 * What a run has done since it was last asked: fills, orders that ended, orders placed, lines logged, commands for the
 * exchange, in this order.
 */
export class Decisions {
  readonly #run: Run;
  #fills = 0;
  #orders = 0;
  readonly #open = new Set<number>();
  #logs: LogEntry[] = [];
  #commands: Command[] = [];

  constructor(run: Run) {
    this.#run = run;
    run.engine.session.logbook.listen(entry => this.#logs.push(entry));
  }

  /** Adds what is new to `entries`. */
  collect(entries: JournalEntry[]): void {
    const { orders, account } = this.#run.broker;
    const { fills } = account;
    for (; this.#fills < fills.length; this.#fills++) {
      const row = this.#fills;
      entries.push({
        kind: 'fill',
        time: fills.time(row),
        orderId: fills.orderId(row),
        instrument: fills.instrument(row),
        size: fills.size(row),
        price: fills.price(row),
        fee: fills.fee(row),
      });
    }
    for (const id of this.#open) if (!orders.isAlive(id)) this.#end(id, entries);
    while (this.#orders < orders.length) {
      const id = ++this.#orders;
      entries.push({ kind: 'order', time: orders.createdAt(id), id, order: placed(orders.view(id)) });
      if (orders.isAlive(id)) this.#open.add(id);
      else this.#end(id, entries);
    }
    if (this.#logs.length > 0) {
      for (const { time, message } of this.#logs) entries.push({ kind: 'log', time, message });
      this.#logs = [];
    }
    const { broker } = this.#run;
    if (!isExchangeBroker(broker)) return;
    for (const command of broker.takeCommands()) {
      entries.push({ kind: 'command', command: JSON.stringify(command) });
      this.#commands.push(command);
    }
  }

  /** The commands that were collected since this was last asked. */
  takeCommands(): readonly Command[] {
    const commands = this.#commands;
    if (commands.length > 0) this.#commands = [];
    return commands;
  }

  #end(id: number, entries: JournalEntry[]): void {
    const { orders } = this.#run.broker;
    this.#open.delete(id);
    entries.push({ kind: 'ended', id, status: orders.status(id), reason: orders.reason(id)?.code ?? '' });
  }
}

/** What was asked for, as JSON: everything that does not change while the order lives. */
function placed(order: Order): string {
  const { status, filled, price, fees, reason, ...asked } = JSON.parse(JSON.stringify(order));
  return JSON.stringify(asked);
}
