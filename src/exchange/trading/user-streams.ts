import type { Account } from './account.ts';
import { accountPosition, balanceUpdate, executionReport, listStatus } from './events.ts';
import type { Execution } from './execution.ts';
import type { ReportKind, Reports } from './matching-engine.ts';
import type { Order, OrderList } from './order.ts';

/** Who listens to an account. */
export interface Listener {
  /** `name` is the event's, by which chance decides what becomes of it. */
  tell(event: object, name: string): void;
}

/** Tells the events of accounts to those who listen. */
export class UserStreams implements Reports {
  readonly #listeners = new Map<Account, Set<Listener>>();
  readonly #clock: () => number;
  readonly #onReport: ((report: object) => void) | undefined;
  #reports = 0;
  #events = 0;

  /** `clock`: the exchange's, epoch ms UTC. `onReport` hears each report, whether anybody listens or not. */
  constructor(clock: () => number, onReport?: (report: object) => void) {
    this.#clock = clock;
    this.#onReport = onReport;
  }

  listen(account: Account, listener: Listener): void {
    const listeners = this.#listeners.get(account);
    if (listeners === undefined) this.#listeners.set(account, new Set([listener]));
    else listeners.add(listener);
  }

  leave(account: Account, listener: Listener): void {
    this.#listeners.get(account)?.delete(listener);
  }

  order(order: Order, kind: ReportKind, details: { execution?: Execution; cancelId?: string } = {}): number {
    const number = ++this.#reports;
    this.#onReport?.(executionReport(order, kind, details, this.#clock(), number));
    this.#tell(order.account, () => executionReport(order, kind, details, this.#clock(), number));
    return number;
  }

  list(list: OrderList): void {
    this.#tell(list.account, () => listStatus(list, this.#clock()));
  }

  balances(account: Account, assets: readonly string[]): void {
    this.#tell(account, () => accountPosition(account, assets, this.#clock()));
  }

  /** Something was paid in, or out. */
  transferred(account: Account, asset: string, delta: bigint): void {
    this.#tell(account, () => balanceUpdate(asset, delta, this.#clock()));
  }

  #tell(account: Account, make: () => object): void {
    const number = ++this.#events;
    const listeners = this.#listeners.get(account);
    if (listeners === undefined || listeners.size === 0) return;
    const event = make();
    for (const listener of [...listeners]) listener.tell(event, `event ${number}`);
  }
}
