/** Where what lives as long as a run takes its arrays from. */
export interface Arrays {
  /** An array of zeros, or of another `value`. */
  take(length: number, value?: number): Float64Array;
}

/** A new array each time, which is what a run needs whose results somebody keeps. */
export const NEW_ARRAYS: Arrays = {
  take: (length, value = 0) => {
    const array = new Float64Array(length);
    return value === 0 ? array : array.fill(value);
  },
};

/** Bytes at rest; beyond them the garbage collector gets what comes back. */
const MOST_AT_REST = 32 * 2 ** 20;

/**
 * Arrays that one run after the other uses, for who keeps nothing of a run but its figures: a thousand runs then leave no more
 * for the garbage collector than one, and threads do not wait for each other's page faults.
 */
export class ArrayPool implements Arrays {
  readonly #resting = new Map<number, ArrayBuffer[]>();
  #taken: ArrayBuffer[] = [];
  #bytes = 0;

  take(length: number, value = 0): Float64Array {
    const bytes = length * Float64Array.BYTES_PER_ELEMENT;
    const found = this.#resting.get(bytes)?.pop();
    if (found !== undefined) this.#bytes -= bytes;
    const buffer = found ?? new ArrayBuffer(bytes);
    this.#taken.push(buffer);
    // An object of its own: what is known of an array must not be taken for what is known of the next one in its place.
    const array = new Float64Array(buffer);
    return found === undefined && value === 0 ? array : array.fill(value);
  }

  /** The run is over: nothing may read what was taken since the last call. */
  recycle(): void {
    for (const buffer of this.#taken) {
      const { byteLength } = buffer;
      if (this.#bytes + byteLength > MOST_AT_REST) continue;
      this.#bytes += byteLength;
      const same = this.#resting.get(byteLength);
      if (same === undefined) this.#resting.set(byteLength, [buffer]);
      else same.push(buffer);
    }
    this.#taken = [];
  }
}
