import type { ReplayTick } from '../../venues/binance/replay.ts';
import type { KlineSeries } from './series.ts';

/** A connection, as far as ticks are concerned. */
export interface TickSource {
  /** The highest tick that came on it. */
  tick: number;
  acknowledge(n: number): void;
}

/**
 * Keeps a local exchange's time standing still until all that belongs to a moment has been taken: every series
 * complete, the clock given to every feed, and every consumer back and asking for more.
 */
export class Lockstep {
  readonly #series: readonly KlineSeries[];
  readonly #sources: readonly TickSource[];
  readonly #finished: () => void;
  #pending: ReplayTick | undefined;
  #given = false;
  #done = -1;
  #checking = false;

  constructor(series: readonly KlineSeries[], sources: readonly TickSource[], finished: () => void) {
    this.#series = series;
    this.#sources = sources;
    this.#finished = finished;
  }

  /** A tick came on a connection; one that has been dealt with is acknowledged again. */
  ticked(source: TickSource, tick: ReplayTick): void {
    source.tick = Math.max(source.tick, tick.n);
    if (tick.n <= this.#done) {
      source.acknowledge(tick.n);
      return;
    }
    if (this.#pending === undefined || tick.n > this.#pending.n) {
      this.#pending = tick;
      this.#given = false;
    }
    this.check();
  }

  /** Goes on if what was waited for has happened. */
  check(): void {
    // Telling the clock makes consumers ask for more, which leads back here.
    if (this.#checking) return;
    this.#checking = true;
    const tick = this.#pending;
    if (tick !== undefined && (this.#given || this.#give(tick)) && this.#taken()) {
      this.#pending = undefined;
      this.#done = tick.n;
      for (const source of this.#sources) source.acknowledge(tick.n);
      if (tick.end) this.#finished();
    }
    this.#checking = false;
  }

  #give(tick: ReplayTick): boolean {
    if (this.#sources.some(source => source.tick < tick.n)) return false;
    if (!this.#series.every(series => series.started && series.complete(tick.E))) return false;
    this.#given = true;
    for (const series of this.#series) if (!series.ended) series.tick(tick.E);
    return true;
  }

  #taken(): boolean {
    return this.#series.every(series => series.ended || (series.started && series.outbox.idle));
  }
}
