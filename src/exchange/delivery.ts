import type { Timer, Timers } from '../net/network.ts';

/** Frames of a connection that wait to be sent late; more than that are sent at once. */
const LATE_LIMIT = 10_000;
/** A frame that is to come after the next one does not wait longer for it, ms. */
const HELD = 2000;

/** Sends the frames of one connection out of time and order. */
export class Delivery {
  readonly #timers: Timers;
  readonly #write: (text: string) => void;
  readonly #late = new Set<Timer>();
  #held: { readonly text: string; readonly timer: Timer } | undefined;

  constructor(timers: Timers, write: (text: string) => void) {
    this.#timers = timers;
    this.#write = write;
  }

  send(text: string): void {
    this.#write(text);
    this.#release();
  }

  delay(text: string, ms: number): void {
    if (this.#late.size >= LATE_LIMIT) {
      this.send(text);
      return;
    }
    const timer = this.#timers.after(ms, () => {
      this.#late.delete(timer);
      this.send(text);
    });
    this.#late.add(timer);
  }

  /** To be sent after the next one. */
  hold(text: string): void {
    this.#release();
    this.#held = { text, timer: this.#timers.after(HELD, () => this.#release()) };
  }

  /** What is still to be sent is lost. */
  end(): void {
    this.#held?.timer.cancel();
    this.#held = undefined;
    for (const timer of this.#late) timer.cancel();
    this.#late.clear();
  }

  #release(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    held.timer.cancel();
    this.#write(held.text);
  }
}
