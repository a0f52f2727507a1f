import type { HistoryProgress } from '../../feeds/history/contract.ts';
import { number, type TerminalStyle } from '../../report/console/format.ts';

const BAR = 24;
/** A rate over less time than this says nothing, ms. */
const LEAST_MS = 500;

/** How far a download is: a bar, the share, bars, rate and the time left, in one line. */
export function fetchLine(
  { done, expected, bytes }: HistoryProgress,
  elapsedMs: number,
  style: Pick<TerminalStyle, 'unicode'>,
): string {
  const share = expected > 0 ? Math.min(1, done / expected) : 1;
  const [full, empty] = style.unicode ? ['█', '░'] : ['#', '.'];
  const filled = Math.round(share * BAR);
  const bar = `${full.repeat(filled)}${empty.repeat(BAR - filled)} ${number(share * 100, 0).padStart(3)} %`;
  const figures = [`${number(done, 0)} bars`];
  if (elapsedMs >= LEAST_MS && done > 0) {
    figures.push(`${number(done / (elapsedMs / 1000), 0)} bars/s`);
    figures.push(`${clock((elapsedMs * (expected - done)) / done)} left`);
  }
  if (bytes > 0) figures.push(`${number(bytes / 1e6, 1)} MB`);
  return [bar, ...figures].join('  ');
}

/** `1:02:03`, `2:03`. */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = `${hours > 0 ? two(minutes) : minutes}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
