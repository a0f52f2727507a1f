import { bucketsAt } from './pyramid.ts';

/** What is in view, in bars: bar i reaches from i − 0.5 to i + 0.5, and fractions of bars are allowed. */
export interface Viewport {
  readonly from: number;
  readonly to: number;
}

/** The buckets `from` (inclusive) to `to` (exclusive) of a level that are loaded into the chart. */
export interface Window {
  readonly level: number;
  readonly from: number;
  readonly to: number;
}

/** A candle narrower than this (px) is merged with its neighbour … */
const NARROWEST = 1.6;
/** … and one wider than this is taken apart. Three times the other, so that a level is not left as soon as entered. */
const WIDEST = 4.8;
const FEWEST_BARS = 10;

/** The finest level whose candles are wide enough; the current one as long as it does. */
export function chooseLevel({ from, to }: Viewport, width: number, current?: number): number {
  const spacing = width / (to - from);
  if (current !== undefined) {
    const now = spacing * 2 ** current;
    if (now >= NARROWEST && (now <= WIDEST || current === 0)) return current;
  }
  return Math.max(0, Math.ceil(Math.log2(NARROWEST / spacing)));
}

/**
 * The window to load for a viewport: the current one while it reaches a quarter of a screen beyond the view (or to the
 * end of the data), else one screen on both sides.
 */
export function chooseWindow(view: Viewport, level: number, bars: number, current?: Window): Window {
  const scale = 2 ** level;
  const buckets = bucketsAt(bars, level);
  const clamp = (bucket: number) => Math.min(buckets, Math.max(0, bucket));
  const from = view.from / scale;
  const to = view.to / scale;
  const screen = to - from;
  if (
    current?.level === level &&
    current.from <= clamp(Math.floor(from - screen / 4)) &&
    current.to >= clamp(Math.ceil(to + screen / 4))
  ) {
    return current;
  }
  return { level, from: clamp(Math.floor(from - screen)), to: clamp(Math.ceil(to + screen) + 1) };
}

/** Where a bar stands in a window, counted in the window's buckets: bucket 0 is centred on 0. */
export function toLogical(bar: number, window: Window): number {
  return (bar + 0.5) / 2 ** window.level - 0.5 - window.from;
}

/** Keeps a viewport at a sensible width and with bars in it. */
export function clampViewport({ from, to }: Viewport, bars: number): Viewport {
  const span = Math.min(Math.max(to - from, Math.min(FEWEST_BARS, bars + 1)), bars * 1.06 + 2);
  const centre = (from + to) / 2;
  const first = Math.min(Math.max(centre - span / 2, -0.5 - span * 0.3), bars - 0.5 - span * 0.7);
  // What is wider than the data is centred on it.
  const start = span > bars ? (bars - 1 - span) / 2 : first;
  return { from: start, to: start + span };
}

/** All bars, with a little air on both sides. */
export function wholeRange(bars: number): Viewport {
  return { from: -0.5 - bars * 0.01, to: bars - 0.5 + bars * 0.01 };
}

/** Zooms around a bar that keeps its place; a factor below 1 shows fewer bars. */
export function zoomAround({ from, to }: Viewport, bar: number, factor: number): Viewport {
  return { from: bar - (bar - from) * factor, to: bar + (to - bar) * factor };
}

/** The index of the last time at or before `time`; −1 when there is none. */
export function lastAtOrBefore(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
