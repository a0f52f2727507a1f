import { type Run, SimulatedRun } from '../backtest/run.ts';
import { isDust } from '../model/instrument.ts';
import type { Journal, JournalEntry, SessionRecord } from '../store/journal.ts';
import type { AccountCounts } from './comparison/account-record.ts';
import { Causes, OneCause } from './comparison/causes.ts';
import { Circumstances, type IncidentCounts } from './comparison/circumstances.ts';
import {
  type Comparison,
  close,
  compare,
  type Difference,
  type Explanation,
  short,
} from './comparison/compare.ts';
import { ordersOf, recordedOrders } from './comparison/orders.ts';
import { SlippageSum } from './comparison/slippage.ts';
import { Told } from './comparison/told.ts';
import { silentFeed } from './inputs.ts';
import { RecordedBars } from './recorded-bars.ts';
import { type Divergence, type Replayed, replay } from './replay.ts';
import { type RerunOptions, rerun } from './rerun.ts';
import { changesOf, type SessionSettings } from './settings.ts';

export interface ExamineOptions extends Omit<RerunOptions, 'record'> {
  /** SHA-256 of the strategy's code. */
  readonly codeHash: string;
}

/** What looking back at a session has found. */
export interface Examination {
  readonly session: SessionRecord<SessionSettings>;
  readonly codeChanged: boolean;
  /** Settings that are not those of the session: `fast 10 → 12`. */
  readonly changes: readonly string[];
  /** The session (left) and the same inputs lived through again (right). */
  readonly replay: Comparison & {
    /** True when every step, order, fill, end and log line came out as it was, to the last bit. */
    readonly identical: boolean;
    readonly entries: number;
    readonly steps: number;
    /** Entries of the journal that came out otherwise. */
    readonly divergent: number;
  };
  /** The run over the recorded inputs (left) and a backtest over the same bars (right). */
  readonly backtest: Comparison & {
    readonly identical: boolean;
    readonly bars: number;
    readonly orders: number;
    readonly fills: number;
    /** The account at the last step, in quote. */
    readonly value: { readonly live: number; readonly backtest: number };
    /** Paid, in quote. */
    readonly fees: { readonly live: number; readonly backtest: number };
  };
  /** What came otherwise than in a history. */
  readonly counts: IncidentCounts;
  /** What came of real orders beside fills; undefined for a session on paper. */
  readonly account: AccountCounts | undefined;
}

/**
 * Lives through a session again, and asks whether the same was decided; then runs a plain backtest over the bars that the
 * session saw, and asks whether that does the same. Each difference has a cause. Throws what the strategy throws.
 */
export async function examine(
  journal: Journal,
  session: SessionRecord<SessionSettings>,
  options: ExamineOptions,
): Promise<Examination> {
  const { id, settings } = session;
  const feeds = settings.datas.map(silentFeed);
  const told = { left: new Told(), right: new Told() };
  const made = rerun(settings, feeds, watchedBy(told.left, options));
  const { run } = made;
  const changes = changesOf(settings, made.settings);
  const codeChanged = session.codeHash !== options.codeHash;
  const restarts = journal
    .lives(id)
    .slice(1)
    .map(life => life.from);
  const circumstances = new Circumstances(run, feeds, restarts);
  const bars = new RecordedBars(settings.datas);
  const lived = replay(journal.entries(id), run, feeds, (entry, seq) => {
    bars.add(entry);
    circumstances.observe(entry, seq);
  });
  const again = () => replay(journal.entries(id), rerun(settings, feeds, options).run, feeds);
  const replayed: Comparison =
    lived.divergent === 0
      ? { differences: [], withinBar: 0, slippage: new SlippageSum() }
      : differencesFrom(journal.entries(id), run, lived, attribution({ changes, codeChanged, lived, again }));
  run.engine.finish();
  const history = new SimulatedRun(bars.feeds(), watchedBy(told.right, made.history));
  const stats = await history.engine.run();
  const causes = new Causes(
    circumstances,
    bars,
    run.broker.instruments.map(one => one.symbol),
    told,
  );
  const left = ordersOf(run, order => circumstances.late(order)?.time);
  const compared = compare(left, ordersOf(history), causes);
  const differences =
    compared.differences.length === 0 ? accountDifference(run, history, causes) : compared.differences;
  const { account } = run.broker;
  return {
    session,
    codeChanged,
    changes,
    replay: {
      ...replayed,
      identical: lived.divergent === 0,
      entries: lived.entries,
      steps: lived.steps,
      divergent: lived.divergent,
    },
    backtest: {
      ...compared,
      differences,
      identical: differences.length === 0,
      bars: stats.bars,
      orders: run.broker.orders.length,
      fills: account.fills.length,
      value: { live: account.value, backtest: history.broker.account.value },
      fees: { live: account.fees, backtest: history.broker.account.fees },
    },
    counts: circumstances.counts,
    account: circumstances.account?.counts,
  };
}

