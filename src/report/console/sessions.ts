import type { SessionSettings } from '../../live/settings.ts';
import type { Halt } from '../../store/halts.ts';
import type { SessionRecord } from '../../store/journal.ts';
import { money, number, paint, percent, type TerminalStyle, utcTime } from './format.ts';
import { type Column, naturalWidth, tableLines } from './table.ts';
import { printable } from './width.ts';

/** A session with what its lock tells: a `running` one whose process is gone was `interrupted`. */
export interface ListedSession extends Omit<SessionRecord<SessionSettings>, 'status'> {
  readonly status: 'running' | 'interrupted' | 'stopped' | 'ended' | 'failed';
  /** The account of a session with real orders, as halts name it; undefined on paper. */
  readonly account: string | undefined;
  /** Why that account opens no positions; undefined while it may, and on paper. */
  readonly halted: Pick<Halt, 'time' | 'code' | 'message'> | undefined;
}

interface SessionColumn extends Column {
  readonly text: (session: ListedSession) => string;
  /** Left out where there is no room: the highest goes first. */
  readonly spare?: number;
}

const COLUMNS: readonly SessionColumn[] = [
  { title: 'id', align: 'right', text: session => String(session.id) },
  { title: 'strategy', least: 8, text: session => session.settings.strategy },
  { title: 'mode', spare: 2, text: session => session.mode },
  { title: 'series', least: 10, text: session => seriesText(session.settings) },
  { title: 'exchange', least: 7, spare: 1, text: session => session.settings.exchange },
  { title: 'started (UTC)', spare: 3, text: session => minute(session.startedAt) },
  { title: 'last change', text: session => minute(session.changedAt) },
  {
    title: 'status',
    text: session => (session.halted === undefined ? session.status : `${session.status}, halted`),
  },
  { title: 'steps', align: 'right', text: session => number(session.steps, 0) },
  { title: 'fills', align: 'right', spare: 4, text: session => number(session.fills, 0) },
  { title: 'value', align: 'right', text: session => money(session.value) },
  {
    title: 'return',
    align: 'right',
    text: session => percent(session.value / session.settings.cash - 1, true),
  },
];

/** One line a session. A narrow terminal shows fewer columns. */
export function sessionLines(sessions: readonly ListedSession[], style: TerminalStyle): string[] {
  let columns = COLUMNS;
  const rows = () => sessions.map(session => columns.map(column => column.text(session)));
  for (let spare = 4; spare > 0 && naturalWidth(columns, rows(), style) > style.width; spare--) {
    columns = columns.filter(column => column.spare !== spare);
  }
  return [...tableLines(columns, rows(), style), ...accountLines(sessions, style)];
}

/** The accounts of real orders, and which of them are halted, and why. */
function accountLines(sessions: readonly ListedSession[], style: TerminalStyle): string[] {
  const accounts = new Map<string, ListedSession[]>();
  for (const session of sessions) {
    const { account } = session;
    if (account !== undefined) accounts.set(account, [...(accounts.get(account) ?? []), session]);
  }
  const lines = [...accounts].map(([account, all]) => {
    const ids = `session${all.length === 1 ? '' : 's'} ${all.map(({ id }) => id).join(', ')}`;
    const { halted } = all[0];
    if (halted === undefined) return `account ${account} (${ids}): may trade`;
    const why = printable(`${halted.message} (${halted.code})`);
    return paint(
      style,
      'red',
      `account ${account} (${ids}): HALTED since ${minute(halted.time)}: ${why}; qt resume lets it trade`,
    );
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

/** `BTCUSDT, ETHUSDT 1m`; each with its own interval where they differ. */
export function seriesText({ datas }: SessionSettings): string {
  const intervals = new Set(datas.map(one => one.interval));
  if (intervals.size > 1) return datas.map(one => `${one.instrument.symbol} ${one.interval}`).join(', ');
  return `${datas.map(one => one.instrument.symbol).join(', ')} ${datas[0].interval}`;
}

function minute(time: number): string {
  return utcTime(time).slice(0, 16);
}
