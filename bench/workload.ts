/** Bars in columns, as `memoryFeed` takes them. */
export interface Columns {
  /** Open times, epoch ms UTC. */
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** What every engine is given beside the bars. */
export const TERMS = { fast: 10, slow: 30, size: 1, cash: 10_000, fee: 0.0001 } as const;

/** Bars and seed of the yardstick run. */
export const STANDARD = { bars: 1_000_000, seed: 1 } as const;

const START = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;
/** The level to which prices return. */
const HOME = 1000;

/**
 * A seeded series of one-minute bars: trends of one to eight hours in either direction and flat stretches, with noise,
 * pulled back to 1,000. Trends are strong enough that a 10/30 cross of averages neither wins nor loses much after
 * fees, so a million bars do not end in a ruined account that has stopped trading.
 *
 * The tick is a quarter by default. Prices then have two decimals, and every sum of them is exact in binary: all
 * engines see the same ties of two averages whichever way they sum, and can be held to the very same trades.
 * Only `+ - * /` and `Math.floor` are used, whose results no platform may vary.
 */
export function workload(bars: number, seed: number, tick = 0.25): Columns {
  const columns = {
    time: new Float64Array(bars),
    open: new Float64Array(bars),
    high: new Float64Array(bars),
    low: new Float64Array(bars),
    close: new Float64Array(bars),
    volume: new Float64Array(bars),
  };
  const { time, open, high, low, close, volume } = columns;
  const random = uniform(seed);
  const perUnit = Math.floor(1 / tick + 0.5);
  const home = HOME * perUnit;
  // A minute moves the price by about 0.08 %, in ticks; a trend by up to 0.015 % a minute.
  const noise = 0.0008 * home;
  const trend = 0.0001 * home;
  const wick = 0.0004 * home;
  let price = home;
  let drift = 0;
  let left = 0;
  for (let i = 0; i < bars; i++) {
    if (left-- === 0) {
      left = 60 + Math.floor(random() * 420);
      drift = (Math.floor(random() * 3) - 1) * (0.5 + 0.5 * random()) * trend;
    }
    const gap = Math.floor(random() * 3) - 1;
    const opened = price + gap;
    // Three uniforms make a bell of variance 1/4.
    const bell = random() + random() + random() - 1.5;
    const moved = opened + drift + 2 * noise * bell + (home - opened) * 0.0005;
    price = Math.max(perUnit, Math.floor(moved + 0.5));
    time[i] = START + i * MINUTE;
    open[i] = opened / perUnit;
    close[i] = price / perUnit;
    high[i] = (Math.max(opened, price) + Math.floor(random() * wick)) / perUnit;
    low[i] = Math.max(1, Math.min(opened, price) - Math.floor(random() * wick)) / perUnit;
    volume[i] = 1 + Math.floor(random() * 1000);
  }
  return columns;
}

/** Mulberry32: 0 ≤ x < 1. */
function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
