import type { Market } from '../../model/instrument.ts';
import type { Interval } from '../../model/interval.ts';
import type { TimeRange } from '../../store/bars.ts';
import { type Archive, archiveOf, hasArchives, monthStart, nextMonth } from '../../venues/binance/history.ts';

const DAY = 86_400_000;

/** Ranges that touch or overlap as one, oldest first. */
export function joined(ranges: readonly TimeRange[]): TimeRange[] {
  const whole: { from: number; to: number }[] = [];
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else whole.push({ from, to });
  }
  return whole;
}

export interface ArchivePlan {
  readonly market: Market;
  readonly symbol: string;
  readonly interval: Interval;
  readonly period: Archive['period'];
  /** The venue's time: what is not over has no archive yet, epoch ms UTC. */
  readonly now: number;
}

/** The archives of whole months (or days) that lie in the holes, oldest first. */
export function archivesFor(holes: readonly TimeRange[], plan: ArchivePlan): Archive[] {
  const { market, symbol, interval, period, now } = plan;
  if (!hasArchives(interval, period)) return [];
  const archives: Archive[] = [];
  for (const hole of holes) {
    let at = period === 'month' ? monthStart(hole.from) : Math.floor(hole.from / DAY) * DAY;
    if (at < hole.from) at = period === 'month' ? nextMonth(at) : at + DAY;
    for (;;) {
      const archive = archiveOf(market, symbol, interval, period, at);
      if (archive.to > hole.to || archive.to > now) break;
      archives.push(archive);
      at = archive.to;
    }
  }
  return archives;
}
