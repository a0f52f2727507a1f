import type { ColumnsInput } from '../../src/feeds/memory.ts';

export interface WalkOptions {
  readonly seed?: number;
  /** First open time, epoch ms UTC. */
  readonly start?: number;
  /** Distance of the bars, ms. */
  readonly step?: number;
  readonly price?: number;
  /** Typical move a bar, as a fraction. */
  readonly volatility?: number;
  readonly digits?: number;
}

/** Bars of a seeded random walk: prices with `digits` decimals, volumes with three. The same options, the same bars. */
export function randomWalk(bars: number, options: WalkOptions = {}): ColumnsInput {
  const { seed = 1, start = Date.UTC(2023, 0, 1), step = 3_600_000, price = 30_000 } = options;
  const { volatility = 0.006, digits = 2 } = options;
  const random = mulberry32(seed);
  const normal = () => (random() + random() + random() + random() - 2) * Math.sqrt(3);
  const scale = 10 ** digits;
  const round = (value: number) => Math.max(1, Math.round(value * scale)) / scale;
  const column = () => new Float64Array(bars);
  const [time, open, high, low, close, volume] = Array.from({ length: 6 }, column);
  let last = round(price);
  for (let i = 0; i < bars; i++) {
    const end = round(last * Math.exp(normal() * volatility));
    time[i] = start + i * step;
    open[i] = last;
    close[i] = end;
    high[i] = round(Math.max(last, end) * (1 + random() * volatility * 0.6));
    low[i] = Math.min(last, end, round(Math.min(last, end) * (1 - random() * volatility * 0.6)));
    high[i] = Math.max(high[i], last, end);
    volume[i] = Math.round(2000 * random() * (1 + Math.abs(end / last - 1) / volatility) * 100) / 1000;
    last = end;
  }
  return { time, open, high, low, close, volume };
}

/** A small generator of numbers from 0 to 1 (Tommy Ettinger's mulberry32, public domain). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
