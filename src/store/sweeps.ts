import type Database from 'better-sqlite3';
import { InputError } from '../model/errors.ts';
import { type DataStoreOptions, openDataStore } from './data-store.ts';
import { storeFailure } from './database.ts';
import { type Lock, takeLock } from './lock.ts';

export type SweepStatus = 'running' | 'stopped' | 'done';

/** A sweep as the store knows it. */
export interface StoredSweep {
  readonly id: number;
  /** What it computes, as a hash: another sweep with the same one would come to the same table. */
  readonly identity: string;
  readonly status: SweepStatus;
  /** Epoch ms UTC. */
  readonly startedAt: number;
  readonly changedAt: number;
  /** How many combinations it has, and how many of them are in the store. */
  readonly total: number;
  readonly done: number;
  /** JSON. */
  readonly settings: string;
}

/** One combination and what came of it: figures by name, or an error. */
export interface StoredRun {
  /** Its row in the sweep's table, counted from 1. */
  readonly number: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly figures?: Readonly<Record<string, number>> | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

/**
 * Sweeps in a data store. What {@link add} has been given is there after the process dies at any moment, and nothing is there
 * twice. Throws `STORE_*`.
 */
export class SweepStore {
  readonly file: string;
  readonly #database: Database.Database;
  readonly #insert: Database.Statement;

  constructor(file: string, options: DataStoreOptions = {}) {
    this.file = file;
    this.#database = openDataStore(file, options);
    this.#insert = this.#database.prepare(
      'INSERT OR IGNORE INTO sweep_runs (sweep, number, params, figures, error_code, error) VALUES (?, ?, ?, ?, ?, ?)',
    );
  }

  /** Takes the sweep for this process; throws `SWEEP_RUNNING` while another one has it. */
  lock(id: number): Lock {
    const lock = takeLock(`${this.file}.sweep-${id}.lock`);
    if (lock !== undefined) return lock;
    throw new InputError('SWEEP_RUNNING', `the sweep ${id} is being computed by another process`, {
      value: id,
      fix: 'wait for it, or stop it with Ctrl-C and resume it here',
    });
  }

  begin(sweep: { identity: string; total: number; settings: string; now: number }): number {
    const { identity, total, settings, now } = sweep;
    return this.#write(() => {
      const { lastInsertRowid } = this.#database
        .prepare(
          'INSERT INTO sweeps (identity, status, started_at, changed_at, total, settings) VALUES (?, ?, ?, ?, ?, ?)',
        )
        .run(identity, 'running', now, now, total, settings);
      return Number(lastInsertRowid);
    });
  }

  /** All of them or none. */
  add(id: number, runs: readonly StoredRun[], now: number): void {
    this.#write(() => {
      for (const { number, params, figures, error } of runs) {
        const values = figures === undefined ? null : write(figures);
        this.#insert.run(id, number, write(params), values, error?.code ?? null, error?.message ?? null);
      }
      this.#database.prepare('UPDATE sweeps SET changed_at = ? WHERE id = ?').run(now, id);
    });
  }

  setStatus(id: number, status: SweepStatus, now: number): void {
    this.#write(() =>
      this.#database
        .prepare('UPDATE sweeps SET status = ?, changed_at = ? WHERE id = ?')
        .run(status, now, id),
    );
  }

  /** The newest one that computes this. */
  find(identity: string): StoredSweep | undefined {
    return this.#sweeps('WHERE identity = ? ORDER BY id DESC LIMIT 1', identity)[0];
  }

  /** Throws `SWEEP_NOT_FOUND`. */
  get(id: number): StoredSweep {
    const [found] = this.#sweeps('WHERE id = ?', id);
    if (found !== undefined) return found;
    const [last] = this.#sweeps('ORDER BY id DESC LIMIT 1');
    throw new InputError('SWEEP_NOT_FOUND', `there is no sweep ${id} in ${this.file}`, {
      value: id,
      fix: last === undefined ? 'none has been made yet: qt optimize makes one' : `the newest is ${last.id}`,
    });
  }

  /** Newest first. */
  list(): StoredSweep[] {
    return this.#sweeps('ORDER BY id DESC');
  }

  /** In the order of the table. */
  *runs(id: number): Generator<StoredRun> {
    const rows = this.#database
      .prepare('SELECT * FROM sweep_runs WHERE sweep = ? ORDER BY number')
      .iterate(id);
    for (const row of rows as Iterable<RunRow>) yield runOf(row);
  }

  run(id: number, number: number): StoredRun | undefined {
    const row = this.#database
      .prepare('SELECT * FROM sweep_runs WHERE sweep = ? AND number = ?')
      .get(id, number) as RunRow | undefined;
    return row && runOf(row);
  }

  close(): void {
    this.#database.close();
  }

  #sweeps(where: string, ...values: readonly unknown[]): StoredSweep[] {
    const done = '(SELECT count(*) FROM sweep_runs WHERE sweep = sweeps.id) AS done';
    const rows = this.#database
      .prepare(`SELECT *, ${done} FROM sweeps ${where}`)
      .all(...values) as SweepRow[];
    return rows.map(({ started_at, changed_at, ...rest }) => ({
      ...rest,
      startedAt: started_at,
      changedAt: changed_at,
    }));
  }

  #write<R>(change: () => R): R {
    try {
      return this.#database.transaction(change).immediate();
    } catch (error) {
      throw storeFailure(error, this.file, '--data-store');
    }
  }
}

interface SweepRow {
  readonly id: number;
  readonly identity: string;
  readonly status: SweepStatus;
  readonly started_at: number;
  readonly changed_at: number;
  readonly total: number;
  readonly done: number;
  readonly settings: string;
}

interface RunRow {
  readonly number: number;
  readonly params: string;
  readonly figures: string | null;
  readonly error_code: string | null;
  readonly error: string | null;
}

function runOf({ number, params, figures, error_code, error }: RunRow): StoredRun {
  return {
    number,
    params: JSON.parse(params),
    ...(figures === null ? {} : { figures: read(figures) }),
    ...(error_code === null ? {} : { error: { code: error_code, message: error ?? '' } }),
  };
}

/** Doubles keep all their bits in JSON, but for those that JSON does not know. */
function write(values: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(values, (_, value) => {
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    return Number.isNaN(value) ? null : String(value);
  });
}

function read(text: string): Record<string, number> {
  const values = JSON.parse(text) as Record<string, number | string | null>;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === null ? Number.NaN : Number(value)]),
  );
}
