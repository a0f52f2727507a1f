import type { AccountInput, Command } from '../../brokers/binance/commands.ts';
import { NOT_NEEDED, type Objection, objectionOf } from '../../brokers/binance/outcomes.ts';
import type { Answer, Failure, OrderSnapshot, Placed, TradingPort } from '../../brokers/binance/port.ts';
import type { Timer, Timers } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import { describe, idOf, isCancel, isProtective, placedIds, salesOf, symbolOf } from './commands.ts';
import { Doubts, hasEnded, NOT_FOUND } from './doubts.ts';
import type { Inbox } from './inbox.ts';
import type { Notify } from './notice.ts';
import type { Questions } from './questions.ts';
import type { SpareBase } from './spare-base.ts';

export interface ExecutorOptions {
  readonly port: TradingPort;
  readonly timers: Timers;
  readonly inbox: Inbox;
  readonly questions: Questions;
  /** Keeps that a command is about to be sent; when it returns, that is kept. */
  readonly mark: (command: Command, time: number) => void;
  /** What the account could sell beside what is to be sold. */
  readonly spare: Pick<SpareBase, 'excludesAnother' | 'isAll' | 'isAwaited' | 'ownerOf'>;
  readonly notice: Notify;
  /** Asks for a halt of the account. */
  readonly halt: (code: string, message: string) => void;
  /** True while nothing but cancelling and protecting is done. */
  readonly isHalted: () => boolean;
  readonly fail: (error: unknown) => void;
}

/** What is not answered for so long is asked for while its answer is waited for, ms. */
const ANSWER_PATIENCE_MS = 2000;
/** What may be right again before long. */
const FOR_A_WHILE: ReadonlySet<string> = new Set<Objection>(['balance', 'closed']);
/** How much later each such refusal is told than the one before, at first and at most, ms. */
const SHORT_MS = 500;
const LONGEST_SHORT_MS = 8000;
/** How often is looked whether what is held back can be sent, ms. */
const HELD_MS = 1000;
/** Commands that may wait. */
const MOST_WAITING = 1000;
/** An order that opens a position and could not be sent for so long is not what the strategy decided any more, ms. */
const ENTRY_AGE_MS = 30_000;
/** Sent at most so often when the exchange's limits, its clock or a race stood against it. */
const MOST_TRIES = 20;
const MOST_TIME_TRIES = 2;
const MOST_CANCELS = 5;
/** How long to wait when the exchange names no time, and at most at once, ms. */
const LIMIT_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Given-up orders that are remembered, and how often each is asked for, once an audit. */
const MOST_GIVEN_UP = 50;
const GIVEN_UP_QUESTIONS = 10;
/** Too many orders: of everything else there may be more. */
const TOO_MANY_ORDERS = -1015;

interface Waiting {
  readonly command: Command;
  /** By this machine's clock. */
  readonly since: number;
  /** How often it was refused for now. */
  tries: number;
  timeTries: number;
}

/**
 * Sends commands, one at a time and in their order. When something stands against the first one (a limit, an unknown
 * outcome on its symbol), cancels and protective orders may go before it. Every answer becomes an input of the account; of
 * what has no clear answer, {@link Doubts} finds out.
 */
