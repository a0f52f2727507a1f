import type Database from 'better-sqlite3';
import { InputError } from '../model/errors.ts';
import { type DataStoreOptions, openDataStore } from './data-store.ts';
import { storeFailure } from './database.ts';

/** A backtest that was kept. */
export interface KeptRun {
  readonly id: number;
  /** By this machine's clock, epoch ms UTC. */
  readonly time: number;
  readonly strategy: string;
  /** SHA-256 of the strategy's bundled code. */
  readonly codeHash: string;
  /** JSON: settings, figures and a thinned equity curve. */
  readonly document: string;
}

/** The history of backtests, in the data store. Its methods throw `STORE_*` when the file fails them. */
export class RunStore {
  readonly file: string;
  readonly #database: Database.Database;

  constructor(file: string, options: DataStoreOptions = {}) {
    this.file = file;
    this.#database = openDataStore(file, options);
  }

  close(): void {
    this.#database.close();
  }

  /** Keeps a run; returns its number. */
  add({ time, strategy, codeHash, document }: Omit<KeptRun, 'id'>): number {
    return this.#guard(() => {
      const { lastInsertRowid } = this.#database
        .prepare('INSERT INTO runs (time, strategy, code_hash, document) VALUES (?, ?, ?, ?)')
        .run(time, strategy, codeHash, document);
      return Number(lastInsertRowid);
    });
  }

  /** All runs, oldest first, read as they are asked for. */
  *runs(): Generator<KeptRun> {
    const ids = this.#guard(() => this.#database.prepare('SELECT id FROM runs ORDER BY id').pluck().all());
    for (const id of ids) {
      const run = this.#find(id as number);
      if (run !== undefined) yield run;
    }
  }

  /** The run `id`, or the newest one for `last`; throws `RUN_UNKNOWN`. */
  run(id: number | 'last'): KeptRun {
    const newest = () => this.#guard(() => this.#database.prepare('SELECT max(id) FROM runs').pluck().get());
    const found = this.#find(id === 'last' ? Number(newest() ?? 0) : id);
    if (found !== undefined) return found;
    throw new InputError('RUN_UNKNOWN', `the store ${this.file} has no run ${id}`, {
      value: id,
      fix: 'qt runs lists them, qt backtest --save keeps one',
    });
  }

  /** Removes a run; false if there was none. */
  delete(id: number): boolean {
    return this.#guard(() => this.#database.prepare('DELETE FROM runs WHERE id = ?').run(id).changes > 0);
  }

  #find(id: number): KeptRun | undefined {
    return this.#guard(
      () =>
        this.#database
          .prepare('SELECT id, time, strategy, code_hash AS codeHash, document FROM runs WHERE id = ?')
          .get(id) as KeptRun | undefined,
    );
  }

  #guard<R>(act: () => R): R {
    try {
      return act();
    } catch (error) {
      throw storeFailure(error, this.file, '--data-store');
    }
  }
}
