import { NumberColumn } from '../model/columns.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Interval } from '../model/interval.ts';
import type { DataWriter } from '../series/data.ts';
import { Line, ringOf } from '../series/line.ts';
import type { FeedCursor } from './cursor.ts';
import type { Strategy } from './strategy.ts';

/** One indicator line of a recording: a value a bar, NaN where it has none. */
export interface RecordedLine {
  /** `SMA(10)`, `BB(20, 2).upper`. */
  readonly label: string;
  /** Lines of one indicator share it. */
  readonly group: string;
  /** The strategy's field that holds it, or ''. */
  readonly field: string;
  readonly values: Float64Array;
}

/** The bars of one data in the run (warm-up left out), and the indicators on them. */
export interface RecordedData {
  readonly instrument: Instrument;
  readonly interval: Interval;
  /** Open times, epoch ms UTC. */
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly lines: readonly RecordedLine[];
}

const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Keeps what a chart of the run needs: bars and indicators, of every data. Costs 8 bytes a value. */
export class Recorder {
  #recordings: DataRecording[] = [];

  /** Called by the engine when the strategy's graph is complete. */
  attach(strategy: Strategy, cursors: readonly FeedCursor[]): void {
    const fields = fieldsOf(strategy);
    this.#recordings = cursors.map(cursor => {
      const recording = new DataRecording(cursor, fields);
      cursor.onLoad = (writer, from, to, warmup, revises) => {
        if (!warmup) recording.add(writer, from, to, revises);
      };
      return recording;
    });
  }

  get datas(): RecordedData[] {
    return this.#recordings.map(recording => recording.result());
  }
}

class DataRecording {
  readonly #cursor: FeedCursor;
  readonly #time = new NumberColumn(1024);
  readonly #columns = Object.fromEntries(COLUMNS.map(name => [name, new NumberColumn(1024)])) as Record<
    (typeof COLUMNS)[number],
    NumberColumn
  >;
  readonly #lines: { line: Line; group: string; field: string; values: NumberColumn }[] = [];

  constructor(cursor: FeedCursor, fields: ReadonlyMap<Line, string>) {
    this.#cursor = cursor;
    for (const kernel of cursor.writer.clock.kernels) {
      for (const line of Object.values(kernel.outputs)) {
        if (!(line instanceof Line)) continue;
        const field = fields.get(line) ?? '';
        if (kernel.role === 'operator' && field === '') continue;
        this.#lines.push({ line, group: kernel.label, field, values: new NumberColumn(1024) });
      }
    }
  }

  /** `revises`: the first row is the last one of before, revised. */
  add(writer: DataWriter, from: number, to: number, revises: boolean): void {
    const { bars, clock } = writer;
    // The first bar of the run may have begun in the warm-up.
    if (revises && this.#time.length > 0) this.#dropLast();
    for (let row = from; row < to; row++) this.#time.push(this.#cursor.barTime(row));
    for (const name of COLUMNS) this.#columns[name].append(bars[name].subarray(from, to));
    const first = writer.first + from;
    for (const { line, values } of this.#lines) {
      const ring = ringOf(line);
      for (let bar = first; bar < first + to - from; bar++) values.push(ring[bar & clock.mask]);
    }
  }

  #dropLast(): void {
    this.#time.pop();
    for (const name of COLUMNS) this.#columns[name].pop();
    for (const { values } of this.#lines) values.pop();
  }

  result(): RecordedData {
    const { instrument, interval } = this.#cursor.feed;
    return {
      instrument,
      interval,
      time: this.#time.view(),
      open: this.#columns.open.view(),
      high: this.#columns.high.view(),
      low: this.#columns.low.view(),
      close: this.#columns.close.view(),
      volume: this.#columns.volume.view(),
      lines: this.#lines.map(({ line, group, field, values }) => ({
        label: line.label,
        group,
        field,
        values: values.view(),
      })),
    };
  }
}

/** The strategy's own fields that hold a line, or an object of lines as `macd` returns it. */
function fieldsOf(strategy: Strategy): Map<Line, string> {
  const fields = new Map<Line, string>();
  for (const [name, value] of Object.entries(strategy)) {
    if (value instanceof Line) fields.set(value, name);
    else if (
      value !== null &&
      typeof value === 'object' &&
      Object.getPrototypeOf(value) === Object.prototype
    ) {
      for (const [part, line] of Object.entries(value))
        if (line instanceof Line) fields.set(line, `${name}.${part}`);
    }
  }
  return fields;
}
