/** A number that only grows. */
export interface Counter {
  value: number;
}

/** How often a rule was looked at, and how often it held. */
export interface Check {
  checked: number;
  passed: number;
}

/** What came of one instrument, counted. Counters and checks are held by who counts, so that counting costs no look-up. */
export class InstrumentTally {
  readonly counters = new Map<string, Counter>();
  readonly checks = new Map<string, Check>();

  counter(name: string): Counter {
    let counter = this.counters.get(name);
    if (counter === undefined) {
      counter = { value: 0 };
      this.counters.set(name, counter);
    }
    return counter;
  }

  check(name: string): Check {
    let check = this.checks.get(name);
    if (check === undefined) {
      check = { checked: 0, passed: 0 };
      this.checks.set(name, check);
    }
    return check;
  }
}

/**
 * Counts what a decoder was given, by the names that docs/venues.md lists: messages by kind, and each rule's checks. All
 * of it is kept by instrument; what belongs to a whole connection is kept under ''.
 */
export class Tally {
  /** What a check is about: `links` → `U == previous u + 1`. */
  readonly rules = new Map<string, string>();
  /** Messages that bring no data, by type: acknowledgements, heartbeats. */
  readonly other = new Map<string, number>();
  /** Gaps that were told, by which they are numbered. */
  gaps = 0;
  readonly #byNative = new Map<string, InstrumentTally>();

  of(native: string): InstrumentTally {
    let one = this.#byNative.get(native);
    if (one === undefined) {
      one = new InstrumentTally();
      this.#byNative.set(native, one);
    }
    return one;
  }

  get natives(): IterableIterator<string> {
    return this.#byNative.keys();
  }

  /** Counts a message that brings no data. */
  aside(type: string): void {
    this.other.set(type, (this.other.get(type) ?? 0) + 1);
  }

  total(name: string): number {
    let sum = 0;
    for (const one of this.#byNative.values()) sum += one.counters.get(name)?.value ?? 0;
    return sum;
  }
}
