import type { Command } from '../../brokers/binance/commands.ts';
import type { Failure, OrderSnapshot, TradingPort } from '../../brokers/binance/port.ts';
import type { Timers } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import { describe, idOf, isCancel, placedIds, symbolOf } from './commands.ts';
import type { Inbox } from './inbox.ts';
import type { Notify } from './notice.ts';
import type { Questions } from './questions.ts';

/** Pauses before the questions about an unknown outcome, ms; the last one again and again. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 16_000, 30_000];
/** Questions before the account is halted; from then on it is asked at the slow pace. */
const MOST_QUESTIONS = 12;
const LOST_PAUSE_MS = 60_000;
/** Answers in a row that an order does not exist. */
const NOT_FOUNDS = 3;
/** How long the exchange may work on a request after it has become invalid, and what clocks may be wrong by, ms. */
const ENGINE_MS = 10_000;
const MARGIN_MS = 5000;
/** An order that cannot be found is not given up sooner than this after it was sent, ms. */
const LEAST_MS = 60_000;

/** Why an order was given up. */
export const NOT_FOUND = 'NOT_FOUND';

export interface DoubtsOptions {
  readonly port: TradingPort;
  readonly timers: Timers;
  readonly inbox: Inbox;
  readonly questions: Questions;
  readonly notice: Notify;
  readonly halt: (code: string, message: string) => void;
  readonly fail: (error: unknown) => void;
  /** A cancel has certainly not been done: the order is still there. */
  readonly cancelAgain: (command: Command) => void;
  /** Orders are certain not to exist. */
  readonly giveUp: (clientOrderIds: readonly string[]) => void;
  /** Something was resolved, or given up to the slow pace. */
  readonly onChange: () => void;
}

interface Doubt {
  readonly command: Command;
  /** Orders of which nothing has been heard (of a place), or that have not ended (of a cancel). */
  readonly missing: Set<string>;
  /** How long ago it was sent when it was opened, by the exchange's clock; ms. */
  readonly age: number;
  /** When it was opened, by the exchange's clock and by this machine's; epoch ms UTC. */
  readonly openedAt: { readonly exchange: number; readonly machine: number };
  questions: number;
  notFounds: number;
  /** The account has been halted for it; it is still asked for. */
  lost: boolean;
}

/**
 * Commands of which it is not known whether they were done. Nothing is ever sent again on doubt: the exchange is asked
 * until it is certain. That an order does not exist is certain when it was answered three times in a row, and so long after
 * sending that the exchange cannot be working on it any more.
 */
export class Doubts {
  readonly counts = { opened: 0, found: 0, notFound: 0, lost: 0, questions: 0 };
  readonly #options: DoubtsOptions;
  readonly #open = new Map<string, Doubt>();
  readonly #controller = new AbortController();

  constructor(options: DoubtsOptions) {
    this.#options = options;
  }

  /** Commands of which nobody knows yet what has become. */
  get count(): number {
    return this.#open.size;
  }

  close(): void {
    this.#controller.abort();
    this.#open.clear();
  }

  /** True while something is unknown that is expected to become known soon. */
  get pressing(): boolean {
    for (const doubt of this.#open.values()) if (!doubt.lost) return true;
    return false;
  }

  /** Whether it is unknown what has become of an order. */
  has(clientOrderId: string): boolean {
    for (const { missing } of this.#open.values()) if (missing.has(clientOrderId)) return true;
    return false;
  }

  /** Whether it is being found out what a command has led to. */
  isAbout(command: Command): boolean {
    return this.#open.has(this.#key(command));
  }

  /** What is in doubt on a symbol. */
  on(symbol: string): 'cancel' | 'place' | undefined {
    let found: 'place' | undefined;
    for (const { command, lost } of this.#open.values()) {
      if (lost || symbolOf(command) !== symbol) continue;
      if (isCancel(command)) return 'cancel';
      found = 'place';
    }
    return found;
  }

  /**
   * Finds out what has become of a command. `sentAt`: when it was sent, or a later moment, by the exchange's clock. `orders`:
   * of a list that was to be cancelled.
   */
  open(command: Command, sentAt: number, orders: readonly string[], soon: boolean): void {
    const missing = new Set(isCancel(command) ? orders : placedIds(command));
    const { port, timers } = this.#options;
    const openedAt = { exchange: port.now(), machine: timers.now() };
    const age = openedAt.exchange - sentAt;
    const doubt: Doubt = { command, missing, age, openedAt, questions: 0, notFounds: 0, lost: false };
    this.#open.set(this.#key(command), doubt);
    this.counts.opened++;
    this.#resolve(doubt, soon).catch(this.#options.fail);
  }

  /** An order's state has become known, whoever told it. */
  hear(order: OrderSnapshot): void {
    for (const doubt of this.#open.values()) {
      if (!doubt.missing.has(order.clientOrderId)) continue;
      if (isCancel(doubt.command) && !hasEnded(order)) continue;
      doubt.missing.delete(order.clientOrderId);
      if (doubt.missing.size === 0) this.#end(doubt, 'found');
    }
  }

  /** Orders do not exist: there is nothing to cancel. */
  forget(clientOrderIds: readonly string[]): void {
    for (const doubt of this.#open.values()) {
      if (!isCancel(doubt.command)) continue;
      for (const id of clientOrderIds) doubt.missing.delete(id);
      if (doubt.missing.size === 0) this.#end(doubt, 'notFound');
    }
  }

  #key(command: Command): string {
    return `${isCancel(command) ? 'cancel' : 'place'} ${idOf(command)}`;
  }

  #isOpen(doubt: Doubt): boolean {
    return this.#open.get(this.#key(doubt.command)) === doubt;
  }

