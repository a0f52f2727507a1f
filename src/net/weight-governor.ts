import type { Timers } from './network.ts';
import { sleep } from './sleep.ts';

const WINDOW_MS = 60_000;
/** The server's minute may begin a little later than ours. */
const SLACK_MS = 1000;

export interface WeightGovernorOptions {
  readonly timers: Timers;
  /** What the server allows a minute. */
  readonly limit: number;
  /** The part of it that is used: others behind the same address need some, too. */
  readonly share: number;
  /** Requests under way at the same time. */
  readonly concurrent: number;
  readonly signal: AbortSignal;
}

/**
 * Lets requests pass in the order in which they came, such that their weight stays below what a server allows a
 * minute, and none at all while the server has asked for silence.
 */
export class WeightGovernor {
  readonly #options: WeightGovernorOptions;
  readonly #waiting: { readonly weight: number; readonly go: () => void }[] = [];
  #limit: number;
  #minute = Number.NaN;
  #used = 0;
  #active = 0;
  #silentUntil = 0;
  #pumping = false;

  constructor(options: WeightGovernorOptions) {
    this.#options = options;
    this.#limit = options.limit;
  }

  /** Nothing is sent before this time, epoch ms UTC; 0 when nobody has asked for silence. */
  get silentUntil(): number {
    return this.#silentUntil;
  }

  /** The server said what it allows a minute. */
  allow(limit: number): void {
    if (limit > 0) this.#limit = limit;
  }

  /** The server said how much has been used this minute, by all that share our address. */
  reported(used: number): void {
    this.#turn();
    this.#used = Math.max(this.#used, used);
  }

  /** The server asked for silence until `time`, epoch ms UTC. */
  silence(time: number): void {
    this.#silentUntil = Math.max(this.#silentUntil, time);
  }

  /** Runs `request` when there is room for its weight; once the signal aborts it runs at once, to fail by itself. */
  async pass<T>(weight: number, request: () => Promise<T>): Promise<T> {
    await new Promise<void>(go => {
      this.#waiting.push({ weight, go });
      void this.#pump();
    });
    try {
      return await request();
    } finally {
      this.#active--;
      void this.#pump();
    }
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    const { timers, signal, concurrent } = this.#options;
    while (this.#waiting.length > 0) {
      if (signal.aborted) {
        for (const { go } of this.#waiting.splice(0)) {
          this.#active++;
          go();
        }
        break;
      }
      if (this.#active >= concurrent) break;
      const pause = this.#pause(this.#waiting[0].weight);
      if (pause > 0) {
        await sleep(timers, pause, signal);
        continue;
      }
      const { weight, go } = this.#waiting.shift()!;
      this.#used += weight;
      this.#active++;
      go();
    }
    this.#pumping = false;
  }

  /** How long a request of this weight must wait, ms. */
  #pause(weight: number): number {
    const now = this.#options.timers.now();
    if (now < this.#silentUntil) return this.#silentUntil - now;
    this.#turn();
    if (this.#used === 0 || this.#used + weight <= this.#limit * this.#options.share) return 0;
    return (this.#minute + 1) * WINDOW_MS + SLACK_MS - now;
  }

  #turn(): void {
    const minute = Math.floor((this.#options.timers.now() - SLACK_MS) / WINDOW_MS);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#used = 0;
  }
}
