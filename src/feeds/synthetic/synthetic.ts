import type { Bars } from '../../model/bars.ts';
import { InputError } from '../../model/errors.ts';
import { barEnd, type Interval, intervalMs, parseInterval } from '../../model/interval.ts';
import { Market } from './market.ts';
import { Random } from './random.ts';

export interface SyntheticOptions {
  /** A whole number, 0 or more; default 42. The same options give the same bars, to the last bit, on every machine. */
  readonly seed?: number;
  /** Decides the price level and the symbol's own noise; default `BTCUSDT`. */
  readonly symbol?: string;
  /** Default `4h`. */
  readonly interval?: Interval;
  /** Default 8,766: four years of 4h, one of them a leap year. */
  readonly bars?: number;
  /** Open time of the first bar, epoch ms UTC; default 2022-01-01. */
  readonly from?: number;
}

export const SYNTHETIC_DEFAULTS = {
  seed: 42,
  symbol: 'BTCUSDT',
  interval: '4h',
  bars: 8_766,
  from: Date.UTC(2022, 0, 1),
} as const satisfies Required<SyntheticOptions>;

/** What an asset is like: first price, ticks a unit of price, sensitivity to the market, own noise, mean volume an hour. */
interface Profile {
  readonly price: number;
  /** 1 / tick size. */
  readonly ticks: number;
  /** Share of the market's moves that it follows. */
  readonly beta: number;
  /** Deviation of its own moves, in units of the market's. */
  readonly own: number;
  /** Base units an hour. */
  readonly volume: number;
}

const PROFILES: Readonly<Record<string, Profile>> = {
  BTC: { price: 42_000, ticks: 10, beta: 0.95, own: 0.3, volume: 900 },
  ETH: { price: 2_300, ticks: 100, beta: 1.1, own: 0.6, volume: 12_000 },
};
const OTHER: Profile = { price: 100, ticks: 1000, beta: 1.2, own: 0.8, volume: 50_000 };

/** Steps of the path inside a bar, from which high and low come. */
const STEPS = 12;
const HOUR = 3_600_000;

/**
 * Bars of an asset that does not exist, for examples and tests: bull, bear and range regimes, volatility that clusters
 * (GARCH(1,1)) and follows the hours of the day and the week, jumps, and volume that rises with volatility. Two
 * symbols of the same seed, interval and start share the market's moves and are correlated, as coins are.
 *
 * Only additions, multiplications, divisions and square roots are used, which IEEE 754 rounds exactly; prices are
 * rounded to the tick. Stamps are open times. Throws `SYNTHETIC_INVALID`.
 */
export function syntheticBars(options: SyntheticOptions = {}): Bars {
  const { seed, symbol, interval, bars: length, from } = { ...SYNTHETIC_DEFAULTS, ...options };
  check(seed, length, from);
  parseInterval(interval);
  const profile = PROFILES[/^[A-Z]{3}/.exec(symbol.toUpperCase())?.[0] ?? ''] ?? OTHER;
  const market = new Market(seed, interval);
  const random = Random.seeded(seed, symbol.toUpperCase());
  const hours = intervalMs(interval) / HOUR;
  const bars = emptyBars(length);
  let price = profile.price;
  let time = from;
  for (let i = 0; i < length; i++) {
    const { deviation, drift, shocks, jump, activity } = market.next(time, STEPS);
    const step = deviation / Math.sqrt(STEPS);
    const open = round(price, profile.ticks);
    let high = open;
    let low = open;
    for (let s = 0; s < STEPS; s++) {
      const own = profile.own * random.normal();
      const move =
        drift / STEPS + step * (profile.beta * shocks[s] + own) + (s === 0 ? jump * profile.beta : 0);
      // A fall of more than half within one step is no market any more, whatever the interval.
      price *= 1 + Math.max(-0.5, move);
      high = Math.max(high, price);
      low = Math.min(low, price);
    }
    bars.time[i] = time;
    bars.open[i] = open;
    bars.close[i] = round(price, profile.ticks);
    bars.high[i] = Math.max(round(high, profile.ticks), bars.close[i]);
    bars.low[i] = Math.min(round(low, profile.ticks), bars.close[i]);
    // Volume follows how far the bar travelled against what was expected, and how busy the hour is.
    const travel = deviation === 0 ? 1 : (high - low) / (open * deviation * 1.6);
    const noise = 0.5 + random.uniform() * 0.6 + random.uniform() * 0.4;
    bars.volume[i] = round(profile.volume * hours * activity * (0.35 + 0.65 * travel) * noise, 100);
    time = barEnd(time, interval);
  }
  return bars;
}

function emptyBars(length: number): Bars {
  const column = () => new Float64Array(length);
  return {
    length,
    time: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    extra: {},
  };
}

/** To a multiple of 1 / `perUnit`, at least one of them; ties upwards. */
function round(value: number, perUnit: number): number {
  return Math.max(1, Math.floor(value * perUnit + 0.5)) / perUnit;
}

function check(seed: number, bars: number, from: number): void {
  const wrong = (name: string, value: unknown, limit: string) =>
    new InputError('SYNTHETIC_INVALID', `${name} was ${value}`, { value, limit, fix: `give ${limit}` });
  if (!Number.isSafeInteger(seed) || seed < 0) throw wrong('seed', seed, 'a whole number, 0 or more');
  if (!Number.isInteger(bars) || bars < 1 || bars > 10_000_000) {
    throw wrong('bars', bars, 'a whole number from 1 to 10000000');
  }
  if (!Number.isSafeInteger(from)) throw wrong('from', from, 'epoch milliseconds');
}
