import type { LiveNotice, Series } from '../../feeds/live/contract.ts';
import type { BarEvent, GapEvent, StatusEvent, WarningEvent } from '../../live/events.ts';
import type { RecordSummary } from '../../live/record/recorder.ts';
import type { Bar, Bars } from '../../model/bars.ts';
import { barEnd } from '../../model/interval.ts';
import { number, paint, type TerminalStyle, utcTime } from '../../report/console/format.ts';
import { figure, utcSecond } from '../../report/console/live-lines.ts';
import type { Endpoints } from '../../venues/binance/endpoints.ts';
import { shown } from '../files/shown.ts';
import { StatusLine } from '../output/status-line.ts';
import { styleOf } from '../output/terminal.ts';

/** What a recording begins with. */
export interface RecordBeginning {
  readonly series: readonly Series[];
  /** Empty when the rows go to stdout. */
  readonly files: readonly { readonly path: string; readonly torn: number }[];
  /** Open time of the symbol's last row, epoch ms UTC. */
  last(symbol: string): number | undefined;
}

/** What a recording came to. `different`: bars that the store had with other values, which stand. */
export interface RecordEnd extends RecordSummary {
  readonly different: number;
}

/** Those who watch a recording. */
export interface RecordOutput {
  begin(beginning: RecordBeginning): void;
  notice(notice: LiveNotice): void;
  bars(series: Series, bars: Bars, late: boolean): void | Promise<void>;
  forming(series: Series, bar: Bar, time: number): void;
  gap(series: Series, gap: { from: number; to: number; cause: string }): void;
  end(summary: RecordEnd, reason: 'ended' | 'stopped'): void;
  /** Rows are about to be written to stdout. */
  beforeRows(): void;
  /** Leaves the terminal as it should be, whatever has happened. */
  close(): void;
}

/** Lines for people on stderr: stdout may have the rows. */
export class TextRecordOutput implements RecordOutput {
  readonly #quiet: boolean;
  readonly #showsForming: boolean;
  readonly #endpoints: Endpoints;
  readonly #line = new StatusLine(process.stderr);
  readonly #style: TerminalStyle = styleOf(process.stderr);
  /** Of each symbol, the last update of its open bar. */
  readonly #open = new Map<string, string>();
  #symbols = 1;
  #bars = 0;
  #last = '';

  constructor(flags: { readonly quiet?: boolean; readonly forming?: boolean }, endpoints: Endpoints) {
    this.#quiet = flags.quiet ?? false;
    this.#showsForming = flags.forming ?? false;
    this.#endpoints = endpoints;
  }

  begin({ series, files, last }: RecordBeginning): void {
    const [{ interval }] = series;
    this.#symbols = series.length;
    const few =
      series.length <= 5 ? series.map(({ symbol }) => symbol).join(', ') : `${series.length} symbols`;
    const paths = files.map(({ path }) => (path.includes('://') ? path : shown(path)));
    const into =
      paths.length === 0 ? 'to stdout' : paths.length <= 5 ? paths.join(', ') : `${paths.length} files`;
    this.#say(
      `Recording ${few} ${interval} from ${this.#endpoints.name} ${paths.length === 0 ? '' : 'into '}${into}`,
    );
    for (const { symbol } of series) {
      const time = last(symbol);
      if (time !== undefined) this.#say(`${symbol} goes on after ${utcTime(time)} UTC`);
    }
    for (const { path, torn } of files) {
      if (torn > 0) this.#warn(`${shown(path)} ended in a torn row: ${number(torn, 0)} bytes were cut off`);
    }
  }

  notice({ time, level, message }: LiveNotice): void {
    const text = `${utcSecond(time)}  ${message}`;
    if (level === 'info') this.#say(paint(this.#style, 'dim', text));
    else this.#warn(text);
  }

  bars(series: Series, bars: Bars): void {
    this.#bars += bars.length;
    const row = bars.length - 1;
    this.#last = `${series.symbol} ${utcTime(bars.time[row])} close ${figure(bars.close[row])}`;
    if (this.#quiet || this.#showsForming) return;
    this.#line.show(() => `${number(this.#bars, 0)} bars, last ${this.#last}`);
  }

  forming({ symbol, interval }: Series, bar: Bar): void {
    const { time, open, high, low, close, volume } = bar;
    const prices = `open ${figure(open)}  high ${figure(high)}  low ${figure(low)}  close ${figure(close)}`;
    const text = `${symbol} ${interval} ${utcTime(time)}  ${prices}  volume ${figure(volume)}`;
    if (!this.#line.isTerminal) {
      process.stderr.write(`forming  ${text}\n`);
      return;
    }
    this.#open.set(symbol, this.#symbols === 1 ? text : `${symbol} ${figure(close)}`);
    this.#line.show(() => [...this.#open.values()].join('  '));
  }

  // The feed's own notice tells of it.
  gap(): void {}

  end({ rows, duplicates, gaps, different }: RecordEnd, reason: 'ended' | 'stopped'): void {
    const why = reason === 'ended' ? 'The data is over' : 'Stopped';
    const extra = [
      gaps === 0 ? '' : `, ${number(gaps, 0)} gaps`,
      duplicates === 0 ? '' : `, ${number(duplicates, 0)} that were there already left out`,
      different === 0 ? '' : `, ${number(different, 0)} differ from those that are stored, which stand`,
    ];
    this.#say(`${why}: ${number(rows, 0)} rows written${extra.join('')}`);
  }

  beforeRows(): void {
    // A row on the same terminal is not to be written behind the line.
    if (process.stdout.isTTY) this.#line.clear();
  }

  close(): void {
    this.#line.close();
  }

  #say(text: string): void {
    if (!this.#quiet) this.#line.print(text);
  }

  #warn(text: string): void {
    this.#line.print(paint(this.#style, 'yellow', text));
  }
}

