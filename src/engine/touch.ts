/** Where {@link touch} leaves its sum, so that its reads are not optimised away. */
const SINK = new Float64Array(1);

/**
 * Reads one value of each cache line. Orders fill at opens here and there, each of them a wait for memory; in one sweep
 * ahead they come in order, at a fraction of the price.
 */
export function touch(values: Float64Array, from: number, to: number): void {
  let sum = 0;
  for (let i = from; i < to; i += 8) sum += values[i];
  SINK[0] = sum;
}
