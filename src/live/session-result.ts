import type { BacktestResult } from '../backtest/result.ts';
import type { LogEntry } from '../engine/run-log.ts';
import { InputError, type QtError, StrategyError } from '../model/errors.ts';
import type { Journal, SessionLife, SessionRecord } from '../store/journal.ts';
import { Circumstances, type IncidentCounts } from './comparison/circumstances.ts';
import { iso } from './comparison/incident.ts';
import type { ExamineOptions } from './examine.ts';
import { silentFeed } from './inputs.ts';
import { type Divergence, replay } from './replay.ts';
import { rerun } from './rerun.ts';
import { changesOf, type SessionSettings } from './settings.ts';

/**
 * What a session has come to, as of a run: it is lived through again, and its bars and indicators are kept for a chart. Works
 * for one that is running and for one that was killed as well. `isRunning`: what its lock tells. Throws `SESSION_CHANGED`,
 * `SESSION_DIVERGED` when the strategy does not decide today what it decided then, and `SESSION_EMPTY` before the first step.
 */
export function sessionResult(
  journal: Journal,
  session: SessionRecord<SessionSettings>,
  options: ExamineOptions,
  isRunning: boolean,
): BacktestResult {
  const { id, settings, status } = session;
  const feeds = settings.datas.map(silentFeed);
  const made = rerun(settings, feeds, { ...options, record: true });
  const { run } = made;
  const lives = journal.lives(id);
  const starts = lives.slice(1).map(life => life.from);
  const circumstances = new Circumstances(run, feeds, starts);
  const marks = new Marks(lives, isRunning);
  const before = performance.now();
  const lived = replay(journal.entries(id), run, feeds, (entry, seq) => {
    circumstances.observe(entry, seq);
    if (entry.kind === 'step') marks.step(entry.time, seq);
    else if (entry.kind === 'release') marks.say(entry.time, `made without ${names(settings, entry.behind)}`);
    else if (entry.kind === 'late') marks.say(entry.time, `a late bar of ${names(settings, [entry.feed])}`);
    else if (entry.kind === 'notice' && entry.notice !== 'live') {
      const what = entry.notice === 'gap' ? 'a gap in' : 'no connection for';
      marks.say(run.engine.session.time, `${what} ${names(settings, [entry.feed])}`);
    } else if (entry.kind === 'exit') {
      marks.say(entry.time, `ended with ${entry.policy}`);
    }
  });
  const [first] = lived.divergences;
  if (first !== undefined) {
    const changes = changesOf(settings, made.settings);
    throw diverged(id, first, [...(session.codeHash === options.codeHash ? [] : ['code']), ...changes]);
  }
  if (lived.steps === 0) {
    throw new InputError('SESSION_EMPTY', `session ${id} has not made a step yet`, {
      value: id,
      fix: 'wait until its first bar has closed',
    });
  }
  const stats = status === 'ended' ? run.engine.finish() : run.engine.stats;
  const result = run.result(stats, performance.now() - before);
  return {
    ...result,
    log: merged(result.log, marks.entries),
    notes: [
      ...sessionNotes(session, lives, isRunning),
      ...incidentNotes(circumstances.counts, result.metrics.orders.refused.LATE_BAR ?? 0),
      ...result.notes,
    ],
  };
}

function names({ datas }: SessionSettings, feeds: readonly number[]): string {
  return feeds.map(feed => `${datas[feed].instrument.symbol} ${datas[feed].interval}`).join(', ');
}

/** Marks kept for the log; a connection that comes and goes all day must not fill it. */
const MARKS = 1000;

/** What happened to the session itself, at the market's time, for the log. */
class Marks {
  readonly entries: LogEntry[] = [];
  readonly #lives: readonly SessionLife[];
  readonly #isRunning: boolean;
  #life = 0;
  #time = Number.NaN;

  constructor(lives: readonly SessionLife[], isRunning: boolean) {
    this.#lives = lives;
    this.#isRunning = isRunning;
  }

  step(time: number, seq: number): void {
    while (this.#life + 1 < this.#lives.length && this.#lives[this.#life + 1].from <= seq) {
      const next = this.#lives[this.#life + 1];
      this.say(
        Number.isNaN(this.#time) ? time : this.#time,
        lifeText(this.#lives, this.#life, this.#isRunning),
      );
      this.say(time, `went on (by the clock at ${iso(next.begunAt)})`);
      this.#life++;
    }
    this.#time = time;
  }

  say(time: number, what: string): void {
    if (this.entries.length < MARKS) this.entries.push({ time, message: `[session] ${what}` });
  }
}

/** How a life of the session ended: `stopped (by the clock at …)`. */
function lifeText(lives: readonly SessionLife[], number: number, isRunning: boolean): string {
  const { end, endedAt } = lives[number];
  if (end !== undefined) return `${end} (by the clock at ${iso(endedAt)})`;
  return isRunning && number === lives.length - 1
    ? 'running'
    : 'interrupted: its process ended without a word';
}

function sessionNotes(
  { id, mode, settings, startedAt }: SessionRecord<SessionSettings>,
  lives: readonly SessionLife[],
  isRunning: boolean,
): string[] {
  const last = lifeText(lives, lives.length - 1, isRunning);
  const times = lives.length - 1;
  const again = times === 0 ? '' : `, begun again ${times === 1 ? 'once' : `${times} times`}`;
  const what =
    mode === 'paper'
      ? 'A paper session: live bars, simulated fills, no real money'
      : 'A session with real orders';
  return [`${what}. Session ${id} on ${settings.exchange}, begun ${iso(startedAt)}${again}; ${last}`];
}

function incidentNotes(counts: IncidentCounts, refused: number): string[] {
  const parts = [
    [counts.lateBars, 'late bar', 'late bars'],
    [refused, 'order refused on a late bar', 'orders refused on late bars'],
    [
      counts.releases,
      'step made without a series that was behind',
      'steps made without a series that was behind',
    ],
    [counts.gaps, 'gap', 'gaps'],
    [counts.disconnects, 'cut connection', 'cut connections'],
  ] as const;
  const told = parts.filter(([count]) => count > 0);
  if (told.length === 0) return [];
  return [
    `In the session: ${told.map(([count, one, more]) => `${count} ${count === 1 ? one : more}`).join(', ')}`,
  ];
}

/** Both in the order of time; what the strategy said before its first bar stays first. */
function merged(log: readonly LogEntry[], marks: readonly LogEntry[]): LogEntry[] {
  const when = ({ time }: LogEntry) => (Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time);
  return [...log, ...marks].sort((a, b) => when(a) - when(b) || 0);
}

function diverged(id: number, first: Divergence, changes: readonly string[]): QtError {
  const when = Number.isNaN(first.time) ? 'at its start' : `at ${iso(first.time)}`;
  if (changes.length === 0) {
    return new StrategyError(
      'SESSION_DIVERGED',
      `session ${id} cannot be shown: ${when} the same inputs led to other decisions than then`,
      {
        value: first,
        fix: 'take clocks, random numbers and files out of the strategy; qt replay shows the differences',
      },
    );
  }
  return new InputError(
    'SESSION_CHANGED',
    `session ${id} cannot be shown: ${when} the strategy of today decides otherwise (changed: ${changes.join(', ')})`,
    { value: first, fix: 'go back to the code of then; qt replay shows the differences' },
  );
}