/** What `qt record --json` prints, one object a line. */
type RecordEvent =
  | BarEvent
  | GapEvent
  | StatusEvent
  | WarningEvent
  | {
      readonly type: 'end';
      readonly reason: 'ended' | 'stopped';
      readonly rows: number;
      readonly gaps: number;
    };

/** Objects for programs, on stdout: the reader sets the pace. */
export class JsonRecordOutput implements RecordOutput {
  #time = Number.NaN;

  begin({ files }: RecordBeginning): void {
    for (const { path, torn } of files) {
      if (torn === 0) continue;
      const message = `${shown(path)} ended in a torn row: ${torn} bytes were cut off`;
      this.#write([{ type: 'warning', time: this.#time, code: 'ROW_TORN', message }]);
    }
  }

  notice({ time, level, code, message }: LiveNotice): void {
    if (code === 'GAP') return;
    this.#write([{ type: level === 'info' ? 'status' : 'warning', time, code, message }]);
  }

  bars({ symbol, interval }: Series, bars: Bars, late: boolean): Promise<void> {
    const events: BarEvent[] = [];
    for (let i = 0; i < bars.length; i++) {
      this.#time = barEnd(bars.time[i], interval);
      events.push({
        type: 'bar',
        time: this.#time,
        symbol,
        interval,
        openTime: bars.time[i],
        open: bars.open[i],
        high: bars.high[i],
        low: bars.low[i],
        close: bars.close[i],
        volume: bars.volume[i],
        ...Object.fromEntries(Object.entries(bars.extra).map(([name, column]) => [name, column[i]])),
        closed: true,
        late,
      });
    }
    return this.#write(events);
  }

  forming({ symbol, interval }: Series, bar: Bar, time: number): void {
    // The next update says more.
    if (process.stdout.writableNeedDrain) return;
    const { time: openTime, open, high, low, close, volume } = bar;
    const prices = { open, high, low, close, volume };
    this.#write([{ type: 'bar', time, symbol, interval, openTime, ...prices, closed: false, late: false }]);
  }

  gap({ symbol, interval }: Series, { from, to, cause }: { from: number; to: number; cause: string }): void {
    this.#write([{ type: 'gap', time: to, symbol, interval, from, to, cause }]);
  }

  end({ rows, gaps }: RecordSummary, reason: 'ended' | 'stopped'): void {
    this.#write([{ type: 'end', reason, rows, gaps }]);
  }

  beforeRows(): void {}

  close(): void {}

  #write(events: readonly RecordEvent[]): Promise<void> {
    const text = events.map(event => `${JSON.stringify(event)}\n`).join('');
    // A reader that has gone ends the program elsewhere.
    return new Promise(done => process.stdout.write(text, () => done()));
  }
}
