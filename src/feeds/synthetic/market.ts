import { type Interval, intervalMs } from '../../model/interval.ts';
import { Random } from './random.ts';

const YEAR = 31_536_000_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
/** Deviation of the market's returns over a year, in quiet times. */
const VOLATILITY = 0.5;
/** GARCH(1,1): the share of the last surprise and of the last variance; what is left pulls towards the mean. */
const ALPHA = 0.06;
const BETA = 0.93;
/** Jumps a year, and their size in deviations of an hour. */
const JUMPS_A_YEAR = 24;
const JUMP_SIZE = 4;

/** How the market behaves for a while: drift a year, volatility against the usual, mean length in days. */
const REGIMES = [
  { name: 'bull', drift: 1.3, volatility: 0.9, days: 45 },
  { name: 'range', drift: 0, volatility: 0.7, days: 35 },
  { name: 'bear', drift: -1.2, volatility: 1.3, days: 28 },
] as const;

/** Activity by the hour of the day (UTC): quiet before Asia wakes, busiest when Europe and America overlap. */
const HOURS = [
  0.95, 0.9, 0.85, 0.8, 0.72, 0.68, 0.7, 0.85, 1, 1.02, 0.98, 0.95, 1.02, 1.25, 1.42, 1.45, 1.35, 1.22, 1.1,
  1.05, 1, 0.98, 0.95, 0.92,
] as const;
const WEEKEND = 0.65;

/** What the market does in one bar. */
interface MarketBar {
  /** Of the bar's return. */
  deviation: number;
  /** Expected return of the bar. */
  drift: number;
  /** Unit normals, one a step inside the bar, that all symbols share. */
  readonly shocks: number[];
  /** A sudden return at the bar's beginning; mostly 0. */
  jump: number;
  /** 1 is the usual. */
  activity: number;
}

/** The moves that all symbols of one seed share. */
export class Market {
  readonly #random: Random;
  readonly #length: number;
  readonly #usual: number;
  #variance: number;
  #regime: (typeof REGIMES)[number] = REGIMES[0];
  readonly #bar: MarketBar = { deviation: 0, drift: 0, shocks: [], jump: 0, activity: 1 };

  constructor(seed: number, interval: Interval) {
    this.#random = Random.seeded(seed, 'market');
    this.#length = intervalMs(interval);
    this.#usual = (VOLATILITY * VOLATILITY * this.#length) / YEAR;
    this.#variance = this.#usual;
  }

  /** The bar that opens at `time`, epoch ms UTC; valid until the next call. */
  next(time: number, steps: number): MarketBar {
    const random = this.#random;
    const bar = this.#bar;
    if (random.uniform() * this.#regime.days * DAY < this.#length) this.#change();
    const { drift, volatility } = this.#regime;
    bar.activity = this.#activity(time);
    // Activity scales variance, so its square root scales the deviation.
    bar.deviation = Math.sqrt(this.#variance * bar.activity) * volatility;
    bar.drift = (drift * this.#length) / YEAR;
    let sum = 0;
    for (let s = 0; s < steps; s++) {
      bar.shocks[s] = random.normal();
      sum += bar.shocks[s];
    }
    const surprise = sum / Math.sqrt(steps);
    this.#variance = this.#usual * (1 - ALPHA - BETA) + this.#variance * (ALPHA * surprise * surprise + BETA);
    bar.jump = this.#jump();
    return bar;
  }

  #change(): void {
    const others = REGIMES.filter(regime => regime !== this.#regime);
    this.#regime = others[this.#random.uniform() < 0.5 ? 0 : 1];
  }

  /** Bars shorter than a day have busy and quiet hours, and those up to a day quiet weekends. */
  #activity(time: number): number {
    const day = Math.floor(time / DAY);
    // Day 0 of the epoch was a Thursday.
    const week = this.#length <= DAY && ((day + 4) % 7) % 6 === 0 ? WEEKEND : 1;
    return this.#length < DAY ? week * HOURS[Math.floor(time / HOUR) - day * 24] : week;
  }

  #jump(): number {
    const random = this.#random;
    const happens = random.uniform() * YEAR < JUMPS_A_YEAR * this.#length;
    const size = random.normal();
    const hour = Math.sqrt((VOLATILITY * VOLATILITY * HOUR) / YEAR);
    return happens ? size * JUMP_SIZE * hour : 0;
  }
}
