import type { ExchangeBroker, KnownOrder } from '../../brokers/binance/commands.ts';
import type { AccountSnapshot, Answer, TradingPort } from '../../brokers/binance/port.ts';
import type { Timer, Timers } from '../../net/network.ts';
import type { Executor } from './executor.ts';
import type { ForeignOrders } from './foreign.ts';
import type { Inbox } from './inbox.ts';
import type { Notify } from './notice.ts';
import type { Questions } from './questions.ts';

export interface ReconcilerOptions {
  readonly port: TradingPort;
  readonly timers: Timers;
  readonly symbols: readonly string[];
  readonly broker: Pick<ExchangeBroker, 'known'>;
  readonly inbox: Inbox;
  readonly executor: Executor;
  readonly questions: Questions;
  readonly foreign: ForeignOrders;
  readonly notice: Notify;
  /** Compares what the account holds with what the session thinks. */
  readonly checkBalances: (account: AccountSnapshot) => void;
  /** Compares the clocks. */
  readonly checkClock: () => Promise<void>;
  readonly fail: (error: unknown) => void;
}

/** Between comparisons while an order lives or the account's stream is cut, and otherwise, ms. */
const BUSY_MS = 10_000;
const QUIET_MS = 60_000;
/** After a comparison that was not answered in full, ms. */
const AGAIN_MS = 2000;
/** Between comparisons of executions and balances, ms. */
const AUDIT_MS = 60_000;
const CLOCK_MS = 600_000;
/** After a connection, for what was just on its way, ms. */
const SOON_MS = 200;

/**
 * Compares what the session knows with what the exchange says, now and then and after each connection. What differs becomes
 * an input like any other. A question that is not answered says nothing: nobody concludes from it that there are no orders.
 */
export class Reconciler {
  readonly counts = { rounds: 0, failed: 0, differences: 0, audits: 0 };
  readonly #options: ReconcilerOptions;
  #timer: Timer | undefined;
  #due = Number.POSITIVE_INFINITY;
  #running: Promise<boolean> | undefined;
  #auditedAt = Number.NEGATIVE_INFINITY;
  #clockAt: number;
  #connected = false;
  #begun = false;
  #closed = false;
  /** Rounds in a row that were not answered. */
  #failures = 0;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#clockAt = options.timers.now();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  /** The account's stream tells everything from now on; what came before has to be asked for. */
  connected(): void {
    this.#connected = true;
    this.#auditedAt = Number.NEGATIVE_INFINITY;
    this.#schedule(SOON_MS);
  }

  disconnected(): void {
    this.#connected = false;
    this.#schedule(BUSY_MS);
  }