export class Executor {
  readonly counts = { sent: 0, unknown: 0, refused: 0, notSent: 0, limited: 0, timeRefused: 0 };
  readonly doubts: Doubts;
  /** Ids of all orders that this session has ever wanted, and their symbols. */
  readonly #own = new Map<string, string>();
  /** Sales, and in whose stead they are. */
  readonly #sales = new Map<string, readonly string[]>();
  /** Orders of each list. */
  readonly #lists = new Map<string, readonly string[]>();
  /** Orders that have ended, or never existed. */
  readonly #gone = new Set<string>();
  /** Orders that the exchange has told of. */
  readonly #heard = new Set<string>();
  readonly #refused = new Set<string>();
  /** Orders that were given up, and how often they will still be asked for. */
  readonly #givenUp = new Map<string, number>();
  readonly #cancels = new Map<string, number>();
  /** How often in a row what protects was refused for what may pass, by symbol. */
  readonly #short = new Map<string, number>();
  /** Commands whose refusal is told later. */
  readonly #pausing = new Set<Command>();
  readonly #options: ExecutorOptions;
  #queue: Waiting[] = [];
  #current: Command | undefined;
  #timer: Timer | undefined;
  /** By this machine's clock: nothing, or no order, is sent before. */
  #silentUntil = Number.NEGATIVE_INFINITY;
  #ordersAt = Number.NEGATIVE_INFINITY;
  #idlers: (() => void)[] = [];
  #closed = false;
  #paused = true;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.doubts = new Doubts({
      ...options,
      cancelAgain: command => this.#cancelAgain(command),
      giveUp: ids => {
        this.#forget(ids);
        this.#rememberGivenUp(ids);
      },
      onChange: () => this.#pump(),
    });
    options.inbox.onOrder = order => this.#hear(order);
    options.inbox.onIdle = () => this.#tellIdle();
  }

  /** Sends what waits and what comes from now on. */
  begin(): void {
    this.#paused = false;
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.doubts.close();
    this.#tellIdle();
  }

  /** Remembers a command that was wanted before. */
  recall(command: Command): void {
    for (const id of placedIds(command)) this.#own.set(id, symbolOf(command));
    const instead = ('instead' in command && command.instead) || [];
    for (const id of salesOf(command)) this.#sales.set(id, instead);
    if (command.kind === 'placeList') this.#lists.set(idOf(command), placedIds(command));
  }

  /** Remembers what was said of orders before. */
  recallInput(input: AccountInput): void {
    if (input.kind === 'refused') {
      for (const id of input.clientOrderIds) this.#gone.add(id);
      for (const id of input.clientOrderIds) this.#refused.add(id);
      if (input.code === NOT_FOUND) this.#rememberGivenUp(input.clientOrderIds);
    } else if (input.kind === 'order') {
      const { clientOrderId } = input.order;
      this.#heard.add(clientOrderId);
      this.#refused.delete(clientOrderId);
      this.#givenUp.delete(clientOrderId);
      if (hasEnded(input.order)) this.#gone.add(clientOrderId);
      else this.#gone.delete(clientOrderId);
    }
  }

  /**
   * Orders of a symbol that were given up lately. What was certain not to exist is asked for a while longer: of an order that
   * was executed all the same, and whose reports were lost, nothing else would ever tell.
   */
  givenUp(symbol: string): string[] {
    const ids: string[] = [];
    for (const [id, left] of this.#givenUp) {
      if (this.#own.get(id) !== symbol) continue;
      if (left > 1) this.#givenUp.set(id, left - 1);
      else this.#givenUp.delete(id);
      ids.push(id);
    }
    return ids;
  }

  #rememberGivenUp(ids: readonly string[]): void {
    for (const id of ids) this.#givenUp.set(id, GIVEN_UP_QUESTIONS);
    for (const id of this.#givenUp.keys()) {
      if (this.#givenUp.size <= MOST_GIVEN_UP) break;
      this.#givenUp.delete(id);
    }
  }

  isOwn(clientOrderId: string): boolean {
    return this.#own.has(clientOrderId);
  }

  /** True while an order's command waits, is being sent, or nobody knows what has become of it. */
  isPending(clientOrderId: string): boolean {
    if (this.doubts.has(clientOrderId)) return true;
    const holds = (command: Command) => placedIds(command).includes(clientOrderId);
    if (this.#current !== undefined && holds(this.#current)) return true;
    for (const command of this.#pausing) if (holds(command)) return true;
    return this.#queue.some(({ command }) => holds(command));
  }

  /** True while an order's command waits to be sent. */
  waits(clientOrderId: string): boolean {
    return this.#queue.some(({ command }) => placedIds(command).includes(clientOrderId));
  }

  get idle(): boolean {
    if (this.#closed) return true;
    const isBusy = this.#queue.length > 0 || this.#current !== undefined || this.#pausing.size > 0;
    return !isBusy && !this.doubts.pressing && this.#options.inbox.idle;
  }

  /** Resolves when nothing waits to be sent, to be answered or to be found out. */
  settled(): Promise<void> {
    if (this.idle) return Promise.resolve();
    return new Promise(resolve => this.#idlers.push(resolve));
  }

  send(commands: readonly Command[]): void {
    const { timers } = this.#options;
    for (const command of commands) {
      this.recall(command);
      if (this.#queue.length >= MOST_WAITING && !isProtective(command)) {
        this.#drop(command, 'QUEUE_FULL', `${MOST_WAITING} commands wait to be sent`);
      } else this.#queue.push({ command, since: timers.now(), tries: 0, timeTries: 0 });
    }
    this.#pump();
  }

  /** Ends orders that were never sent, and will not be. */
  drop(command: Command, code: string, message: string): void {
    this.recall(command);
    this.#drop(command, code, message);
  }

  /** Finds out what has become of a command that was sent before this process began. */
  resolve(command: Command, sentAt: number): void {
    this.recall(command);
    this.#options.notice(
      'warning',
      'OUTCOME_UNKNOWN',
      `${describe(command)}: was it done? The exchange is asked`,
    );
    this.doubts.open(command, sentAt, this.#targets(command), true);
  }

  #drop(command: Command, code: string, message: string): void {
    this.counts.notSent++;
    this.#refuse(command, code, message);
    this.#options.notice('warning', 'NOT_SENT', `${describe(command)}: ${message}`);
  }

  #refuse(command: Command, code: string, message: string): void {
    const { inbox, port } = this.#options;
    const clientOrderIds = placedIds(command);
    this.#forget(clientOrderIds);
    if (clientOrderIds.length === 0) return;
    inbox.put({ kind: 'refused', time: port.now(), clientOrderIds, code, message });
  }

  /** Orders do not exist: what is to be cancelled among them is. */
  #forget(clientOrderIds: readonly string[]): void {
    for (const id of clientOrderIds) {
      this.#gone.add(id);
      this.#refused.add(id);
    }
    this.doubts.forget(clientOrderIds);
  }

  /** The orders that a command of cancelling is about. */
  #targets(command: Command): readonly string[] {
    if (command.kind === 'cancel') return [command.clientOrderId];
    if (command.kind === 'cancelList') return this.#lists.get(command.listClientOrderId) ?? [];
    return [];
  }

  #hear(order: OrderSnapshot): void {
    const { clientOrderId } = order;
    if (this.#own.has(clientOrderId)) this.#heard.add(clientOrderId);
    if (hasEnded(order)) this.#gone.add(clientOrderId);
    else this.#gone.delete(clientOrderId);
    this.#givenUp.delete(clientOrderId);
    if (this.#refused.delete(clientOrderId)) {
      const message = `${order.side} ${order.type} of ${order.symbol}, which was taken for refused, is ${order.status}`;
      this.#options.notice('alarm', 'LATE_REPORT', message);
    }
    this.doubts.hear(order);
    if (this.#options.inbox.idle) this.#tellIdle();
  }

  #tellIdle(): void {
    if (!this.idle || this.#idlers.length === 0) return;
    const idlers = this.#idlers;
    this.#idlers = [];
    for (const resolve of idlers) resolve();
  }

  #pump(): void {
    if (this.#closed || this.#paused || this.#current !== undefined) return;
    this.#dropOld();
    const at = this.#nextAt();
    if (at < 0) {
      this.#wakeLater();
      this.#tellIdle();
      return;
    }
    const [waiting] = this.#queue.splice(at, 1);
    if (this.#isVoid(waiting.command)) {
      this.#pump();
      return;
    }
    if (this.#isNeedless(waiting.command)) {
      this.#refuse(waiting.command, NOT_NEEDED, 'what it was to take the place of is there');
      this.#pump();
      return;
    }
    this.#current = waiting.command;
    this.#sendOne(waiting)
      .then(() => {
        this.#current = undefined;
        this.#pump();
      })
      .catch(this.#options.fail);
  }

  /** True for a cancel of what has ended already, and for one that is being found out about, and done again if need be. */
  #isVoid(command: Command): boolean {
    if (!isCancel(command)) return false;
    return this.doubts.isAbout(command) || this.#targets(command).every(id => this.#gone.has(id));
  }

  /** True for what was to take the place of an order that has been heard of since. */
  #isNeedless(command: Command): boolean {
    return 'instead' in command && command.instead!.some(id => this.#heard.has(id));
  }

  /** True for what the exchange might take beside an order in whose stead it is. */
  #mayDouble(command: Command): boolean {
    if (!('instead' in command)) return false;
    return command.instead!.some(id => this.doubts.has(id)) && !this.#options.spare.isAll(command);
  }

  /**
   * True for a cancel that gives back base while a sale that was replaced may still arrive: that would find something to sell.
   * It is a matter of seconds.
   */
  #freesBase(command: Command): boolean {
    const late = this.doubts.mayArrive(symbolOf(command));
    if (late.length === 0) return false;
    return this.#targets(command).some(id => {
      const instead = this.#sales.get(id);
      return instead !== undefined && !late.includes(id) && !instead.some(one => late.includes(one));
    });
  }

  #dropOld(): void {
    const { timers, isHalted } = this.#options;
    const now = timers.now();
    const kept: Waiting[] = [];
    const dropped: [Command, string, string][] = [];
    for (const waiting of this.#queue) {
      const { command, since } = waiting;
      if (isProtective(command)) kept.push(waiting);
      else if (isHalted()) dropped.push([command, 'HALTED', 'the account was halted before it was sent']);
      else if (now - since > ENTRY_AGE_MS)
        dropped.push([command, 'NOT_SENT', `it could not be sent for ${ENTRY_AGE_MS / 1000} s`]);
      else kept.push(waiting);
    }
    this.#queue = kept;
    for (const args of dropped) this.#drop(...args);
  }

  /** The place of the command that may be sent now; -1 without one. */
  #nextAt(): number {
    const now = this.#options.timers.now();
    if (now < this.#silentUntil) return -1;
    const cancelled = new Set<string>();
    const blocked = new Set<string>();
    let first = -1;
    for (let at = 0; at < this.#queue.length; at++) {
      const { command } = this.#queue[at];
      const symbol = symbolOf(command);
      const overtakes = at > 0;
      let free: boolean;
      if (isCancel(command)) {
        // What it is about may be waiting itself.
        free = !this.#targets(command).some(id => blocked.has(id)) && !this.#freesBase(command);
        if (!free) cancelled.add(symbol);
      } else {
        free = now >= this.#ordersAt;
        // What protects may go before others, but not before what makes room for it.
        if (isProtective(command)) free &&= !cancelled.has(symbol) && !this.#mayDouble(command);
        else free &&= this.doubts.on(symbol) === undefined && !overtakes;
        if (!free) for (const id of placedIds(command)) blocked.add(id);
      }
      if (!free) continue;
      if (first < 0) first = at;
      // An entry waits for what protects, lest it take what that is to sell.
      if (isProtective(this.#queue[first].command) || (isProtective(command) && !isCancel(command)))
        return isProtective(this.#queue[first].command) ? first : at;
    }
    return first;
  }

  #wakeLater(): void {
    if (this.#queue.length === 0) return;
    const { timers } = this.#options;
    const now = timers.now();
    const limits = [this.#silentUntil, this.#ordersAt].filter(time => time > now);
    const ages = this.#queue
      .filter(({ command }) => !isProtective(command))
      .map(({ since }) => since + ENTRY_AGE_MS + 1);
    // What stands against these may pass without being told.
    const isHeld = this.#queue.some(({ command }) => isProtective(command));
    const next = Math.min(...limits, ...ages, isHeld ? now + HELD_MS : Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) return;
    this.#timer?.cancel();
    this.#timer = timers.after(next - now, () => {
      try {
        this.#pump();
      } catch (error) {
        this.#options.fail(error);
      }
    });
  }

  async #sendOne(waiting: Waiting): Promise<void> {
    const { port, mark, timers, notice } = this.#options;
    const { command } = waiting;
    const before = port.now();
    mark(command, before);
    this.counts.sent++;
    const patience = new AbortController();
    const answering = this.#act(command).finally(() => patience.abort());
    await Promise.race([answering, sleep(timers, ANSWER_PATIENCE_MS, patience.signal)]);
    if (this.#closed) return;
    if (patience.signal.aborted) {
      await this.#answered(waiting, await answering, before);
      return;
    }
    const message = `${describe(command)}: no answer for ${ANSWER_PATIENCE_MS / 1000} s; the exchange is asked what has become of it`;
    notice('warning', 'OUTCOME_UNKNOWN', message);
    this.doubts.open(command, before, this.#targets(command), true);
    answering
      .then(answer => this.#answeredLate(waiting, answer, before))
      .then(() => this.#pump())
      .catch(this.#options.fail);
  }

  async #answered(waiting: Waiting, answer: Answer<Placed>, before: number): Promise<void> {
    if (this.#closed) return;
    if (!answer.ok) {
      await this.#failed(waiting, answer.failure, before);
      return;
    }
    if (!isCancel(waiting.command) && isProtective(waiting.command))
      this.#short.delete(symbolOf(waiting.command));
    const { orders, trades } = answer.value;
    for (const order of orders) {
      const own = trades.filter(({ orderId }) => orderId === order.orderId);
      this.#options.inbox.order(order, own);
    }
  }

  /** An answer that came when the exchange was already being asked. */
  async #answeredLate(waiting: Waiting, answer: Answer<Placed>, before: number): Promise<void> {
    const { command } = waiting;
    if (answer.ok) {
      await this.#answered(waiting, answer, before);
      return;
    }
    const { failure } = answer;
    if (this.#closed || !this.doubts.isAbout(command)) return;
    const isCertain = ['limits', 'time', 'auth', 'rejected'].includes(failure.class);
    if (!isCertain || (isCancel(command) && failure.class === 'rejected')) {
      if (failure.class === 'unknown') this.counts.unknown++;
      if (!Number.isNaN(failure.sentAt)) this.doubts.sentAt(command, failure.sentAt);
      return;
    }
    if (this.doubts.withdraw(command)) this.#reject(waiting, failure);
    else await this.#failed(waiting, failure, before);
  }

  /** Of a cancel: the orders as they are afterwards. */
  async #act(command: Command): Promise<Answer<Placed>> {
    const { port } = this.#options;
    switch (command.kind) {
      case 'place':
        return port.place(command.order, command.protective);
      case 'placeList':
        return port.placeList(command.list, command.protective);
      default: {
        const answer =
          command.kind === 'cancel'
            ? await port.cancel(command.symbol, command.clientOrderId)
            : await port.cancelList(command.symbol, command.listClientOrderId);
        return answer.ok ? { ok: true, value: { orders: answer.value, trades: [] } } : answer;
      }
    }
  }

  async #failed(waiting: Waiting, failure: Failure, before: number): Promise<void> {
    const { notice, halt } = this.#options;
    const { command } = waiting;
    const said = `${describe(command)}: ${failure.message}`;
    switch (failure.class) {
      case 'closed':
        return;
      case 'limits':
        this.counts.limited++;
        notice('warning', 'LIMITED', said);
        this.#limit(failure);
        this.#again(waiting, ++waiting.tries <= MOST_TRIES, failure);
        return;
      case 'time':
        this.counts.timeRefused++;
        await this.#refusedForTime(waiting, failure);
        return;
      case 'auth':
        halt('KEY_REFUSED', said);
        this.#reject(waiting, failure);
        return;
      case 'rejected':
        // That a cancel was refused says nothing of the order.
        if (!isCancel(command)) {
          this.#rejectSoon(waiting, failure);
          return;
        }
    }
    if (failure.class === 'unknown') this.counts.unknown++;
    notice('warning', 'OUTCOME_UNKNOWN', `${said}; the exchange is asked what has become of it`);
    // An id that is there already, and an order that is not open any more, can be asked for at once.
    const soon = failure.class !== 'unknown' && failure.class !== 'partial';
    const now = this.#options.port.now();
    const sentAt = Number.isNaN(failure.sentAt) ? now : Math.max(failure.sentAt, before);
    this.doubts.open(command, sentAt, this.#targets(command), soon);
  }

  /**
   * What is to be sold may not be there for a moment, as when the exchange takes a fee from it, and a market may be closed:
   * that it was refused for this is told a little later each time, so that what protects is tried again before long, and not at
   * once.
   */
  #rejectSoon(waiting: Waiting, failure: Failure): void {
    const { timers, fail } = this.#options;
    const { command } = waiting;
    const symbol = symbolOf(command);
    const isShort = isProtective(command) && FOR_A_WHILE.has(objectionOf(failure.message));
    const times = isShort ? (this.#short.get(symbol) ?? 0) : 0;
    if (isShort) this.#short.set(symbol, times + 1);
    if (times === 0) {
      this.#reject(waiting, failure);
      return;
    }
    this.#pausing.add(command);
    timers.after(Math.min(SHORT_MS * 2 ** (times - 1), LONGEST_SHORT_MS), () => {
      this.#pausing.delete(command);
      if (this.#closed) return;
      try {
        this.#reject(waiting, failure);
        this.#pump();
      } catch (error) {
        fail(error);
      }
    });
  }

  async #refusedForTime(waiting: Waiting, failure: Failure): Promise<void> {
    const { port, notice, halt } = this.#options;
    notice('warning', 'TIME_REFUSED', `${describe(waiting.command)}: ${failure.message}`);
    if (++waiting.timeTries >= MOST_TIME_TRIES) {
      halt('CLOCK_OFF', `the exchange refuses what this machine's clock says: ${failure.message}`);
      this.#reject(waiting, failure);
      return;
    }
    await port.syncClock();
    if (!this.#closed) this.#queue.unshift(waiting);
  }

  /** It has not been done, and will not be. */
  #reject({ command }: Waiting, failure: Failure): void {
    const { notice } = this.#options;
    this.counts.refused++;
    // Of what should have protected a position the broker finds another way, or raises an alarm.
    notice('warning', 'REFUSED', `${describe(command)}: ${failure.message}`);
    if (isCancel(command)) this.doubts.open(command, this.#options.port.now(), this.#targets(command), false);
    else this.#refuse(command, reasonOf(failure), failure.message);
  }

  #limit(failure: Failure): void {
    const { port, timers } = this.#options;
    const asked = failure.retryAt === undefined ? LIMIT_PAUSE_MS : failure.retryAt - port.now();
    const until = timers.now() + Math.min(LONGEST_PAUSE_MS, Math.max(asked, 1));
    if (failure.code === TOO_MANY_ORDERS) this.#ordersAt = Math.max(this.#ordersAt, until);
    else this.#silentUntil = Math.max(this.#silentUntil, until);
  }

  #again(waiting: Waiting, mayTry: boolean, failure: Failure): void {
    if (mayTry) this.#queue.unshift(waiting);
    else {
      this.#options.halt('LIMITED', `${describe(waiting.command)}: ${failure.message}`);
      this.#reject(waiting, failure);
    }
  }

  #cancelAgain(command: Command): void {
    const id = idOf(command);
    const count = (this.#cancels.get(id) ?? 0) + 1;
    this.#cancels.set(id, count);
    if (count < MOST_CANCELS) {
      this.send([command]);
      return;
    }
    const message = `${describe(command)}: it was not done in ${MOST_CANCELS} attempts`;
    this.#options.notice('alarm', 'CANCEL_FAILED', message);
    this.#options.halt('CANCEL_FAILED', message);
  }
}

function reasonOf({ class: kind, code, message }: Failure): string {
  if (kind === 'rejected' && code === -2010 && /insufficient balance/i.test(message))
    return 'INSUFFICIENT_CASH';
  return kind === 'limits' ? 'RATE_LIMITED' : 'EXCHANGE_REJECTED';
}
