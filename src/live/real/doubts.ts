import type { Command } from '../../brokers/binance/commands.ts';
import type { Failure, OrderSnapshot, TradingPort } from '../../brokers/binance/port.ts';
import type { Timers } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import { describe, idOf, isCancel, placedIds, symbolOf } from './commands.ts';
import type { Inbox } from './inbox.ts';
import type { Notify } from './notice.ts';
import type { Questions } from './questions.ts';
import type { SpareBase } from './spare-base.ts';

/** Pauses before the questions about an unknown outcome, ms; the last one again and again. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 16_000, 30_000];
/** After a question that was not answered, ms. */
const DEAF_PAUSE_MS = 2000;
/** Questions, and time, before the account is halted; from then on it is asked at the slow pace. */
const MOST_QUESTIONS = 12;
const PATIENCE_MS = 210_000;
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
  readonly spare: Pick<SpareBase, 'excludesAnother' | 'isAwaited' | 'ownerOf'>;
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
  age: number;
  /** When it was opened, by the exchange's clock and by this machine's; epoch ms UTC. */
  readonly openedAt: { readonly exchange: number; readonly machine: number };
  questions: number;
  notFounds: number;
  /** The last question was not answered. */
  isDeaf: boolean;
  /** Another may be placed in its stead. */
  doubtful: boolean;
  /** The account has been halted for it; it is still asked for. */
  lost: boolean;
}

/**
 * Commands of which it is not known whether they were done. Nothing is ever sent again on doubt: the exchange is asked
 * until it is certain. That an order does not exist is certain when it was answered three times in a row, and so long after
 * sending that the exchange cannot be working on it any more. What protects a position does not wait for that where the account
 * could not sell twice what it sells: then another, with an id of its own, may be placed in its stead as soon as it cannot be
 * found.
 */
export class Doubts {
  readonly counts = { opened: 0, found: 0, notFound: 0, replaced: 0, lost: 0, questions: 0 };
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

  /** Orders of a symbol that others may have taken the place of, and that may still arrive at the exchange. */
  mayArrive(symbol: string): string[] {
    const ids: string[] = [];
    for (const doubt of this.#open.values()) {
      if (!doubt.doubtful || symbolOf(doubt.command) !== symbol) continue;
      if (this.#sinceSent(doubt) <= this.#arrivesWithinMs) ids.push(...doubt.missing);
    }
    return ids;
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
    const doubt: Doubt = {
      ...{ command, missing, age, openedAt, questions: 0, notFounds: 0 },
      ...{ isDeaf: false, doubtful: false, lost: false },
    };
    this.#open.set(this.#key(command), doubt);
    this.counts.opened++;
    this.#resolve(doubt, soon).catch(this.#options.fail);
  }

  /** It was sent later than was thought, by the exchange's clock. */
  sentAt(command: Command, time: number): void {
    const doubt = this.#open.get(this.#key(command));
    if (doubt !== undefined) doubt.age = Math.min(doubt.age, doubt.openedAt.exchange - time);
  }

  /** It has certainly not been done. Returns whether others may be there in its stead. */
  withdraw(command: Command): boolean {
    const doubt = this.#open.get(this.#key(command));
    if (doubt === undefined) return false;
    this.#open.delete(this.#key(command));
    this.counts.notFound++;
    return doubt.doubtful;
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
      await sleep(timers, this.#pause(doubt), signal);
      if (signal.aborted || !this.#isOpen(doubt)) return;
      await this.#ask(doubt);
      const isLost =
        doubt.questions >= MOST_QUESTIONS && timers.now() - doubt.openedAt.machine >= PATIENCE_MS;
      if (isLost && !doubt.lost && this.#isOpen(doubt)) this.#lose(doubt);
    }
  }

  /** Until the next question, ms. */
  #pause(doubt: Doubt): number {
    if (doubt.lost) return LOST_PAUSE_MS;
    const pause = PAUSES_MS[Math.min(doubt.questions, PAUSES_MS.length - 1)];
    if (doubt.isDeaf) return Math.min(pause, DEAF_PAUSE_MS);
    // Asked at the moment from which on the answer is certain.
    const left = this.#untilLongAgo(doubt) + 1;
    return left > 0 ? Math.min(pause, left) : pause;
  }

  /** What was sent longer ago has been executed or will not be, ms. */
  get #arrivesWithinMs(): number {
    return this.#options.port.recvWindowMs + ENGINE_MS + MARGIN_MS;
  }

  /** What was sent so long ago can be certain not to exist, ms: the exchange may know later than it executes. */
  get #certainMs(): number {
    return Math.max(LEAST_MS, this.#arrivesWithinMs);
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
    const { questions } = this.#options;
    const { command } = doubt;
    // What is answered late was true when it was asked.
    const isLongAgo = this.#untilLongAgo(doubt) < 0;
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
    // Who did not answer has not contradicted what was answered before.
    doubt.isDeaf = failure !== undefined && failure.class !== 'notFound';
    if (failure?.class !== 'notFound') return;
    doubt.notFounds++;
    if (isCancel(command)) return;
    if (doubt.notFounds >= NOT_FOUNDS && isLongAgo) this.#giveUp(doubt);
    else await this.#replace(doubt);
  }

  /** Lets another be placed in its stead, and in that of others for the same order, if the exchange cannot take both. */
  async #replace(doubt: Doubt): Promise<void> {
    const { spare, inbox, notice, port, onChange } = this.#options;
    const owner = spare.ownerOf(doubt.command);
    const isAlike = (one: Doubt) =>
      this.#isOpen(one) &&
      one.notFounds > 0 &&
      one.missing.size === placedIds(one.command).length &&
      spare.ownerOf(one.command) === owner &&
      spare.isAwaited(one.command);
    const alike = [...this.#open.values()].filter(isAlike);
    if (owner === undefined || !alike.includes(doubt)) return;
    if (!(await spare.excludesAnother(alike.map(({ command }) => command)))) return;
    if (this.#controller.signal.aborted || !alike.every(isAlike)) return;
    for (const one of alike) {
      if (!one.doubtful) {
        const message = `${describe(one.command)}: it cannot be found; another may take its place, for the account cannot sell both`;
        notice('warning', 'REPLACED', message);
        this.counts.replaced++;
      }
      one.doubtful = true;
    }
    const clientOrderIds = alike.flatMap(({ missing }) => [...missing]);
    inbox.put({ kind: 'doubtful', time: port.now(), clientOrderIds });
    onChange();
  }

  /**
   * Until it is so long ago that the exchange cannot be working on it, nor hide it, any more, ms. Where its clock goes faster
   * than time does, what it works on takes as long as ever.
   */
  #untilLongAgo(doubt: Doubt): number {
    const here = this.#options.timers.now() - doubt.openedAt.machine;
    return Math.max(this.#certainMs - this.#sinceSent(doubt), this.#arrivesWithinMs - here);
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