  /** Something is sent: from now on an order may live. */
  sending(): void {
    if (this.#begun) this.#schedule(BUSY_MS);
  }

  /** One comparison now; true when every question was answered. */
  round(): Promise<boolean> {
    this.#running ??= this.#round().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Compares again and again from now on. */
  begin(): void {
    this.#begun = true;
    this.#schedule(BUSY_MS);
  }

  #schedule(ms: number): void {
    if (this.#closed) return;
    const { timers, fail } = this.#options;
    const at = timers.now() + ms;
    if (at >= this.#due) return;
    this.#timer?.cancel();
    this.#due = at;
    this.#timer = timers.after(ms, () => {
      this.#due = Number.POSITIVE_INFINITY;
      this.#periodic().catch(fail);
    });
  }

  async #periodic(): Promise<void> {
    const { timers, checkClock } = this.#options;
    const isComplete = await this.round();
    if (this.#closed) return;
    if (timers.now() - this.#clockAt >= CLOCK_MS) {
      this.#clockAt = timers.now();
      await checkClock();
    }
    const alive = [...this.#options.broker.known()].some(({ state }) => state !== 'ended');
    const isBusy = alive || !this.#connected;
    this.#schedule(isBusy ? (isComplete ? BUSY_MS : AGAIN_MS) : QUIET_MS);
  }

  async #round(): Promise<boolean> {
    const { symbols, notice, timers } = this.#options;
    this.counts.rounds++;
    let complete = true;
    for (const symbol of symbols) {
      if (this.#closed) return false;
      complete = (await this.#orders(symbol)) && complete;
    }
    if (timers.now() - this.#auditedAt >= AUDIT_MS && !this.#closed) {
      const audited = await this.#audit();
      if (audited) this.#auditedAt = timers.now();
      complete &&= audited;
    }
    if (complete) this.#failures = 0;
    else if (!this.#closed) {
      this.counts.failed++;
      if (++this.#failures % 3 === 0)
        notice('warning', 'RECONCILE_FAILED', `the exchange has not answered ${this.#failures} comparisons`);
    }
    return complete;
  }

  /** Own orders of a symbol: those that are open there, and those that should be. */
  async #orders(symbol: string): Promise<boolean> {
    const { port, executor, questions, foreign } = this.#options;
    const answer = await port.openOrders(symbol);
    if (!answer.ok || this.#closed) return false;
    const open = new Set<string>();
    let complete = true;
    for (const order of answer.value) {
      if (!executor.isOwn(order.clientOrderId)) {
        foreign.see(order);
        continue;
      }
      open.add(order.clientOrderId);
      complete = (await questions.take(order)) && complete;
    }
    foreign.seen(symbol, answer.value);
    for (const known of this.#doubtful(symbol, open)) {
      this.counts.differences++;
      const found: Answer<unknown> = await questions.order(symbol, known.clientOrderId);
      complete &&= found.ok;
      if (!found.ok && found.failure.class === 'notFound') this.#vanished(known);
    }
    return complete;
  }

  /** Orders that should be open and are not, and those of which executions are missing. */
  #doubtful(symbol: string, open: ReadonlySet<string>): KnownOrder[] {
    const { broker, executor } = this.#options;
    return [...broker.known()].filter(known => {
      if (known.symbol !== symbol || known.state === 'ended') return false;
      if (known.missesTrades) return true;
      return !open.has(known.clientOrderId) && !executor.isPending(known.clientOrderId);
    });
  }

  #vanished({ clientOrderId, symbol, state }: KnownOrder): void {
    const message = `order ${clientOrderId} on ${symbol} is ${state === 'alive' ? 'open' : 'sent'}, but the exchange does not find it; it is asked again`;
    this.#options.notice('warning', 'ORDER_NOT_FOUND', message);
  }

  /** Executions since the last known one, and balances. */
  async #audit(): Promise<boolean> {
    const { port, symbols, checkBalances } = this.#options;
    this.counts.audits++;
    let complete = true;
    for (const symbol of symbols) {
      complete = (await this.#trades(symbol)) && complete;
      await this.#askGivenUp(symbol);
    }
    if (this.#closed) return false;
    const account = await port.account();
    if (!account.ok || this.#closed) return false;
    checkBalances(account.value);
    return complete;
  }

  async #trades(symbol: string): Promise<boolean> {
    const { port, inbox, broker, questions } = this.#options;
    const last = inbox.lastTrade(symbol);
    if (last === undefined) return true;
    const answer = await port.trades(symbol, { fromId: last + 1 });
    if (!answer.ok || this.#closed) return false;
    const orders = new Map([...broker.known()].map(known => [known.orderId, known]));
    const missed = new Set<string>();
    for (const { tradeId, orderId } of answer.value) {
      const known = orders.get(orderId);
      if (known !== undefined && known.symbol === symbol && !inbox.hasTrade({ symbol, orderId, tradeId }))
        missed.add(known.clientOrderId);
    }
    let complete = true;
    for (const id of missed) {
      this.counts.differences++;
      complete = (await questions.order(symbol, id)).ok && complete;
    }
    return complete;
  }

  /** Orders that were given up: it was certain that they do not exist, so that an answer is not insisted on. */
  async #askGivenUp(symbol: string): Promise<void> {
    const { executor, questions } = this.#options;
    for (const id of executor.givenUp(symbol)) await questions.order(symbol, id);
  }
}
