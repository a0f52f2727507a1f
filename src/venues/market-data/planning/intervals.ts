import { FrameError } from '../../wire/json-cursor.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, M: 2_592_000 };

/** `1m` → 60; months count 30 days, as venues that name intervals by seconds have it. */
export function secondsOfInterval(interval: string): number {
  const [, count, unit] = /^(\d+)([smhdwM])$/.exec(interval) ?? [];
  if (unit === undefined) throw new RangeError(`no interval: ${interval}`);
  return Number(count) * UNITS[unit];
}

/** 60 → `1m`, 86400 → `1d`. Throws FrameError. */
export function intervalOfSeconds(seconds: number): string {
  for (const unit of ['M', 'w', 'd', 'h', 'm', 's']) {
    if (seconds > 0 && seconds % UNITS[unit] === 0) return `${seconds / UNITS[unit]}${unit}`;
  }
  throw new FrameError(`no interval: ${seconds} seconds`);
}
