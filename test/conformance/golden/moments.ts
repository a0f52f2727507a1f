/** Moments are epoch ms UTC; backtrader keeps days as doubles, and writes them with microseconds. */
const DAY = 86_400_000;

/** Where a daily bar of backtrader stands in its day when no session ends it: 23:59:59.99999. */
export const END_OF_DAY = DAY - 0.01;

export function dayOf(time: number): number {
  return Math.floor(time / DAY) * DAY;
}

/** `2006-01-02`, `2006-01-02T09:05:00`, with or without fractions, in UTC. */
export function parseMoment(text: string): number {
  const [, date, clock, fraction] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(\.\d+)?)?$/.exec(text) ?? [];
  const time = date === undefined ? Number.NaN : Date.parse(`${date}T${clock ?? '00:00:00'}Z`);
  if (Number.isNaN(time))
    throw new Error(`"${text}" is no moment: expected 2006-01-02 or 2006-01-02T09:05:00`);
  return time + (fraction === undefined ? 0 : Number(fraction) * 1000);
}

/** `17:30:00` as ms after midnight. */
export function parseClock(text: string): number {
  const [, hours, minutes, seconds = '0'] = /^(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?$/.exec(text) ?? [];
  if (hours === undefined) throw new Error(`"${text}" is no time of day: expected 17:30:00`);
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** As backtrader's records write it, microseconds included where there are any. */
export function writeMoment(time: number): string {
  const whole = Math.floor(time);
  const text = new Date(whole).toISOString().slice(0, 19);
  const micros = Math.round((time - Math.floor(time / 1000) * 1000) * 1000);
  return micros === 0 ? text : `${text}.${String(Math.min(micros, 999_999)).padStart(6, '0')}`;
}
