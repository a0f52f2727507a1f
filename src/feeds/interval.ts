import { InputError } from '../model/errors.ts';
import { type Interval, intervalMs, intervalOf } from '../model/interval.ts';

/** Fewer bars may well be all that is left of a series with gaps. */
const ENOUGH = 20;

/** How far the interval of months, a mean, may be from the distance of two of them. */
const TOLERANCE = 0.1;

/**
 * Throws `INTERVAL_CONTRADICTED` when bars at these stamps cannot have the interval that they are said to have: most
 * would overlap, or no two of them are that near. Too short an interval would show a bar before it has closed.
 */
export function checkInterval(interval: Interval, time: ArrayLike<number>): void {
  if (time.length < ENOUGH) return;
  const common = commonInterval(time);
  let nearest = Number.POSITIVE_INFINITY;
  for (let i = 1; i < Math.min(time.length, 1000); i++) nearest = Math.min(nearest, time[i] - time[i - 1]);
  const said = intervalMs(interval);
  const overlapping = intervalMs(common) < said * (1 - TOLERANCE);
  if (!overlapping && nearest <= said * (1 + TOLERANCE)) return;
  throw new InputError(
    'INTERVAL_CONTRADICTED',
    `the interval was given as ${interval}, the bars are ${common} apart`,
    {
      value: interval,
      limit: common,
      fix: `leave it out, or give ${common}`,
    },
  );
}

/** The most common distance between the first thousand stamps, as an interval; `1d` for fewer than two. */
export function commonInterval(time: ArrayLike<number>): Interval {
  const counts = new Map<number, number>();
  for (let i = 1; i < Math.min(time.length, 1000); i++) {
    const distance = time[i] - time[i - 1];
    counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  let common = 86_400_000;
  let most = 0;
  for (const [distance, count] of counts) {
    if (count > most || (count === most && distance < common)) {
      common = distance;
      most = count;
    }
  }
  return intervalOf(common);
}