  #end(doubt: Doubt, how: 'found' | 'notFound'): void {
    if (!this.#isOpen(doubt)) return;
    this.#open.delete(this.#key(doubt.command));
    this.counts[how]++;
    const { notice, onChange } = this.#options;
    const what = how === 'found' ? 'its outcome is known now' : 'it was never taken by the exchange';
    notice(doubt.lost ? 'alarm' : 'info', 'RESOLVED', `${describe(doubt.command)}: ${what}`);
    onChange();
  }

  async #resolve(doubt: Doubt, soon: boolean): Promise<void> {
    const { timers } = this.#options;
    const { signal } = this.#controller;
    if (soon) await this.#ask(doubt);
    while (!signal.aborted && this.#isOpen(doubt)) {
      const pause = PAUSES_MS[Math.min(doubt.questions, PAUSES_MS.length - 1)];
      await sleep(timers, doubt.lost ? LOST_PAUSE_MS : pause, signal);
      if (signal.aborted || !this.#isOpen(doubt)) return;
      await this.#ask(doubt);
      if (doubt.questions >= MOST_QUESTIONS && !doubt.lost && this.#isOpen(doubt)) this.#lose(doubt);
    }
  }

  #lose(doubt: Doubt): void {
    const { halt, notice, onChange } = this.#options;
    doubt.lost = true;
    this.counts.lost++;
    const message = `${describe(doubt.command)}: what has become of it could not be found out; it is asked for every minute`;
    notice('alarm', 'UNRESOLVED', message);
    halt('UNRESOLVED', message);
    onChange();
  }

  async #ask(doubt: Doubt): Promise<void> {
    const { questions, port } = this.#options;
    const { command } = doubt;
    doubt.questions++;
    this.counts.questions++;
    const symbol = symbolOf(command);
    let failure: Failure | undefined;
    if (command.kind === 'placeList') {
      const answer = await questions.list(symbol, idOf(command));
      failure = answer.ok ? undefined : answer.failure;
    } else {
      for (const id of [...doubt.missing]) {
        const answer = await questions.order(symbol, id);
        if (!answer.ok) failure = answer.failure;
        else if (isCancel(command) && !hasEnded(answer.value)) {
          this.#cancelAgain(doubt);
          return;
        }
      }
    }
    if (this.#controller.signal.aborted || !this.#isOpen(doubt)) return;
    if (failure === undefined) return;
    // Who did not answer has not contradicted what was answered before.
    if (failure.class !== 'notFound') return;
    doubt.notFounds++;
    const certain = Math.max(LEAST_MS, port.recvWindowMs + ENGINE_MS + MARGIN_MS);
    if (doubt.notFounds < NOT_FOUNDS || !(this.#sinceSent(doubt) > certain) || isCancel(command)) return;
    this.#giveUp(doubt);
  }

  /** ms; in lockstep the exchange's clock stands still until the outcome is known, and this machine's does not. */
  #sinceSent({ age, openedAt }: Doubt): number {
    const { port, timers } = this.#options;
    return age + Math.max(port.now() - openedAt.exchange, timers.now() - openedAt.machine);
  }

  #cancelAgain(doubt: Doubt): void {
    if (!this.#isOpen(doubt)) return;
    this.#open.delete(this.#key(doubt.command));
    this.counts.found++;
    this.#options.cancelAgain(doubt.command);
    this.#options.onChange();
  }

  /** It does not exist, for certain. */
  #giveUp(doubt: Doubt): void {
    const { inbox, port, giveUp } = this.#options;
    giveUp([...doubt.missing]);
    inbox.put({
      kind: 'refused',
      time: port.now(),
      clientOrderIds: [...doubt.missing],
      code: NOT_FOUND,
      message: 'the exchange has never taken it: its answer was lost, and it cannot be found',
    });
    this.#end(doubt, 'notFound');
  }
}

export function hasEnded({ status }: OrderSnapshot): boolean {
  return status !== 'NEW' && status !== 'PENDING_NEW' && status !== 'PARTIALLY_FILLED';
}
