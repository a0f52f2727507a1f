/** Where what lives as long as a run takes its arrays from. */
export interface Arrays {
  /** An array of zeros. */
  take(length: number): Float64Array;
}

/** A new array each time, which is what a run needs whose results somebody keeps. */
export const NEW_ARRAYS: Arrays = { take: length => new Float64Array(length) };

/** Bytes of arrays at rest; beyond them the garbage collector gets what comes back. */
const MOST_AT_REST = 32 * 2 ** 20;

/**
 * Arrays that one run after the other uses, for who keeps nothing of a run but its figures: a thousand runs then leave no more
 * for the garbage collector than one, and threads do not wait for each other's page faults.
 */
export class ArrayPool implements Arrays {
  readonly #resting = new Map<number, Float64Array[]>();
  #taken: Float64Array[] = [];
  #bytes = 0;

  take(length: number): Float64Array {
    const found = this.#resting.get(length)?.pop();
    if (found !== undefined) {
      this.#bytes -= found.byteLength;
      found.fill(0);
    }
    const array = found ?? new Float64Array(length);
    this.#taken.push(array);
    return array;
  }

  /** The run is over: nothing may read what was taken since the last call. */
  recycle(): void {
    for (const array of this.#taken) {
      if (this.#bytes + array.byteLength > MOST_AT_REST) continue;
      this.#bytes += array.byteLength;
      const same = this.#resting.get(array.length);
      if (same === undefined) this.#resting.set(array.length, [array]);
      else same.push(array);
    }
    this.#taken = [];
  }
}
