import type { Bars, DataFeed, Instrument, Interval } from '../../../src/index.ts';
import {
  type BacktraderResampling,
  backtraderReplay,
  backtraderResample,
  instrument,
} from '../../../src/index.ts';
import { sliceBars } from '../../../src/model/bars.ts';
import type { DataSpec, GoldenCase, Values } from './case.ts';
import { filterOf } from './filters.ts';
import type { GoldenFolder } from './folder.ts';
import { Given } from './given.ts';
import { dayOf, END_OF_DAY, parseClock, parseMoment } from './moments.ts';

const UNITS: Readonly<Record<string, string>> = {
  Seconds: 's',
  Minutes: 'm',
  Days: 'd',
  Weeks: 'w',
  Months: 'M',
  Years: 'y',
};

/** Bars are as the file has them; a bar that lasts a day or longer stands at the end of its last trading day. */
export class InputFeed implements DataFeed {
  readonly instrument: Instrument;
  readonly interval: Interval;
  readonly stamps = 'close';
  readonly columns: readonly string[] = [];
  readonly tradingDay: { readonly start: number; readonly end: number };
  readonly timeframe: string;
  readonly compression: number;
  readonly bars: Bars;
  readonly #chunk: number;

  /** `chunk`: bars at a time. */
  constructor(folder: GoldenFolder, spec: DataSpec, symbol: string, chunk: number) {
    const rows = rowsOf(folder, spec.file);
    const isDated = !rows[0][0].includes('T');
    this.timeframe = spec.timeframe ?? (isDated ? 'Days' : 'Minutes');
    this.compression = spec.compression ?? 1;
    const unit = UNITS[this.timeframe];
    if (unit === undefined) throw new Error(`the timeframe ${this.timeframe} of ${spec.file} is not known`);
    this.interval = `${this.compression}${unit}` as Interval;
    this.instrument = instrument(symbol, { market: 'usdm' });
    this.tradingDay = {
      start: spec.sessionstart === undefined ? 0 : parseClock(spec.sessionstart),
      end: spec.sessionend === undefined ? END_OF_DAY : parseClock(spec.sessionend),
    };
    this.#chunk = chunk;
    const all = barsOf(rows, isLong(this.timeframe), this.tradingDay.end);
    this.bars = between(all, spec.fromdate, spec.todate);
  }

  get length(): number {
    return this.bars.length;
  }

  async *events({ signal }: { readonly signal: AbortSignal }) {
    const { bars } = this;
    for (let from = 0; from < bars.length && !signal.aborted; from += this.#chunk) {
      const part = sliceBars(bars, from, Math.min(bars.length, from + this.#chunk));
      yield { kind: 'bars', bars: part, phase: 'run', late: false } as const;
    }
  }
}

const isLong = (timeframe: string) => ['Days', 'Weeks', 'Months', 'Years'].includes(timeframe);

/** Files are read by many cases; a few of them fit in memory easily. */
const parsed = new Map<string, string[][]>();
const MOST_PARSED = 4;

function rowsOf(folder: GoldenFolder, file: string): string[][] {
  const key = `${file}`;
  let rows = parsed.get(key);
  if (rows === undefined) {
    const [header, ...lines] = folder.input(file).trim().split('\n');
    if (!header.startsWith('datetime,open,high,low,close,volume')) {
      throw new Error(`inputs/${file} begins with "${header}", not with datetime,open,high,low,close,volume`);
    }
    rows = lines.map(line => line.split(','));
    if (parsed.size === MOST_PARSED) parsed.clear();
    parsed.set(key, rows);
  }
  return rows;
}

function barsOf(rows: readonly string[][], isLong: boolean, end: number): Bars {
  const column = (index: number) => Float64Array.from(rows, row => Number(row[index]));
  return {
    length: rows.length,
    time: Float64Array.from(rows, ([text]) => {
      const time = parseMoment(text);
      return isLong ? dayOf(time) + end : time;
    }),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
    extra: {},
  };
}

/** Both ends belong to it. */
function between(bars: Bars, from: string | undefined, to: string | undefined): Bars {
  const first = from === undefined ? 0 : bars.time.findIndex(time => time >= parseMoment(from));
  if (first < 0) return sliceBars(bars, bars.length, bars.length);
  const last = to === undefined ? bars.length - 1 : bars.time.findLastIndex(time => time <= parseMoment(to));
  return sliceBars(bars, first, Math.max(first, last + 1));
}

/** A data of a case: the feed of its bars, and where they come from. */
export interface CaseData {
  readonly feed: DataFeed;
  readonly input: InputFeed;
  /** True for bars whose records show the day and no time of day. */
  readonly isDaily: boolean;
}

/** The datas of a case, in its order; those that are made of others come last. */
export function datasOf(folder: GoldenFolder, golden: GoldenCase, chunk: number): CaseData[] {
  const symbols = new Map<string, number>();
  const inputOf = (spec: DataSpec) => {
    const name = spec.file.replace(/\.csv$/, '');
    const count = symbols.get(name) ?? 0;
    symbols.set(name, count + 1);
    // Two datas from one file are two positions.
    return new InputFeed(folder, spec, count === 0 ? name : `${name}#${count}`, chunk);
  };
  const datas = golden.data.map(spec => {
    const input = inputOf(spec);
    const feed = transformed(input, spec, 'stamp');
    return { feed, input, isDaily: isDaily(feed) };
  });
  const extra = (golden.resample_extra ?? []).map(({ of, params }) => {
    const spec = golden.data[of];
    if (spec === undefined) throw new Error(`resample_extra names data ${of}, which is not there`);
    const input = inputOf(spec);
    const feed = transformed(input, { ...spec, resample: params }, 'arrival');
    return { feed, input, isDaily: isDaily(feed) };
  });
  return [...datas, ...extra];
}

function transformed(
  input: InputFeed,
  { resample, replay, filters }: DataSpec,
  seen: 'stamp' | 'arrival',
): DataFeed {
  const filtered = (filters ?? []).reduce<DataFeed>((feed, spec) => filterOf(spec)(feed), input);
  if (resample != null) return backtraderResample(filtered, { ...resamplingOf('resample', resample), seen });
  return replay == null ? filtered : backtraderReplay(filtered, resamplingOf('replay', replay));
}

function resamplingOf(where: string, values: Values): BacktraderResampling {
  const given = new Given(where, values);
  const found = {
    timeframe: given.text('timeframe'),
    compression: given.number('compression'),
    boundoff: given.number('boundoff'),
    bar2edge: given.flag('bar2edge'),
    adjbartime: given.flag('adjbartime'),
    rightedge: given.flag('rightedge'),
    takelate: given.flag('takelate'),
    sessionend: given.flag('sessionend'),
  };
  given.done();
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

const isDaily = ({ interval, growsBy }: DataFeed) => /[dwMy]$/.test(growsBy ?? interval);