function watchedBy<T extends RerunOptions>(told: Told, options: T): T {
  return { ...options, analyzers: { ...options.analyzers, told } };
}

interface Doubt {
  readonly changes: readonly string[];
  readonly codeChanged: boolean;
  readonly lived: Replayed;
  /** Lives through it once more. */
  readonly again: () => Replayed;
}

/** Why the same inputs led to other decisions than they had. */
function attribution({ changes, codeChanged, lived, again }: Doubt): Explanation {
  const settings = changes.join(', ');
  if (codeChanged && changes.length > 0) return { cause: 'strategy and settings changed', detail: settings };
  if (codeChanged) return { cause: 'strategy changed', detail: '' };
  if (changes.length > 0) return { cause: 'settings changed', detail: settings };
  const second = again();
  const same = second.divergent === lived.divergent && text(second.divergences) === text(lived.divergences);
  return same
    ? {
        cause: 'unexplained',
        detail:
          'code and settings are the same, and so is each replay: does the strategy read the clock or a file?',
      }
    : {
        cause: 'not deterministic',
        detail: 'two replays differ from each other: the strategy depends on chance or on the clock',
      };
}

function text(divergences: readonly Divergence[]): string {
  return JSON.stringify(divergences);
}

function differencesFrom(
  entries: Iterable<JournalEntry>,
  run: Run,
  lived: Replayed,
  explanation: Explanation,
): Comparison {
  const compared = compare(recordedOrders(entries), ordersOf(run), new OneCause(explanation));
  if (compared.differences.length > 0) return compared;
  // Orders and fills are the same: what differs is what was logged, or what the account was worth.
  return { ...compared, differences: lived.divergences.map(one => inOther(one, run, explanation)) };
}

function inOther({ time, recorded, replayed }: Divergence, run: Run, explanation: Explanation): Difference {
  const kind = (recorded ?? replayed)!.kind;
  return {
    time,
    symbol: run.broker.instruments[0].symbol,
    what: kind === 'log' ? 'log' : 'step',
    left: entryText(recorded),
    right: entryText(replayed),
    leftOrder: undefined,
    rightOrder: undefined,
    ...explanation,
  };
}

function entryText(entry: JournalEntry | undefined): string {
  if (entry === undefined) return 'none';
  if (entry.kind === 'log') return `"${entry.message}"`;
  return entry.kind === 'step' ? `value ${short(entry.value)}` : entry.kind;
}

/** Equal orders and fills leave equal accounts; if they do not, that must not go unseen. */
function accountDifference(run: Run, history: Run, { sizeTolerance, isReal }: Causes): Difference[] {
  const [left, right] = [run.broker.account, history.broker.account];
  const isSame = (i: number) =>
    close(left.sizes[i], right.sizes[i], sizeTolerance) ||
    // What an exchange rounds adds up to less than anything that could be sold.
    (isReal && isDust(left.instruments[i], left.sizes[i] - right.sizes[i]));
  const same =
    close(left.cash, right.cash, sizeTolerance) && run.broker.instruments.every((_, i) => isSame(i));
  if (same) return [];
  return [
    {
      time: run.engine.session.time,
      symbol: run.broker.instruments[0].symbol,
      what: 'account',
      left: `cash ${short(left.cash)}`,
      right: `cash ${short(right.cash)}`,
      leftOrder: undefined,
      rightOrder: undefined,
      ...(isReal
        ? { cause: 'fees', detail: 'orders and fills are the same; fees of the exchange add up to this' }
        : {
            cause: 'unexplained',
            detail: 'orders and fills are the same, the account is not: please report it',
          }),
    },
  ];
}
