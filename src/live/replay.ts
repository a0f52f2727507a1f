import type { Run } from '../backtest/run.ts';
import { type AccountInput, isExchangeBroker } from '../brokers/binance/commands.ts';
import type { DataFeed } from '../feeds/feed.ts';
import type { JournalEntry } from '../store/journal.ts';
import { Decisions } from './decisions.ts';
import { barsEvent } from './inputs.ts';

/** Where the run, living through the journal again, did something else than the journal says. */
export interface Divergence {
  /** Time of the step, epoch ms UTC. */
  readonly time: number;
  /** What the journal says; undefined where it says nothing more. */
  readonly recorded: JournalEntry | undefined;
  /** What the run did; undefined where it did nothing. */
  readonly replayed: JournalEntry | undefined;
}

/** What living through a journal led to. */
export interface Replayed {
  readonly entries: number;
  readonly steps: number;
  /** Stamp of the last bar of each feed; undefined for none. */
  readonly after: readonly (number | undefined)[];
  /** The first few divergences; none when the run did exactly what it did before. */
  readonly divergences: readonly Divergence[];
  /** How many there were. */
  readonly divergent: number;
  /** The first that is more than another line in the log. */
  readonly decisive: Divergence | undefined;
  /** For going on: knows everything up to here. */
  readonly decisions: Decisions;
}

/** Divergences beyond this are not kept: all that follows from the first one differs. */
const KEPT = 100;

/**
 * Takes a new run through the inputs of a journal, and compares what it does with what was done then. `onEntry` sees each
 * entry, numbered from 0, when the run has lived through it.
 */
export function replay(
  entries: Iterable<JournalEntry>,
  run: Run,
  feeds: readonly Pick<DataFeed, 'columns'>[],
  onEntry?: (entry: JournalEntry, seq: number) => void,
): Replayed {
  const replayer = new Replayer(run, feeds);
  let seq = 0;
  for (const entry of entries) {
    replayer.apply(entry);
    onEntry?.(entry, seq++);
  }
  return replayer.end();
}

class Replayer {
  readonly #run: Run;
  readonly #feeds: readonly Pick<DataFeed, 'columns'>[];
  readonly #decisions: Decisions;
  readonly #after: (number | undefined)[];
  /** Of feeds whose bars grow: the stamp of the bar that may grow on. */
  readonly #growing: (number | undefined)[] = [];
  readonly #divergences: Divergence[] = [];
  /** What the run did since the last input, still to be found in the journal. */
  readonly #done: JournalEntry[] = [];
  #warmup: Extract<JournalEntry, { kind: 'warmup' | 'bar' | 'late' }>[] = [];
  /** Feeds that the next step is made without. */
  #behind: readonly number[] = [];
  #time = Number.NaN;
  #entries = 0;
  #steps = 0;
  #divergent = 0;
  #decisive: Divergence | undefined;

  constructor(run: Run, feeds: readonly Pick<DataFeed, 'columns'>[]) {
    this.#run = run;
    this.#feeds = feeds;
    this.#decisions = new Decisions(run);
    this.#after = feeds.map(() => undefined);
  }

