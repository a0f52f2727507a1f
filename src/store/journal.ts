import type Database from 'better-sqlite3';
import { InputError } from '../model/errors.ts';
import { openDatabase, storeFailure } from './database.ts';
import { MIGRATIONS } from './schema.ts';

/**
 * What happened in a session, in order. Inputs (`warmup`, `bar`, `late`, `forming`, `match`, `notice`, `release`,
 * `exit`, `account`) and steps are enough to live through it again; orders, fills, ends, logs and commands are what came of
 * them.
 * `time` is the market's, epoch ms UTC.
 */
export type JournalEntry =
  | {
      readonly kind: 'warmup' | 'bar' | 'late';
      readonly feed: number;
      /** The bar's stamp. */
      readonly time: number;
      readonly open: number;
      readonly high: number;
      readonly low: number;
      readonly close: number;
      readonly volume: number;
      /** Values of the feed's further columns, in their order. */
      readonly extra: readonly number[];
      /** Of a bar that grows: this look at it. */
      readonly growth?: JournalGrowth | undefined;
    }
  | {
      /** An update of the open bar that was shown to the broker; `time` is when the source sent it. */
      readonly kind: 'forming';
      readonly feed: number;
      readonly time: number;
      readonly stamp: number;
      readonly open: number;
      readonly high: number;
      readonly low: number;
      readonly close: number;
      readonly volume: number;
    }
  /** The broker matched what it had been shown. */
  | { readonly kind: 'match'; readonly time: number }
  | { readonly kind: 'notice'; readonly feed: number; readonly notice: 'live' | 'disconnected' | 'gap' }
  /** A step was made without these feeds, which had been waited for. */
  | { readonly kind: 'release'; readonly time: number; readonly behind: readonly number[] }
  /** Orders were taken out of force: those that open positions (`entries`), or all; `flatten` also closed the positions. */
  | { readonly kind: 'exit'; readonly time: number; readonly policy: 'entries' | 'cancel' | 'flatten' }
  /** What the exchange said of orders and account: an AccountInput as JSON. */
  | { readonly kind: 'account'; readonly time: number; readonly input: string }
  | {
      readonly kind: 'step';
      readonly time: number;
      readonly cash: number;
      readonly value: number;
      readonly late: boolean;
    }
  /** An order as it was placed. */
  | { readonly kind: 'order'; readonly time: number; readonly id: number; readonly order: string }
  | {
      readonly kind: 'fill';
      readonly time: number;
      readonly orderId: number;
      readonly instrument: number;
      /** Base units, negative for a sell. */
      readonly size: number;
      readonly price: number;
      readonly fee: number;
    }
  | { readonly kind: 'ended'; readonly id: number; readonly status: string; readonly reason: string }
  | { readonly kind: 'log'; readonly time: number; readonly message: string }
  /** What is to be done at the exchange: a Command as JSON. */
  | { readonly kind: 'command'; readonly command: string }
  /** A command is about to be sent: one without this never left. `id`: of its order, or of its list. */
  | {
      readonly kind: 'sent';
      readonly time: number;
      readonly id: string;
      /** Of a sale: base units that the account held beside the session's; NaN where that was not known. */
      readonly spare: number;
    };

/** One look at a bar that grows; see `Growth`. */
export interface JournalGrowth {
  readonly revises: boolean;
  /** Epoch ms UTC. */
  readonly known: number;
  /** The part: when it began, open, high, low, close, volume, and the further columns. */
  readonly part: readonly number[];
}

/** `running` also stands for a session whose process died; whether it lives, its lock tells. */
export type SessionStatus = 'running' | 'stopped' | 'ended' | 'failed';

/** One process that ran a session, of which a session has as many as it was started. */
export interface SessionLife {
  /** Number of the first entry that it wrote. */
  readonly from: number;
  /** By this machine's clock, epoch ms UTC. */
  readonly begunAt: number;
  /** NaN while it runs, and for one that was killed. */
  readonly endedAt: number;
  /** How it ended; undefined while it runs, and for one that was killed. */
  readonly end: Exclude<SessionStatus, 'running'> | undefined;
}

