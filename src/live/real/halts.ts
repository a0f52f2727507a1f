import type { ExchangeBroker } from '../../brokers/binance/commands.ts';
import { InputError } from '../../model/errors.ts';
import type { Timer, Timers } from '../../net/network.ts';
import { type HaltCancel, Halts } from '../../store/halts.ts';
import { Journal } from '../../store/journal.ts';
import type { LiveDriver } from '../driver.ts';
import type { Inbox } from './inbox.ts';
import type { Notify } from './notice.ts';
import type { RealSettings } from './settings.ts';

export interface HaltRequest {
  /** As `accountsOf` lists it; default: every account that the store has real sessions of. */
  readonly account?: string | undefined;
  /** Default `KILLED`. */
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  /** Default `entries`: what protects a position stays. */
  readonly cancel?: HaltCancel | undefined;
  /** Close the positions at the market, which cancels all orders first; default false. */
  readonly flatten?: boolean | undefined;
  /** Epoch ms UTC. */
  readonly now: number;
}

/** The accounts that the store has real sessions of, as halts name them. Throws `STORE_*`. */
export function accountsOf(store: string): string[] {
  const journal = new Journal(store, { mustExist: true });
  try {
    const sessions = journal.sessions<RealSettings>().filter(({ mode }) => mode === 'real');
    return [...new Set(sessions.map(({ settings }) => settings.account))];
  } finally {
    journal.close();
  }
}

/**
 * Halts accounts: sessions that run notice it within a second, those that begin find it, until {@link resume}. Returns the
 * accounts. Throws `ACCOUNT_UNKNOWN`, `STORE_*`.
 */
export function requestHalt(store: string, request: HaltRequest): string[] {
  const { code = 'KILLED', message = 'halted by hand', cancel = 'entries', flatten = false, now } = request;
  return atAccounts(store, request.account, (halts, account) => {
    halts.set(account, { time: now, code, message, cancel: flatten ? 'all' : cancel, flatten });
    return true;
  });
}

/** Lets accounts trade again; returns those that were halted. Throws `ACCOUNT_UNKNOWN`, `STORE_*`. */
export function resume(store: string, request: { readonly account?: string | undefined } = {}): string[] {
  return atAccounts(store, request.account, (halts, account) => halts.lift(account));
}

function atAccounts(
  store: string,
  account: string | undefined,
  act: (halts: Halts, account: string) => boolean,
): string[] {
  const known = accountsOf(store);
  const chosen = account === undefined ? known : known.filter(one => one === account);
  if (chosen.length === 0) {
    throw new InputError(
      'ACCOUNT_UNKNOWN',
      account === undefined ? 'the store holds no real session' : `there is no real session of ${account}`,
      { value: account, limit: known, fix: 'give the store of the session with --store' },
    );
  }
  const halts = new Halts(store, { mustExist: true });
  try {
    return chosen.filter(one => act(halts, one));
  } finally {
    halts.close();
  }
}

export interface HaltWatchOptions {
  readonly halts: Halts;
  readonly account: string;
  readonly session: number;
  /** True when the last that the journal has of halts is one, and not its end. */
  readonly told: boolean;
  readonly broker: ExchangeBroker;
  readonly driver: LiveDriver;
  readonly inbox: Inbox;
  /** The exchange's time, epoch ms UTC. */
  readonly now: () => number;
  readonly timers: Timers;
  readonly notice: Notify;
  readonly fail: (error: unknown) => void;
}

/** How often a session looks whether it was halted from elsewhere, ms. */
const WATCH_MS = 1000;

/** Keeps a session as halted as its account is, and the account as halted as its session wants it. */
export class HaltWatch {
  readonly #options: HaltWatchOptions;
  /** True when the broker was told of the account's halt, and the journal has it. */
  #told: boolean;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: HaltWatchOptions) {
    this.#options = options;
    this.#told = options.told;
  }

  begin(): void {
    this.look();
    this.#later();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  /** Halts the account for a reason that the session itself has found; what protects a position stays. */
  set(code: string, message: string): void {
    if (this.#closed) return;
    const { halts, account, timers } = this.#options;
    // What was found first is what a person should look at.
    if (halts.of(account) !== undefined) return;
    halts.set(account, { time: timers.now(), code, message, cancel: 'entries', flatten: false });
    this.#look();
  }

  /** Whoever has found a reason to halt is not to be bothered with a store that cannot be written. */
  #look(): void {
    try {
      this.look();
    } catch (error) {
      this.#options.fail(error);
    }
  }

  /** Does what the account's halt asks for, or lets the session trade again. */
  look(): void {
    const { halts, account, session, broker, driver, inbox, now, timers, notice } = this.#options;
    if (this.#closed || !inbox.idle) return;
    const own = broker.halted;
    let halt = halts.of(account);
    // The broker has halted by itself, as for its daily loss.
    if (own !== undefined && halt === undefined && !this.#told)
      halt = halts.set(account, { ...own, time: timers.now(), cancel: 'entries', flatten: false });
    if (halt === undefined) {
      this.#told = false;
      if (own === undefined) return;
      inbox.put({ kind: 'resume', time: now() });
      notice('info', 'RESUMED', 'the account may trade again');
      return;
    }
    if (!this.#told) {
      this.#told = true;
      const { code, message } = halt;
      inbox.put({ kind: 'halt', time: now(), code, message });
      notice('alarm', 'HALTED', `nothing but cancelling and protecting is done: ${message} (${code})`);
    }
    if (halts.answered(account, session) >= halt.request) return;
    if (halt.flatten) driver.clear('flatten');
    else if (halt.cancel === 'all') driver.clear('cancel');
    else if (halt.cancel === 'entries') driver.clear('entries');
    halts.answer(account, session, halt.request);
  }

  #later(): void {
    if (this.#closed) return;
    this.#timer = this.#options.timers.after(WATCH_MS, () => {
      this.#look();
      this.#later();
    });
  }
}
