import { type Interval, intervalOf } from '../model/interval.ts';

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