export interface SessionRecord<Settings = unknown> {
  readonly id: number;
  readonly mode: 'paper' | 'real';
  readonly status: SessionStatus;
  /** By this machine's clock, epoch ms UTC. */
  readonly startedAt: number;
  readonly changedAt: number;
  /** SHA-256 of the strategy's bundled code, as it was last run. */
  readonly codeHash: string;
  /** What tells a session that goes on from a new one. */
  readonly identity: string;
  readonly settings: Settings;
  readonly steps: number;
  readonly fills: number;
  /** Account value at the last step, in quote; NaN before the first. */
  readonly value: number;
}

type Row = [
  kind: string,
  feed: number | null,
  time: number | null,
  a: number | null,
  b: number | null,
  c: number | null,
  d: number | null,
  e: number | null,
  f: number | null,
  text: string | null,
];

/** Sessions and what happened in them, in one SQLite file. Its methods throw `STORE_*` when the file fails them. */
export class Journal {
  readonly #file: string;
  readonly #database: Database.Database;
  readonly #insert: Database.Statement;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;

  constructor(file: string, options: { readonly durable?: boolean; readonly mustExist?: boolean } = {}) {
    this.#file = file;
    this.#database = openDatabase(file, MIGRATIONS, options);
    this.#insert = this.#database.prepare(
      'INSERT INTO entries (session, seq, kind, feed, time, a, b, c, d, e, f, text) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)',
    );
    this.#begin = this.#database.prepare('BEGIN IMMEDIATE');
    this.#commit = this.#database.prepare('COMMIT');
  }

  close(): void {
    this.#database.close();
  }

  create(session: {
    readonly mode: 'paper' | 'real';
    readonly codeHash: string;
    readonly identity: string;
    readonly settings: unknown;
    readonly now: number;
  }): number {
    const { mode, codeHash, identity, settings, now } = session;
    return this.#guard(() => {
      const { lastInsertRowid } = this.#database
        .prepare(
          'INSERT INTO sessions (mode, status, started_at, changed_at, code_hash, identity, settings) VALUES (?,?,?,?,?,?,?)',
        )
        .run(mode, 'running', now, now, codeHash, identity, JSON.stringify(settings));
      const id = Number(lastInsertRowid);
      this.#beginLife(id, now);
      return id;
    });
  }

  /** `running` begins another life of the session, everything else ends the present one. */
  setStatus(id: number, status: SessionStatus, now: number): void {
    this.#guard(() => {
      this.#database
        .prepare('UPDATE sessions SET status = ?, changed_at = ? WHERE id = ?')
        .run(status, now, id);
      if (status === 'running') this.#beginLife(id, now);
      else {
        this.#database
          .prepare(
            `UPDATE lives SET ended_at = ?, how = ?
            WHERE session = ? AND number = (SELECT max(number) FROM lives WHERE session = ?)`,
          )
          .run(now, status, id, id);
      }
    });
  }

  #beginLife(id: number, now: number): void {
    this.#database
      .prepare(
        `INSERT INTO lives (session, number, from_seq, begun_at)
        VALUES (?, (SELECT coalesce(max(number) + 1, 0) FROM lives WHERE session = ?), ?, ?)`,
      )
      .run(id, id, this.nextSeq(id), now);
  }

  /** The processes that ran the session, in their order. */
  lives(id: number): SessionLife[] {
    const rows = this.#database
      .prepare('SELECT from_seq, begun_at, ended_at, how FROM lives WHERE session = ? ORDER BY number')
      .all(id) as { from_seq: number; begun_at: number; ended_at: number | null; how: string | null }[];
    return rows.map(row => ({
      from: row.from_seq,
      begunAt: row.begun_at,
      endedAt: row.ended_at ?? Number.NaN,
      end: (row.how ?? undefined) as SessionLife['end'],
    }));
  }

  setCodeHash(id: number, codeHash: string): void {
    this.#guard(() =>
      this.#database.prepare('UPDATE sessions SET code_hash = ? WHERE id = ?').run(codeHash, id),
    );
  }

  /** All sessions, oldest first. */
  sessions<Settings>(): SessionRecord<Settings>[] {
    return this.#ids().map(id => this.#guard(() => this.#read<Settings>(id)));
  }

  /** The session `id`, or the newest one for `last`; throws `SESSION_UNKNOWN`. */
  session<Settings>(id: number | 'last'): SessionRecord<Settings> {
    const all = this.#ids();
    const found = id === 'last' ? all.at(-1) : id;
    if (found !== undefined && all.includes(found)) return this.#guard(() => this.#read<Settings>(found));
    const problem =
      all.length === 0 ? 'the store holds no session' : `there is no session ${id} in this store`;
    throw new InputError('SESSION_UNKNOWN', problem, {
      value: id,
      limit: all,
      fix: all.length === 0 ? 'qt live --paper makes one' : 'qt sessions lists them',
    });
  }

  #ids(): number[] {
    return this.#guard(
      () => this.#database.prepare('SELECT id FROM sessions ORDER BY id').pluck().all() as number[],
    );
  }

  #read<Settings>(id: number): SessionRecord<Settings> {
    const row = this.#database
      .prepare(
        `SELECT s.*,
          (SELECT count(*) FROM entries WHERE session = s.id AND kind = 'step') AS steps,
          (SELECT count(*) FROM entries WHERE session = s.id AND kind = 'fill') AS fills,
          (SELECT b FROM entries WHERE session = s.id AND kind = 'step' ORDER BY seq DESC LIMIT 1) AS value
        FROM sessions s WHERE id = ?`,
      )
      .get(id) as Record<string, unknown>;
    return {
      id: row.id as number,
      mode: row.mode as 'paper' | 'real',
      status: row.status as SessionStatus,
      startedAt: row.started_at as number,
      changedAt: row.changed_at as number,
      codeHash: row.code_hash as string,
      identity: row.identity as string,
      settings: JSON.parse(row.settings as string),
      steps: row.steps as number,
      fills: row.fills as number,
      value: (row.value as number | null) ?? Number.NaN,
    };
  }

  /** The number that the session's next entry has. */
  nextSeq(id: number): number {
    const last = this.#database.prepare('SELECT max(seq) FROM entries WHERE session = ?').pluck().get(id);
    return last === null ? 0 : Number(last) + 1;
  }

  /** Appends entries, all of them or none. */
  append(id: number, seq: number, entries: readonly JournalEntry[]): void {
    try {
      this.#begin.run();
      for (let i = 0; i < entries.length; i++) this.#insert.run(id, seq + i, ...rowOf(entries[i]));
      this.#commit.run();
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      throw storeFailure(error, this.#file);
    }
  }

  /** What happened in the session, in order; read as it is asked for. */
  *entries(id: number): Generator<JournalEntry> {
    const rows = this.#guard(
      () =>
        this.#database
          .prepare(
            'SELECT kind, feed, time, a, b, c, d, e, f, text FROM entries WHERE session = ? ORDER BY seq',
          )
          .raw()
          .iterate(id) as IterableIterator<Row>,
    );
    try {
      for (;;) {
        const next = this.#guard(() => rows.next());
        if (next.done === true) return;
        yield entryOf(next.value);
      }
    } finally {
      rows.return?.();
    }
  }

  #guard<R>(act: () => R): R {
    try {
      return act();
    } catch (error) {
      throw storeFailure(error, this.#file);
    }
  }
}

