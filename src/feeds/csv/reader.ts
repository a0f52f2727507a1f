import type { Bars } from '../../model/bars.ts';
import { DataError } from '../../model/errors.ts';
import { BarsBuilder } from './builder.ts';
import { CR, LF } from './bytes.ts';
import type { CsvFile, CsvText } from './decompress.ts';
import { DEFECTS, type Defect, defectError, type SkippedRows } from './errors.ts';
import { type CsvFormat, recognise } from './format.ts';
import { NumberReader } from './numbers.ts';
import type { CsvInternals, CsvOptions } from './options.ts';
import { GeneralRow } from './row.ts';
import { PlainRows } from './rows.ts';
import { findSeparator, sampleRows } from './sample.ts';
import { lineEnd, RowSplitter } from './split.ts';
import { ByteWindow, ROW_LIMIT } from './window.ts';

/** How much of a text its format is recognised by, in bytes. */
const SAMPLE = 1 << 16;

/** One pass over a file. */
export interface CsvPass {
  readonly options: CsvOptions;
  readonly internals: CsvInternals;
  /** The base asset, by which a column `Volume BTC` is known. */
  readonly base: string;
  readonly signal: AbortSignal | undefined;
  readonly skipped: SkippedRows;
  /** Filled once the first text is recognised. */
  format: CsvFormat | undefined;
}

/** All bars of a file in its own order, in chunks. */
export async function* readBars(file: CsvFile, pass: CsvPass): AsyncGenerator<Bars> {
  const direction = pass.options.reverse === true ? -1 : 1;
  let builder: BarsBuilder | undefined;
  let last = Number.NEGATIVE_INFINITY * direction;
  for await (const text of file.texts()) {
    const window = new ByteWindow(text.source, pass.internals.step);
    const format = await recogniseText(window, text, pass);
    pass.format ??= format;
    if (pass.format.extras.join() !== format.extras.join()) {
      throw new DataError('CSV_ENTRIES_DIFFER', 'the columns differ from those of the entry before', {
        file: text.name,
        value: format.extras,
        limit: pass.format.extras,
        fix: 'pack only files of one layout together',
      });
    }
    builder ??= new BarsBuilder(format.extras, pass.internals.chunk);
    const reader = new TextReader(window, format, builder, text, pass, direction, last);
    while (await reader.advance()) {
      yield builder.take();
      if (pass.signal?.aborted) return;
    }
    last = reader.last;
  }
  if (builder !== undefined && builder.length > 0) yield builder.take();
}

async function recogniseText(window: ByteWindow, text: CsvText, pass: CsvPass): Promise<CsvFormat> {
  await window.fillTo(3);
  const { bytes } = window;
  if (window.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) window.start = 3;
  let size = SAMPLE;
  let sample: Uint8Array;
  let final: boolean;
  let separator: number;
  let rows: number;
  for (;;) {
    await window.fillTo(size);
    sample = window.bytes.subarray(window.start, Math.min(window.end, window.start + size));
    final = window.final && window.length <= size;
    separator = pass.options.separator?.charCodeAt(0) ?? findSeparator(sample, final);
    rows = sampleRows(sample, separator, final, 2).length;
    // A header alone tells too little.
    if (final || size > ROW_LIMIT || rows === 2) break;
    size *= 2;
  }
  if (rows === 0) throwBrokenStart(sample, separator, final, text.name);
  return recognise(sample, final, text.name, pass.options, pass.base);
}

/** Says why a text has not one row that can be split; returns for one that is blank. */
function throwBrokenStart(sample: Uint8Array, separator: number, final: boolean, file: string): void {
  const splitter = new RowSplitter(separator);
  let line = 1;
  for (let at = 0; at < sample.length; at = splitter.next) {
    const result = splitter.split(sample, at, sample.length, final);
    if (result === 'more') throw defectError(overlong(sample, at, sample.length), file, line);
    if (result !== 'blank' && result !== 'row') throw defectError(quoteDefect(result), file, line);
    line += splitter.lines;
  }
}

/** Reads one text: plain rows in a tight loop, all others one by one. */
class TextReader {
  readonly #window: ByteWindow;
  readonly #builder: BarsBuilder;
  readonly #text: CsvText;
  readonly #pass: CsvPass;
  readonly #lineEnd: number;
  readonly #fast: boolean;
  readonly #splitter: RowSplitter;
  readonly #row: GeneralRow;
  readonly #rows: PlainRows;
  /** Behind the last line end in the window. */
  #to = 0;
  #header: boolean;
  /** The rest of a row beyond the limit is to be dropped. */
  #dropping = false;

