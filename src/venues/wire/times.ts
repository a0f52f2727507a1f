import { FrameError } from './json-cursor.ts';

const SECONDS = /^(\d{1,11})(?:\.(\d+))?$/;
const RFC3339 = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)$/i;

/** Seconds since the epoch with a fraction, `1618678133.365913`, as whole microseconds; finer digits are cut off. */
export function microsecondsOfSeconds(text: string): number {
  const parts = SECONDS.exec(text);
  if (parts === null) throw new FrameError(`no time in seconds: ${text.slice(0, 40)}`);
  return Number(parts[1]) * 1e6 + fraction(parts[2]);
}

/** `2026-08-12T19:28:44.084233010Z` or with an offset, as whole microseconds since the epoch; finer digits are cut off. */
export function microsecondsOfText(text: string): number {
  const parts = RFC3339.exec(text);
  // The date's own parser knows milliseconds only.
  const seconds = parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2]}${zone(parts[4])}`);
  if (parts === null || Number.isNaN(seconds)) throw new FrameError(`no time: ${text.slice(0, 40)}`);
  return seconds * 1000 + fraction(parts[3]);
}

function fraction(digits = ''): number {
  return Number(digits.slice(0, 6).padEnd(6, '0'));
}

function zone(text: string): string {
  return text.length === 5 ? `${text.slice(0, 3)}:${text.slice(3)}` : text.toUpperCase();
}
