import type { SessionSettings } from '../../live/settings.ts';
import type { SessionRecord } from '../../store/journal.ts';
import { money, number, percent, type TerminalStyle, utcTime } from './format.ts';
import { type Column, tableLines } from './table.ts';

/** A session with what its lock tells: a `running` one whose process is gone was `interrupted`. */
export interface ListedSession extends Omit<SessionRecord<SessionSettings>, 'status'> {
  readonly status: 'running' | 'interrupted' | 'stopped' | 'ended' | 'failed';
}

const COLUMNS: readonly Column[] = [
  { title: 'id', align: 'right' },
  { title: 'strategy', least: 8 },
  { title: 'mode' },
  { title: 'series', least: 10 },
  { title: 'exchange', least: 7 },
  { title: 'started (UTC)', least: 10 },
  { title: 'last change', least: 10 },
  { title: 'status' },
  { title: 'steps', align: 'right' },
  { title: 'fills', align: 'right' },
  { title: 'value', align: 'right' },
  { title: 'return', align: 'right' },
];

/** One line a session. */
export function sessionLines(sessions: readonly ListedSession[], style: TerminalStyle): string[] {
  const rows = sessions.map(session => {
    const { id, mode, status, startedAt, changedAt, settings, steps, fills, value } = session;
    return [
      String(id),
      settings.strategy,
      mode,
      seriesText(settings),
      settings.exchange,
      minute(startedAt),
      minute(changedAt),
      status,
      number(steps, 0),
      number(fills, 0),
      money(value),
      percent(value / settings.cash - 1, true),
    ];
  });
  return tableLines(COLUMNS, rows, style);
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