  constructor(
    window: ByteWindow,
    format: CsvFormat,
    builder: BarsBuilder,
    text: CsvText,
    pass: CsvPass,
    direction: number,
    last: number,
  ) {
    const numbers = new NumberReader(format.decimal);
    this.#window = window;
    this.#builder = builder;
    this.#text = text;
    this.#pass = pass;
    this.#lineEnd = format.lineEnd;
    // Quoted decimal commas between commas are for the general parser only.
    this.#fast = pass.internals.fast && format.decimal !== format.separator;
    this.#splitter = new RowSplitter(format.separator);
    this.#row = new GeneralRow(format, numbers, pass.options.nullValue, direction);
    this.#rows = new PlainRows(format, numbers, builder, direction, last);
    this.#header = format.hasHeader;
    this.#findLineEnd();
  }

  /** Time of the last bar. */
  get last(): number {
    return this.#rows.last;
  }

  /** Reads until the chunk is full (true) or the text ends (false). */
  async advance(): Promise<boolean> {
    const window = this.#window;
    const builder = this.#builder;
    const fast = this.#fast;
    for (;;) {
      if (this.#dropping) await this.#dropLine();
      if (fast && !this.#header) window.start = this.#rows.read(window.bytes, window.start, this.#to);
      if (builder.length === builder.capacity) return true;
      if (window.length > 0 && this.#readOne()) continue;
      if (window.final && window.length === 0) return false;
      if (this.#pass.signal?.aborted) return false;
      // Doubling keeps the work on one long row linear, however few bytes a read brings.
      await window.fillTo(Math.max(1, window.length * 2));
      this.#findLineEnd();
    }
  }

  /** Reads the next row by all rules; false when its end is not in the window. */
  #readOne(): boolean {
    const window = this.#window;
    const splitter = this.#splitter;
    const { bytes, start, end } = window;
    const result = splitter.split(bytes, start, end, window.final);
    if (result === 'more' && end - start <= ROW_LIMIT) return false;
    if (result === 'more' || splitter.next - start > ROW_LIMIT) {
      this.#refuse(overlong(bytes, start, end));
      this.#dropping = true;
      return true;
    }
    if (result === 'stray' || result === 'unterminated') this.#refuse(quoteDefect(result));
    else if (result === 'row') this.#take();
    window.start = splitter.next;
    this.#rows.line += splitter.lines;
    return true;
  }

  #take(): void {
    if (this.#header) {
      this.#header = false;
      return;
    }
    const row = this.#row;
    const builder = this.#builder;
    const defect = row.read(this.#window.bytes, this.#splitter, this.last);
    if (defect === 'null') this.#pass.skipped.add('no bar (null)', this.#rows.line, this.#entry);
    else if (defect !== undefined) this.#refuse(defect);
    else {
      for (let i = 0; i < row.values.length; i++) builder.values[i][builder.length] = row.values[i];
      builder.time[builder.length++] = row.time;
      this.#rows.last = row.time;
    }
  }

  #refuse(defect: Defect): void {
    const { line } = this.#rows;
    if (this.#pass.options.onBadRow !== 'skip') throw defectError(defect, this.#text.name, line);
    this.#pass.skipped.add(DEFECTS[defect.code], line, this.#entry);
  }

  get #entry(): string {
    return this.#text.entry ?? '';
  }

  /** Drops the rest of a physical line, of any length. */
  async #dropLine(): Promise<void> {
    const window = this.#window;
    this.#dropping = false;
    this.#rows.line++;
    for (;;) {
      let at = window.start;
      while (at < window.end && window.bytes[at] !== LF && window.bytes[at] !== CR) at++;
      const after = at === window.end ? -1 : lineEnd(window.bytes, at, window.end, window.final);
      window.start = after === -1 ? at : after;
      if (after !== -1 || (window.final && at === window.end)) break;
      await window.fill();
    }
    this.#findLineEnd();
  }

  #findLineEnd(): void {
    const { bytes, start, end } = this.#window;
    // Whether a CR ends a line alone, the byte after it tells.
    const at = bytes.lastIndexOf(this.#lineEnd, this.#lineEnd === CR ? end - 2 : end - 1);
    this.#to = end - start < 2 || at < start ? start : at + 1;
  }
}

function quoteDefect(result: 'stray' | 'unterminated'): Defect {
  return result === 'stray'
    ? {
        code: 'CSV_QUOTE_STRAY',
        problem: 'there is text behind a closing quote',
        value: '"',
        fix: 'double the quotes inside a quoted field',
      }
    : {
        code: 'CSV_QUOTE_UNTERMINATED',
        problem: 'a quote that opens here is never closed',
        value: '"',
        fix: 'close it, or remove it',
      };
}

/** What a row beyond the limit is: one endless line, or lines that a quote swallowed. */
function overlong(bytes: Uint8Array, start: number, end: number): Defect {
  const line = bytes.subarray(start, Math.min(end, start + ROW_LIMIT));
  if (line.includes(LF) || line.includes(CR)) return quoteDefect('unterminated');
  return {
    code: 'CSV_ROW_TOO_LONG',
    problem: `the row is longer than ${ROW_LIMIT} bytes`,
    value: end - start,
    limit: ROW_LIMIT,
    fix: 'check that this is a CSV file with line ends',
  };
}
