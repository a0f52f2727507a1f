/** Bars looked at; evenly spaced, so that the decision costs the same for any length. */
const SAMPLES = 2000;

/**
 * Whether a line belongs on the price's own scale, judged by its values alone:
 * it runs within the price's range (half the range of room on each side), it stays near the price (a median distance
 * of at most a quarter of it), and its distance from the price varies no more than the price itself does.
 * Averages, bands and stops pass all three; an oscillator fails one of them even when price happens to be near 50.
 */
export function isOnPriceScale(values: Float64Array, close: Float64Array): boolean {
  const line: number[] = [];
  const price: number[] = [];
  const step = Math.max(1, Math.floor(close.length / SAMPLES));
  for (let i = 0; i < close.length; i += step) {
    if (!Number.isFinite(values[i])) continue;
    line.push(values[i]);
    price.push(close[i]);
  }
  if (line.length === 0) return false;
  const lowest = Math.min(...price);
  const highest = Math.max(...price);
  const room = (highest - lowest) / 2;
  const inside = line.filter(value => value >= lowest - room && value <= highest + room).length;
  if (inside < 0.8 * line.length) return false;
  const distances = line.map((value, i) => value - price[i]);
  const relative = distances.map((distance, i) => Math.abs(distance / price[i])).sort((a, b) => a - b);
  if (!(relative[relative.length >> 1] <= 0.25)) return false;
  return deviation(distances) <= deviation(price) * (1 + 1e-9);
}

/** Whether a line is a signal that mostly rests at 0, and is drawn as columns: crosses, conditions. */
export function restsAtZero(values: Float64Array): boolean {
  let known = 0;
  let zero = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    known++;
    if (value === 0) zero++;
  }
  return zero * 2 > known;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