function rowOf(entry: JournalEntry): Row {
  switch (entry.kind) {
    case 'warmup':
    case 'bar':
    case 'late': {
      const { kind, feed, time, open, high, low, close, volume, extra, growth } = entry;
      const text =
        growth !== undefined
          ? JSON.stringify({ extra, growth })
          : extra.length === 0
            ? null
            : JSON.stringify(extra);
      return [kind, feed, time, open, high, low, close, volume, null, text];
    }
    case 'forming': {
      const { kind, feed, time, stamp, open, high, low, close, volume } = entry;
      return [kind, feed, time, open, high, low, close, volume, stamp, null];
    }
    case 'match':
      return [entry.kind, null, entry.time, null, null, null, null, null, null, null];
    case 'notice':
      return [entry.kind, entry.feed, null, null, null, null, null, null, null, entry.notice];
    case 'release':
      return [entry.kind, null, entry.time, null, null, null, null, null, null, JSON.stringify(entry.behind)];
    case 'exit':
      return [entry.kind, null, entry.time, null, null, null, null, null, null, entry.policy];
    case 'step': {
      const { kind, time, cash, value, late } = entry;
      return [kind, null, time, cash, value, late ? 1 : 0, null, null, null, null];
    }
    case 'order':
      return [entry.kind, null, entry.time, entry.id, null, null, null, null, null, entry.order];
    case 'fill': {
      const { kind, time, orderId, instrument, size, price, fee } = entry;
      return [kind, null, time, orderId, instrument, size, price, fee, null, null];
    }
    case 'ended':
      return [
        entry.kind,
        null,
        null,
        entry.id,
        null,
        null,
        null,
        null,
        null,
        `${entry.status} ${entry.reason}`,
      ];
    case 'log':
      return [entry.kind, null, finite(entry.time), null, null, null, null, null, null, entry.message];
    case 'account':
      return [entry.kind, null, entry.time, null, null, null, null, null, null, entry.input];
    case 'command':
      return [entry.kind, null, null, null, null, null, null, null, null, entry.command];
    case 'sent':
      return [entry.kind, null, entry.time, finite(entry.spare), null, null, null, null, null, entry.id];
  }
}

