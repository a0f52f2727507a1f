/**
 * The sum of `count` values of a ring, starting at number `first`, rounded once: Shewchuk's exact summation
 * ("Adaptive Precision Floating-Point Arithmetic", 1997), as Python's math.fsum. `sum` is that rounding and `rest`
 * what it leaves (exact when `complete`). With a NaN or Infinity among the values, or on overflow, `sum` is what plain
 * addition gives and `complete` is false.
 */
export function exactSum(
  ring: Float64Array,
  mask: number,
  first: number,
  count: number,
): { sum: number; rest: number; complete: boolean } {
  const partials: number[] = [];
  let plain = 0;
  for (let i = first; i < first + count; i++) {
    const value = ring[i & mask];
    plain += value;
    grow(partials, value);
  }
  if (!Number.isFinite(plain)) return { sum: plain, rest: 0, complete: false };
  const sum = round(partials);
  grow(partials, -sum);
  return { sum, rest: round(partials), complete: partials.length <= 1 };
}

/** Adds `value` to a list of non-overlapping partials of ascending magnitude, without rounding. */
function grow(partials: number[], value: number): void {
  let kept = 0;
  for (const partial of partials) {
    const [large, small] = Math.abs(value) < Math.abs(partial) ? [partial, value] : [value, partial];
    const sum = large + small;
    const error = small - (sum - large);
    if (error !== 0) partials[kept++] = error;
    value = sum;
  }
  partials.length = kept;
  if (value !== 0) partials.push(value);
}

/** The correctly rounded total of non-overlapping partials: half-way cases look at the next partial's sign. */
function round(partials: readonly number[]): number {
  let n = partials.length;
  if (n === 0) return 0;
  let high = partials[--n];
  let low = 0;
  while (n > 0) {
    const before = high;
    const next = partials[--n];
    high = before + next;
    low = next - (high - before);
    if (low !== 0) break;
  }
  if (n > 0 && ((low < 0 && partials[n - 1] < 0) || (low > 0 && partials[n - 1] > 0))) {
    const doubled = low * 2;
    const candidate = high + doubled;
    if (doubled === candidate - high) high = candidate;
  }
  return high;
}
