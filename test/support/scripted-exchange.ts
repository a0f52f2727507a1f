import type { DataFeed, FeedEvent } from '../../src/feeds/feed.ts';
import type { LiveKlines } from '../../src/feeds/live/contract.ts';
import type { Bars } from '../../src/model/bars.ts';
import { type Instrument, instrument } from '../../src/model/instrument.ts';
import { type Interval, intervalMs } from '../../src/model/interval.ts';
import type { Columns } from './bars.ts';

export interface ScriptedSeries {
  readonly symbol: string;
  readonly interval: Interval;
  readonly columns: Columns;
  readonly instrument?: Instrument;
}

type Event = FeedEvent & { readonly feed: number };

/**
 * An exchange that plays bars in lockstep, as plain as possible: at each moment first the bars that closed are given, with
 * a clock, then the bars that opened, with a clock. Time goes on when every feed has been asked for more. Who connects
 * again gets the bars after its last one, and the present moment once more.
 */
export class ScriptedExchange {
  readonly #series: readonly ScriptedSeries[];
  readonly #moments: { readonly time: number; readonly events: Event[] }[] = [];
  /** The moment that has not been taken by everybody yet. */
  position = 0;

  constructor(series: readonly ScriptedSeries[]) {
    this.#series = series;
    const closes = new Map<number, Event[]>();
    const opens = new Map<number, Event[]>();
    const add = (map: Map<number, Event[]>, time: number, event: Event) =>
      map.set(time, [...(map.get(time) ?? []), event]);
    series.forEach(({ columns, interval }, feed) => {
      for (let row = 0; row < columns.time.length; row++) {
        const open = columns.time[row];
        const price = columns.open[row];
        const first = { time: open, open: price, high: price, low: price, close: price, volume: 0 };
        add(opens, open, { kind: 'forming', bar: first, time: open, feed });
        add(closes, open + intervalMs(interval), {
          kind: 'bars',
          bars: rows(columns, row, row + 1),
          phase: 'run',
          late: false,
          feed,
        });
      }
    });
    for (const time of [...new Set([...closes.keys(), ...opens.keys()])].sort((a, b) => a - b)) {
      for (const map of [closes, opens])
        if (map.has(time)) this.#moments.push({ time, events: map.get(time)! });
    }
  }

  get length(): number {
    return this.#moments.length;
  }

  connect(): LiveKlines {
    const { length } = this.#series;
    let asked = new Set<number>();
    let wake: () => void = () => {};
    let gate = new Promise<void>(resolve => {
      wake = resolve;
    });
    const pass = async (feed: number, signal: AbortSignal) => {
      if (signal.aborted) return;
      asked.add(feed);
      const { position } = this;
      signal.addEventListener('abort', () => wake(), { once: true });
      if (asked.size === length) {
        this.position++;
        asked = new Set();
        const open = wake;
        gate = new Promise(resolve => {
          wake = resolve;
        });
        open();
      }
      while (this.position === position && !signal.aborted) await gate;
    };
    const feeds = this.#series.map((one, feed): DataFeed => {
      const moments = this.#moments;
      const exchange = this;
      return {
        instrument: one.instrument ?? instrument(one.symbol),
        interval: one.interval,
        stamps: 'open',
        columns: [],
        clocked: true,
        async *events({ after, signal }): AsyncGenerator<FeedEvent> {
          let last = after ?? Number.NEGATIVE_INFINITY;
          for (let at = 0; at < moments.length; at++) {
            if (signal.aborted) return;
            const { time, events } = moments[at];
            const past = at < exchange.position;
            for (const event of events) {
              if (event.feed !== feed) continue;
              if (event.kind === 'bars' && event.bars.time[0] > last) {
                last = event.bars.time[0];
                yield event;
              } else if (event.kind === 'forming' && !past) yield event;
            }
            if (past) continue;
            yield { kind: 'clock', upTo: time };
            await pass(feed, signal);
          }
        },
      };
    });
    return {
      feeds,
      status: () => ({
        connections: [],
        series: [],
        time: this.#moments[this.position]?.time ?? Number.NaN,
        counters: { frames: 0, duplicates: 0, revised: 0, reconnects: 0, gapsFilled: 0, dropped: 0 },
      }),
      close: async () => {},
    };
  }
}

function rows(columns: Columns, from: number, to: number): Bars {
  const cut = (values: Float64Array) => values.slice(from, to);
  const { time, open, high, low, close, volume } = columns;
  return {
    length: to - from,
    time: cut(time),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
    extra: {},
  };
}
