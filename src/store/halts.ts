import type Database from 'better-sqlite3';
import { openDatabase, storeFailure } from './database.ts';
import { MIGRATIONS } from './schema.ts';

/** What a halt takes out of force: nothing, orders that open positions, or all orders. */
export type HaltCancel = 'none' | 'entries' | 'all';

/** Why an account opens no positions until somebody lets it, and what was to be done then. */
export interface Halt {
  /** Grows with every request for this account. */
  readonly request: number;
  /** By the clock of the machine that asked for it, epoch ms UTC. */
  readonly time: number;
  readonly code: string;
  /** One line. */
  readonly message: string;
  readonly cancel: HaltCancel;
  /** Close the positions at the market as well. */
  readonly flatten: boolean;
}

/**
 * Halts of accounts, in the file that keeps their sessions: they outlive every process, and any process may set one.
 * Its methods throw `STORE_*` when the file fails them.
 */
export class Halts {
  readonly #file: string;
  readonly #database: Database.Database;
  readonly #read: Database.Statement;

  constructor(file: string, options: { readonly mustExist?: boolean } = {}) {
    this.#file = file;
    this.#database = openDatabase(file, MIGRATIONS, { ...options, durable: true });
    this.#read = this.#database.prepare('SELECT * FROM halts WHERE account = ?');
  }

  close(): void {
    this.#database.close();
  }

  /** The halt of an account; undefined while it may trade. */
  of(account: string): Halt | undefined {
    const row = this.#guard(() => this.#read.get(account)) as Record<string, unknown> | undefined;
    return row === undefined ? undefined : haltOf(row);
  }

  /** All accounts that are halted. */
  all(): { readonly account: string; readonly halt: Halt }[] {
    const rows = this.#guard(() => this.#database.prepare('SELECT * FROM halts ORDER BY account').all());
    return (rows as Record<string, unknown>[]).map(row => ({
      account: row.account as string,
      halt: haltOf(row),
    }));
  }

  /** Halts an account. Of an account that is halted already, what is to be done becomes more, never less. */
  set(account: string, halt: Omit<Halt, 'request'>): Halt {
    const { time, code, message, cancel, flatten } = halt;
    this.#guard(() =>
      this.#database
        .prepare(
          `INSERT INTO halts (account, request, time, code, message, cancel, flatten)
          VALUES (?, (SELECT coalesce(max(request), 0) + 1 FROM halt_answers WHERE account = ?), ?, ?, ?, ?, ?)
          ON CONFLICT (account) DO UPDATE SET
            request = request + 1, time = excluded.time, code = excluded.code, message = excluded.message,
            cancel = CASE WHEN 'all' IN (cancel, excluded.cancel) THEN 'all'
              WHEN 'entries' IN (cancel, excluded.cancel) THEN 'entries' ELSE 'none' END,
            flatten = max(flatten, excluded.flatten)`,
        )
        .run(account, account, time, code, message, cancel, flatten ? 1 : 0),
    );
    return this.of(account)!;
  }

  /** Lets an account trade again; false if it was not halted. */
  lift(account: string): boolean {
    return this.#guard(
      () => this.#database.prepare('DELETE FROM halts WHERE account = ?').run(account).changes > 0,
    );
  }

  /** The last request that a session has dealt with; 0 for none. */
  answered(account: string, session: number): number {
    const request = this.#guard(() =>
      this.#database
        .prepare('SELECT request FROM halt_answers WHERE account = ? AND session = ?')
        .pluck()
        .get(account, session),
    );
    return Number(request ?? 0);
  }

  answer(account: string, session: number, request: number): void {
    this.#guard(() =>
      this.#database
        .prepare(
          `INSERT INTO halt_answers (account, session, request) VALUES (?, ?, ?)
          ON CONFLICT (account, session) DO UPDATE SET request = max(request, excluded.request)`,
        )
        .run(account, session, request),
    );
  }

  #guard<R>(act: () => R): R {
    try {
      return act();
    } catch (error) {
      throw storeFailure(error, this.#file);
    }
  }
}

function haltOf(row: Record<string, unknown>): Halt {
  return {
    request: row.request as number,
    time: row.time as number,
    code: row.code as string,
    message: row.message as string,
    cancel: row.cancel as HaltCancel,
    flatten: row.flatten === 1,
  };
}