/** A look at a bar that grows, as JSON has it: without NaN. */
interface GrowthText {
  readonly extra: readonly (number | null)[];
  readonly growth: Omit<JournalGrowth, 'part'> & { readonly part: readonly (number | null)[] };
}

function entryOf([kind, feed, time, a, b, c, d, e, f, text]: Row): JournalEntry {
  // SQLite has no NaN and stores it as NULL.
  const number = (value: number | null) => value ?? Number.NaN;
  const bar = () => ({
    open: number(a),
    high: number(b),
    low: number(c),
    close: number(d),
    volume: number(e),
  });
  switch (kind as JournalEntry['kind']) {
    case 'warmup':
    case 'bar':
    case 'late': {
      const told = text === null ? [] : (JSON.parse(text) as (number | null)[] | GrowthText);
      const extra = ('growth' in told ? told.extra : told).map(number);
      const growth = 'growth' in told ? told.growth : undefined;
      return {
        ...{ kind: kind as 'bar', feed: feed!, time: time!, ...bar(), extra },
        ...(growth === undefined ? {} : { growth: { ...growth, part: growth.part.map(number) } }),
      };
    }
    case 'forming':
      return { kind: 'forming', feed: feed!, time: time!, stamp: f!, ...bar() };
    case 'match':
      return { kind: 'match', time: time! };
    case 'notice':
      return { kind: 'notice', feed: feed!, notice: text as 'gap' };
    case 'release':
      return { kind: 'release', time: time!, behind: JSON.parse(text!) };
    case 'exit':
      return { kind: 'exit', time: time!, policy: text as 'cancel' };
    case 'step':
      return { kind: 'step', time: time!, cash: number(a), value: number(b), late: c === 1 };
    case 'order':
      return { kind: 'order', time: time!, id: a!, order: text! };
    case 'fill':
      return {
        kind: 'fill',
        time: time!,
        orderId: a!,
        instrument: b!,
        size: number(c),
        price: number(d),
        fee: number(e),
      };
    case 'ended': {
      const [status, reason = ''] = text!.split(' ');
      return { kind: 'ended', id: a!, status, reason };
    }
    case 'log':
      return { kind: 'log', time: number(time), message: text! };
    case 'account':
      return { kind: 'account', time: time!, input: text! };
    case 'command':
      return { kind: 'command', command: text! };
    case 'sent':
      return { kind: 'sent', time: time!, id: text!, spare: number(a) };
  }
}

function finite(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
