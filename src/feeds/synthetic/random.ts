/**
 * xoshiro128** 1.1 by Blackman and Vigna (https://prng.di.unimi.it), seeded through splitmix32. Only 32-bit integer
 * operations, so a seed gives the same numbers on every machine.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Four 32-bit words, not all 0. */
  constructor(state: readonly [number, number, number, number]) {
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  /** `seed`: a whole number; `stream` names one of many independent sequences of the same seed. */
  static seeded(seed: number, stream: string): Random {
    let state = (seed ^ hash(stream)) >>> 0;
    // Seeds above 2^32 may differ in their high half only; it must count too.
    state = (state + Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1)) >>> 0;
    const next = () => {
      state = (state + 0x9e3779b9) | 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    return new Random([next(), next(), next(), next()]);
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    const scrambled = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return scrambled >>> 0;
  }

  /** From 0 (inclusive) to 1 (exclusive), in steps of 2^-32. */
  uniform(): number {
    return this.bits() / 4_294_967_296;
  }

  /**
   * Mean 0, deviation 1, by the sum of twelve uniforms (Irwin–Hall): additions only, hence exact everywhere, which
   * logarithms and cosines of different engines are not. It has no tails beyond 6.
   */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.uniform();
    return sum;
  }
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

/** FNV-1a over UTF-16 units. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state >>> 0;
}
