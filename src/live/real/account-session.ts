import type { Command, ExchangeBroker } from '../../brokers/binance/commands.ts';
import type {
  AccountEvent,
  AccountSnapshot,
  AccountStream,
  ClockReading,
  TradingPort,
} from '../../brokers/binance/port.ts';
import { InputError, NetworkError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { Timers } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import type { Halts } from '../../store/halts.ts';
import type { JournalEntry } from '../../store/journal.ts';
import type { LiveDriver } from '../driver.ts';
import { clockProblem, insist } from './checks.ts';
import { describe, idOf, isCancel, isProtective, symbolOf } from './commands.ts';
import { type Shortage, shortagesOf } from './coverage.ts';
import { Executor } from './executor.ts';
import { ForeignOrders } from './foreign.ts';
import { HaltWatch } from './halts.ts';
import { Inbox } from './inbox.ts';
import type { Notify } from './notice.ts';
import type { CommandLog } from './outstanding.ts';
import { Questions } from './questions.ts';
import { Reconciler } from './reconciler.ts';
import { SpareBase, saleOf } from './spare-base.ts';

export interface AccountSessionOptions {
  readonly port: TradingPort;
  readonly timers: Timers;
  readonly instruments: readonly Instrument[];
  readonly broker: ExchangeBroker;
  readonly driver: LiveDriver;
  readonly halts: Halts;
  /** As halts name it. */
  readonly account: string;
  readonly session: number;
  /** What the journal says was wanted, sent and heard before this process. */
  readonly log: CommandLog;
  /** How the clocks were at the start. */
  readonly clock: ClockReading;
  readonly simulatedTime: boolean;
  /** Keeps entries; when it returns, they are kept. */
  readonly append: (entries: readonly JournalEntry[]) => void;
  readonly notice: Notify;
}

/** What a session has done beside trading, counted. */
export interface RealCounts {
  readonly commands: Executor['counts'];
  /** `open`: those of which nobody knows yet. */
  readonly doubts: Executor['doubts']['counts'] & { readonly open: number };
  readonly reconciliation: Reconciler['counts'];
  readonly questions: { readonly asked: number; readonly failed: number };
  readonly duplicateReports: number;
  readonly unpricedFees: number;
  readonly foreignOrders: number;
  /** Times that the account's stream was connected, and whether it is now. */
  readonly connections: number;
  readonly connected: boolean;
}

/** How long the account's stream may take to connect at the start, ms. */
const CONNECT_MS = 60_000;
/** Comparisons that may fail at the start, and the pauses between them, at first and at most, ms. */
const FIRST_ROUNDS = 12;
const ROUND_PAUSE_MS = 500;
const LONGEST_ROUND_PAUSE_MS = 4000;
/** Comparisons of balances at the start before a difference counts. */
const BALANCE_TRIES = 4;
const BALANCE_PAUSE_MS = 2000;
/** A request goes out at most so long after it was kept that it is about to be sent, ms. */
const SENT_WITHIN_MS = 120_000;

/** A session's side of its account at the exchange: what is sent, what is heard, and whether both agree. */
export class AccountSession {
  readonly #options: AccountSessionOptions;
  readonly #inbox: Inbox;
  readonly #questions: Questions;
  readonly #executor: Executor;
  readonly #foreign: ForeignOrders;
  readonly #spare: SpareBase;
  readonly #reconciler: Reconciler;
  readonly #watch: HaltWatch;
  readonly #controller = new AbortController();
  #stream: AccountStream | undefined;
  #connections = 0;
  #isConnected = false;
  #onConnected: () => void = () => {};
  #clock: ClockReading;
  /** Assets that were short at the last comparison. */
  #short = new Set<string>();
  #begun = false;
  readonly #failed: Promise<never>;
  #reject: (error: unknown) => void = () => {};

  constructor(options: AccountSessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    const { port, timers, driver, notice, broker, instruments } = options;
    this.#failed = new Promise((_, reject) => {
      this.#reject = reject;
    });
    // Nobody may be waiting for it.
    this.#failed.catch(() => {});
    const fail = (error: unknown) => driver.fail(error);
    this.#inbox = new Inbox({
      ...{ port, timers, instruments, notice, fail },
      deliver: input => {
        driver.takeAccount(input);
        // Who could not keep it must not send anything more.
        driver.check();
      },
    });
    this.#questions = new Questions(port, this.#inbox);
    this.#foreign = new ForeignOrders(notice);
    const waits = (id: string) => this.#executor.waits(id);
    this.#spare = new SpareBase({ port, instruments, broker, waits });
    const halt = (code: string, message: string) => this.#watch.set(code, message);
    this.#executor = new Executor({
      ...{ port, timers, inbox: this.#inbox, questions: this.#questions, notice, halt, fail },
      spare: this.#spare,
      mark: (command, time) => {
        const spare = saleOf(command) === undefined ? undefined : this.#spare.of(symbolOf(command));
        options.append([{ kind: 'sent', time, id: idOf(command), spare: spare?.toNumber() ?? Number.NaN }]);
      },
      isHalted: () => broker.halted !== undefined,
    });
    this.#reconciler = new Reconciler({
      ...{ port, timers, broker, notice, fail },
      symbols: instruments.map(one => one.symbol),
      inbox: this.#inbox,
      executor: this.#executor,
      questions: this.#questions,
      foreign: this.#foreign,
      checkBalances: account => this.#checkBalances(account),
      checkClock: () => this.#checkClock(),
    });
    this.#watch = new HaltWatch({
      ...{ halts: options.halts, account: options.account, session: options.session, driver, broker },
      ...{ timers, inbox: this.#inbox, notice, fail, told: options.log.halted, now: () => port.now() },
    });
  }

  readonly counts = (): RealCounts => ({
    commands: { ...this.#executor.counts },
    doubts: { ...this.#executor.doubts.counts, open: this.#executor.doubts.count },
    reconciliation: { ...this.#reconciler.counts },
    questions: { asked: this.#questions.asked, failed: this.#questions.failed },
    duplicateReports: this.#inbox.duplicates,
    unpricedFees: this.#inbox.unpricedFees,
    foreignOrders: this.#foreign.count,
    connections: this.#connections,
    connected: this.#isConnected,
  });

  send(commands: readonly Command[]): void {
    if (commands.length > 0) this.#reconciler.sending();
    this.#executor.send(commands);
  }

  settled(): Promise<void> {
    return this.#executor.settled();
  }

  /** Compares once more before the end. */
  async concluded(): Promise<void> {
    await this.#executor.settled();
    if (!this.#begun) return;
    await this.#reconciler.round();
    await this.#executor.settled();
  }

  /**
   * Finds out the exchange's truth, has missing protection placed, and compares the balances. From then on the account is
   * listened to. Throws `BALANCE_SHORT`, `EXCHANGE_UNREACHABLE`, `KEY_REFUSED`.
   */
  begin(): Promise<void> {
    return Promise.race([this.#begin(), this.#failed]);
  }

  async #begin(): Promise<void> {
    const { log } = this.#options;
    for (const command of log.commands) this.#executor.recall(command);
    for (const input of log.inputs) {
      this.#inbox.recall(input);
      this.#executor.recallInput(input);
    }
    await this.#connect();
    this.#watch.begin();
    this.#takeUp(log);
    await this.#agree();
    await this.#look();
    this.#executor.begin();
    await this.#executor.settled();
    await this.#compareBalances();
    this.#begun = true;
    this.#reconciler.begin();
  }

  /** What has ended the run, or keeps it from beginning. */
  fail(error: unknown): void {
    this.#reject(error);
  }

  close(): void {
    this.#controller.abort();
    this.#stream?.close();
    this.#watch.close();
    this.#reconciler.close();
    this.#executor.close();
    this.#inbox.close();
  }

  /** Listens before anything is asked: what happens after the questions is then told. */
  async #connect(): Promise<void> {
    const { port, timers, notice, driver } = this.#options;
    const { signal } = this.#controller;
    const connected = new Promise<boolean>(resolve => {
      this.#onConnected = () => resolve(true);
    });
    this.#stream = port.listen({
      onEvent: event => this.#hear(event),
      onConnected: () => {
        this.#connections++;
        this.#isConnected = true;
        this.#onConnected();
        this.#reconciler.connected();
        notice('info', 'ACCOUNT_CONNECTED', 'the account is listened to');
      },
      onDisconnected: reason => {
        this.#isConnected = false;
        this.#reconciler.disconnected();
        notice('warning', 'ACCOUNT_DISCONNECTED', reason);
      },
      onRefused: ({ message }) => {
        this.#isConnected = false;
        this.#watch.set('KEY_REFUSED', `the account's stream refuses the key: ${message}`);
        notice('alarm', 'KEY_REFUSED', message);
      },
      onTick: (_, end, done) => driver.takeAccountTick(end, done),
    });
    const patience = new AbortController();
    signal.addEventListener('abort', () => patience.abort(), { once: true });
    const isIn = await Promise.race([
      connected,
      sleep(timers, CONNECT_MS, patience.signal).then(() => false),
    ]);
    patience.abort();
    if (isIn) return;
    throw new NetworkError('EXCHANGE_UNREACHABLE', "the account's stream could not be connected", {
      limit: `${CONNECT_MS} ms`,
      fix: 'check key and network, then run the same command again: the session goes on',
    });
  }

  #hear(event: AccountEvent): void {
    if (event.kind !== 'order' || this.#controller.signal.aborted) return;
    const { order, trade } = event;
    try {
      if (this.#executor.isOwn(order.clientOrderId)) {
        this.#inbox.order(order, trade === undefined ? [] : [trade]);
      } else if (this.#options.instruments.some(({ symbol }) => symbol === order.symbol)) {
        this.#foreign.see(order);
      }
    } catch (error) {
      this.#options.driver.fail(error);
    }
  }

  /** What was wanted before, and of which nobody knows what has become. */
  #takeUp(log: CommandLog): void {
    const { port } = this.#options;
    const now = port.now();
    for (const [symbol, spare] of log.spares()) this.#spare.recall(symbol, spare);
    for (const { command, sentAt } of log.outstanding()) {
      if (isCancel(command)) this.#executor.send([command]);
      else if (!Number.isNaN(sentAt)) {
        // Whoever was to send it is gone: it was sent by now, if it was.
        this.#executor.resolve(command, Math.min(now, sentAt + SENT_WITHIN_MS));
      } else if (isProtective(command)) this.#executor.send([command]);
      else
        this.#executor.drop(
          command,
          'NOT_SENT',
          `${describe(command)} was not sent before the session ended, and is too old now`,
        );
    }
  }

  /** Asks until the exchange has told everything. */
  async #agree(): Promise<void> {
    const { timers } = this.#options;
    const { signal } = this.#controller;
    for (let tries = 1; !(await this.#reconciler.round()); tries++) {
      if (tries >= FIRST_ROUNDS) {
        throw new NetworkError(
          'EXCHANGE_UNREACHABLE',
          'the exchange does not tell what has become of the orders',
          {
            value: tries,
            limit: FIRST_ROUNDS,
            fix: 'check the network, then run the same command again: the session goes on',
          },
        );
      }
      await sleep(timers, Math.min(ROUND_PAUSE_MS * tries, LONGEST_ROUND_PAUSE_MS), signal);
    }
  }

  /** Looks what the account holds before anything is sold, while all that was sent is known. */
  async #look(): Promise<void> {
    const { port } = this.#options;
    if (this.#executor.doubts.count > 0) return;
    const account = await port.account();
    if (account.ok && this.#executor.doubts.count === 0) this.#spare.see(account.value);
  }

  /** Refuses to begin while the account holds less than the session has, and nothing on its way explains it. */
  async #compareBalances(): Promise<void> {
    const { broker, notice, port, timers } = this.#options;
    const { signal } = this.#controller;
    for (let tries = 1; ; tries++) {
      const account = await insist('the account', () => port.account(), { timers, port, signal });
      const shortages = shortagesOf(broker.account, account, this.#foreign);
      const grave = shortages.find(({ dust }) => !dust);
      if (grave === undefined) {
        for (const one of shortages)
          notice('warning', 'BALANCE_DUST', `${tell(one)}; fees and rounding explain it`);
        this.#spare.see(account);
        return;
      }
      if (tries >= BALANCE_TRIES) {
        const { asset, needed, available } = grave;
        throw new InputError('BALANCE_SHORT', tell(grave), {
          value: available,
          limit: needed,
          fix: `bring ${asset} back to the account, cancel what holds it, or begin a new session with --new and less cash`,
        });
      }
      // An order may have been executed between the questions.
      await sleep(timers, BALANCE_PAUSE_MS, signal);
      await this.#agree();
      await this.#executor.settled();
    }
  }

  /** While the session runs, what is on its way explains a difference; one that stays does not. */
  #checkBalances(account: AccountSnapshot): void {
    if (!this.#begun) return;
    const { broker } = this.#options;
    const { idle } = this.#executor;
    if (idle) this.#spare.see(account);
    const short = idle ? shortagesOf(broker.account, account, this.#foreign).filter(one => !one.dust) : [];
    for (const shortage of short) {
      if (this.#short.has(shortage.asset)) this.#watch.set('BALANCE_SHORT', tell(shortage));
    }
    this.#short = new Set(short.map(one => one.asset));
  }

  async #checkClock(): Promise<void> {
    const { port, simulatedTime, notice } = this.#options;
    const answer = await port.syncClock();
    if (!answer.ok) return;
    const problem = clockProblem(answer.value, simulatedTime ? answer.value : this.#clock);
    if (problem === undefined) return;
    if (problem.fatal) this.#watch.set('CLOCK_OFF', problem.message);
    else notice('warning', 'CLOCK_OFF', problem.message);
  }
}

function tell({ asset, needed, available }: Shortage): string {
  return `the session has ${needed} ${asset}, the account ${available}`;
}
