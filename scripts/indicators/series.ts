/** The prices that the pictures are drawn from: made up, and the same each time. */
export const BARS = 560;
/** The last of them are drawn; those before are for indicators that begin late. */
export const DRAWN = 160;

export interface Columns {
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

export function columnsOf(bars: number): Columns {
  const column = () => new Float64Array(bars);
  return { time: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
}

const START = Date.UTC(2024, 0, 1);
const HOUR = 3_600_000;

/** Numbers from 0 to 1, the same for the same seed. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

const cents = (value: number) => Math.round(value * 100) / 100;

/** Hourly bars around 1,000: a slow swing, a cycle of some twenty bars that comes and goes, and noise. */
export function prices(): Columns {
  const next = chance(20_240_101);
  const columns = columnsOf(BARS);
  let noise = 0;
  let last = 1000;
  for (let i = 0; i < BARS; i++) {
    noise = 0.93 * noise + (next() - 0.5) * 16;
    const swing = 75 * Math.sin(i / 37) + 30 * Math.sin(i / 11.3 + 1);
    const cycle = (12 + 12 * Math.sin(i / 60)) * Math.sin((2 * Math.PI * i) / 21);
    const close = cents(1000 + swing + cycle + noise);
    const open = cents(last + (next() - 0.5) * 4);
    const wick = () => next() * next() * 14;
    columns.time[i] = START + i * HOUR;
    columns.open[i] = open;
    columns.high[i] = cents(Math.max(open, close) + wick());
    columns.low[i] = cents(Math.min(open, close) - wick());
    columns.close[i] = close;
    columns.volume[i] = Math.round(800 + 60 * Math.abs(close - open) + 600 * next());
    last = close;
  }
  return columns;
}

const BODIES = [0, 0.05, 0.4, 1, 4];
const SHADOWS = [0, 0, 0.02, 0.5, 3];

/** Candles of all shapes, with gaps and runs of a color: each pattern is among them sooner or later. */
export function shapes(bars: number, seed: number): Columns {
  const next = chance(seed);
  const one = (sizes: readonly number[]) => sizes[Math.floor(next() * sizes.length)] * next();
  const columns = columnsOf(bars);
  let color = 1;
  let before = 1000;
  let last = 1000;
  for (let i = 0; i < bars; i++) {
    if (next() < 0.3) color = -color;
    const body = last - before;
    const opens = [
      last,
      before + body * next(),
      last + (next() - 0.5) * 3,
      last + Math.sign(body) * 2 * next(),
    ];
    const open = cents(opens[Math.floor(next() * opens.length)]);
    const close = cents(open + color * one(BODIES));
    columns.time[i] = START + i * HOUR;
    columns.open[i] = open;
    columns.high[i] = cents(Math.max(open, close) + one(SHADOWS));
    columns.low[i] = cents(Math.min(open, close) - one(SHADOWS));
    columns.close[i] = close;
    columns.volume[i] = 1;
    before = open;
    last = close;
  }
  return columns;
}
