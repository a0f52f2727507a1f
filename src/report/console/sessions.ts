import type { SessionSettings } from '../../live/settings.ts';
import type { SessionRecord } from '../../store/journal.ts';
import { money, number, percent, type TerminalStyle, utcTime } from './format.ts';
import { type Column, naturalWidth, tableLines } from './table.ts';

/** A session with what its lock tells: a `running` one whose process is gone was `interrupted`. */
export interface ListedSession extends Omit<SessionRecord<SessionSettings>, 'status'> {
  readonly status: 'running' | 'interrupted' | 'stopped' | 'ended' | 'failed';
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
  { title: 'status', text: session => session.status },
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
  return tableLines(columns, rows(), style);
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