  apply(entry: JournalEntry): void {
    const { engine, broker } = this.#run;
    this.#entries++;
    switch (entry.kind) {
      case 'order':
      case 'fill':
      case 'ended':
      case 'log':
      case 'command':
        this.#compare(entry);
        return;
      case 'sent':
        return;
      case 'account':
        this.#settle();
        if (isExchangeBroker(broker)) broker.take(JSON.parse(entry.input) as AccountInput);
        this.#decisions.collect(this.#done);
        return;
      case 'step': {
        this.#settle();
        this.#steps++;
        this.#time = entry.time;
        this.#pass(entry.time);
        const next = engine.nextStep;
        if (next === undefined) {
          this.#diverge(entry, undefined);
          return;
        }
        engine.step();
        const { cash, value } = broker.account;
        const done: JournalEntry = { kind: 'step', time: next.time, cash, value, late: engine.session.late };
        if (!same(entry, done)) this.#diverge(entry, done);
        this.#decisions.collect(this.#done);
        return;
      }
      case 'warmup':
        this.#settle(entry.feed);
        this.#warmup.push(entry);
        this.#have(entry);
        return;
      case 'bar':
      case 'late':
        this.#settle();
        this.#have(entry);
        engine.take(entry.feed, barsEvent([entry], this.#feeds[entry.feed].columns));
        return;
      case 'forming': {
        this.#settle();
        const { feed, time, stamp, open, high, low, close, volume } = entry;
        engine.offerForming(feed, { time: stamp, open, high, low, close, volume }, time);
        return;
      }
      case 'match':
        this.#settle();
        this.#time = entry.time;
        engine.match();
        this.#decisions.collect(this.#done);
        return;
      case 'notice':
        this.#settle();
        engine.take(
          entry.feed,
          entry.notice === 'gap'
            ? { kind: 'gap', from: Number.NaN, to: Number.NaN, cause: '' }
            : { kind: 'status', status: entry.notice },
        );
        return;
      case 'exit':
        this.#settle();
        if (entry.policy === 'cancel') engine.cancelAll();
        else if (entry.policy === 'entries') engine.cancelEntries();
        else engine.flatten();
        this.#decisions.collect(this.#done);
        return;
      case 'release':
        this.#settle();
        this.#behind = entry.behind;
    }
  }

  /** A step tells what no entry does: that time had passed for all feeds but those that it was made without. */
  #pass(time: number): void {
    for (let feed = 0; feed < this.#feeds.length; feed++) {
      if (!this.#behind.includes(feed)) this.#run.engine.take(feed, { kind: 'clock', upTo: time });
    }
    this.#behind = [];
  }

  /** A bar that may still grow is asked for once more, from its beginning. */
  #have({ feed, time, growth }: Extract<JournalEntry, { kind: 'warmup' | 'bar' | 'late' }>): void {
    if (growth === undefined) this.#after[feed] = time;
    else if (!growth.revises) {
      this.#after[feed] = this.#growing[feed];
      this.#growing[feed] = time;
    }
  }

  end(): Replayed {
    this.#settle();
    // What the exchange has been told is told once.
    this.#decisions.takeCommands();
    return {
      entries: this.#entries,
      steps: this.#steps,
      after: this.#after,
      divergences: this.#divergences,
      divergent: this.#divergent,
      decisive: this.#decisive,
      decisions: this.#decisions,
    };
  }

  /** Before the next input: hands over warm-up bars (of feeds but `feed`), and misses what the journal did not tell. */
  #settle(feed?: number): void {
    if (this.#warmup.length > 0 && this.#warmup[0].feed !== feed) {
      const bars = this.#warmup;
      this.#warmup = [];
      this.#run.engine.take(bars[0].feed, barsEvent(bars, this.#feeds[bars[0].feed].columns));
    }
    while (this.#done.length > 0) this.#diverge(undefined, this.#done.shift());
  }

  #compare(entry: JournalEntry): void {
    const done = this.#done.shift();
    if (done === undefined || !same(entry, done)) this.#diverge(entry, done);
  }

  #diverge(recorded: JournalEntry | undefined, replayed: JournalEntry | undefined): void {
    this.#divergent++;
    const divergence = { time: this.#time, recorded, replayed };
    if (this.#divergences.length < KEPT) this.#divergences.push(divergence);
    if ((recorded ?? replayed)?.kind !== 'log') this.#decisive ??= divergence;
  }
}

/** To the last bit, but for the sign of a zero, which SQLite does not keep. */
function same(a: JournalEntry, b: JournalEntry): boolean {
  const [one, other] = [a, b] as unknown as Record<string, unknown>[];
  for (const key in one) {
    if (one[key] !== other[key] && !(Number.isNaN(one[key]) && Number.isNaN(other[key]))) return false;
  }
  return true;
}
