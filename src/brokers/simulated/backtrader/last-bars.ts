import type { Bars } from '../../../model/bars.ts';

/** A bar as the broker keeps it; NaN before the first. */
export interface LastBar {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  /** When it was complete, epoch ms UTC. */
  time: number;
  number: number;
}

/**
 * The last two bars of each instrument. Orders are matched at every step, also against a bar that has been there for a
 * while because another instrument's makes the step.
 */
export class LastBars {
  readonly current: LastBar[];
  readonly previous: LastBar[];

  constructor(instruments: number) {
    this.current = Array.from({ length: instruments }, empty);
    this.previous = Array.from({ length: instruments }, empty);
  }

  take(instrument: number, bars: Bars, row: number, time: number, number: number): void {
    const bar = this.previous[instrument];
    this.previous[instrument] = this.current[instrument];
    this.current[instrument] = bar;
    bar.open = bars.open[row];
    bar.high = bars.high[row];
    bar.low = bars.low[row];
    bar.close = bars.close[row];
    bar.volume = bars.volume[row];
    bar.time = time;
    bar.number = number;
  }
}

function empty(): LastBar {
  const none = Number.NaN;
  return { open: none, high: none, low: none, close: none, volume: none, time: none, number: -1 };
}
