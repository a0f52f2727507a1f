/** Memory that is kept for what waits; more at once is made for it alone, bytes. */
const KEPT_BYTES = 64 * 1024;

/**
 * Bytes that wait to go out together. Its memory is used again and again: of what is made anew for each write some outlives
 * two collections, is moved to the old space, and stays there for minutes.
 */
export class Outbox {
  #memory: Buffer | undefined;
  #from = 0;
  #to = 0;
  /** Whether somebody still reads what was taken out of this memory. */
  #isHeld = false;

  /** Bytes that wait. */
  get length(): number {
    return this.#to - this.#from;
  }

  add(bytes: Buffer): void {
    const memory = this.#room(bytes.length);
    bytes.copy(memory, this.#to);
    this.#to += bytes.length;
  }

  /** Takes what waits; `release` says what becomes of its memory. */
  take(): Buffer {
    const taken = this.#room(0).subarray(this.#from, this.#to);
    this.#from = this.#to;
    return taken;
  }

  /** What was taken last has gone out; or some of it `isHeld` yet, and is not written over by what comes. */
  release(isHeld: boolean): void {
    this.#isHeld ||= isHeld;
    if (this.#memory !== undefined && this.#memory.length > KEPT_BYTES) this.#memory = undefined;
    if (this.#memory !== undefined && this.#isHeld) return;
    this.#from = 0;
    this.#to = 0;
  }

  /** Memory with room for so many more bytes behind those that wait. */
  #room(more: number): Buffer {
    const memory = this.#memory;
    if (memory !== undefined && this.#to + more <= memory.length) return memory;
    const waiting = this.length;
    const needed = waiting + more;
    // A burst is not copied with every one of its records.
    const size = needed > KEPT_BYTES && waiting > 0 ? 2 * needed : Math.max(needed, KEPT_BYTES);
    const bigger = Buffer.allocUnsafeSlow(size);
    memory?.copy(bigger, 0, this.#from, this.#to);
    this.#memory = bigger;
    this.#from = 0;
    this.#to = waiting;
    this.#isHeld = false;
    return bigger;
  }
}
