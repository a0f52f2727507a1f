import { isMissing } from './columns.ts';
import type { Defect, DefectCode } from './errors.ts';
import { CLOCK, type CsvFormat, NUMBER, STAMP, timeAdvice } from './format.ts';
import type { NumberReader } from './numbers.ts';
import type { RowSplitter } from './split.ts';
import { isClock, type TimeReader, timeKindOf } from './times.ts';

const OHLCV = ['open', 'high', 'low', 'close', 'volume'];

/** Reads one row that is split, by every rule there is; what is wrong with it comes as a defect. */
export class GeneralRow {
  time = 0;
  /** open, high, low, close, volume, then the extra columns. */
  readonly values: Float64Array;
  readonly #format: CsvFormat;
  readonly #numbers: NumberReader;
  readonly #nullValue: number | undefined;
  /** 1 when time must go forwards, -1 when backwards. */
  readonly #direction: number;

  constructor(format: CsvFormat, numbers: NumberReader, nullValue: number | undefined, direction: number) {
    this.#format = format;
    this.#numbers = numbers;
    this.#nullValue = nullValue;
    this.#direction = direction;
    this.values = new Float64Array(5 + format.extras.length);
  }

  /** Undefined for a good bar; `null` for a row that says that there is no bar. `last`: the bar before it. */
  read(bytes: Uint8Array, row: RowSplitter, last: number): Defect | 'null' | undefined {
    const { kinds, targets, names, stamp, clock } = this.#format;
    const wrongCount = this.#checkCount(row);
    if (wrongCount !== undefined) return wrongCount;
    if (this.#isNull(bytes, row)) return 'null';
    this.time = 0;
    for (let field = 0; field < row.count; field++) {
      const kind = kinds[field];
      if (kind === NUMBER) {
        const target = targets[field];
        const value = this.#number(bytes, row, field, target >= 5);
        if (typeof value !== 'number') return value;
        this.values[target] = value;
      } else if (kind === STAMP || kind === CLOCK) {
        const reader = kind === STAMP ? stamp : clock!;
        const from = row.starts[field];
        const to = row.ends[field];
        let time = reader.read(bytes, from, to);
        if (Number.isNaN(time)) {
          const text = row.text(bytes, field);
          time = reader.readLoosely(bytes, from, to, text);
          if (!Number.isFinite(time)) return notATime(text, names[field], reader, kind);
        }
        this.time += time;
      }
    }
    return this.#checkBar() ?? this.#checkOrder(last);
  }

  #checkCount(row: RowSplitter): Defect | undefined {
    const expected = this.#format.kinds.length;
    if (row.count === expected) return undefined;
    const value = row.count;
    const counted = `${value} field${value === 1 ? '' : 's'} instead of ${expected}`;
    if (row.count > expected) {
      return defect('CSV_FIELDS_SURPLUS', `the row has ${counted}`, value, {
        limit: expected,
        fix: 'remove the surplus separators, or quote fields that hold one',
      });
    }
    if (!row.terminated) {
      return defect('CSV_ROW_TRUNCATED', `the file ends in the middle of a row (${counted})`, value, {
        limit: expected,
        fix: 'get the whole file again, or remove this last line',
      });
    }
    return defect('CSV_FIELDS_MISSING', `the row has ${counted}`, value, {
      limit: expected,
      fix: 'complete the row or remove it; every row has the separator of the first',
    });
  }

  /** Yahoo writes days without trades as `null` in every column. */
  #isNull(bytes: Uint8Array, row: RowSplitter): boolean {
    const { kinds, targets } = this.#format;
    for (let field = 0; field < row.count; field++) {
      if (kinds[field] !== NUMBER || targets[field] > 3) continue;
      if (row.ends[field] - row.starts[field] !== 4) return false;
      if (row.text(bytes, field).toLowerCase() !== 'null') return false;
    }
    return true;
  }

  #number(bytes: Uint8Array, row: RowSplitter, field: number, isExtra: boolean): number | Defect {
    const from = row.starts[field];
    const to = row.ends[field];
    const column = this.#format.names[field];
    if (from === to) {
      if (this.#nullValue !== undefined) return this.#nullValue;
      if (isExtra) return Number.NaN;
      return defect('CSV_VALUE_EMPTY', 'the field is empty', '', {
        column,
        limit: 'a number',
        fix: 'fill it, remove the row, or say what stands for it: nullValue: 0',
      });
    }
    const value = this.#numbers.read(bytes, from, to);
    if (!Number.isNaN(value)) return value;
    const text = row.text(bytes, field);
    if (isExtra && isMissing(text)) return Number.NaN;
    const quoted = JSON.stringify(text.slice(0, 80));
    if (/^[+-]?(nan|inf(inity)?)$/i.test(text) || Math.abs(Number(text)) === Number.POSITIVE_INFINITY) {
      return defect('VALUE_NOT_FINITE', `${quoted} is not a finite number`, text, {
        column,
        limit: 'a finite number',
        fix: 'remove bars that do not exist',
      });
    }
    return defect('CSV_NOT_A_NUMBER', `${quoted} is not a number`, text, {
      column,
      limit: 'digits with a decimal mark',
      fix: isExtra ? `correct it, or leave the column out: columns: { "${column}": -1 }` : numberAdvice(text),
    });
  }

  #checkBar(): Defect | undefined {
    const [open, high, low, close] = this.values;
    for (const [i, name] of OHLCV.entries()) {
      const value = this.values[i];
      if (value < 0) {
        return defect('CSV_NEGATIVE', `${name} is ${value}`, value, {
          column: this.#nameOf(i),
          limit: 0,
          fix: 'prices and volumes are 0 or more; correct the row or remove it',
        });
      }
    }
    if (low <= open && low <= close && open <= high && close <= high) return undefined;
    const problem =
      high < low
        ? `high ${high} is below low ${low}`
        : open > high || close > high
          ? `high ${high} is below ${open > high ? `open ${open}` : `close ${close}`}`
          : `low ${low} is above ${open < low ? `open ${open}` : `close ${close}`}`;
    const isHigh = problem.startsWith('high');
    return defect('BAR_CONTRADICTORY', problem, isHigh ? high : low, {
      column: this.#nameOf(isHigh ? 1 : 2),
      limit: isHigh ? Math.max(open, low, close) : Math.min(open, close),
      fix: 'high must be the largest and low the smallest of the four',
    });
  }

  #checkOrder(last: number): Defect | undefined {
    if ((this.time - last) * this.#direction > 0) return undefined;
    const column = this.#format.names[this.#format.kinds.indexOf(STAMP)];
    const details = { column, limit: last };
    if (this.time === last) {
      return defect('TIME_DUPLICATE', `the bar before it has the same time ${iso(last)}`, this.time, {
        ...details,
        fix: 'remove one of the two',
      });
    }
    const way = this.#direction > 0 ? 'goes back' : 'goes forwards (reverse is set)';
    return defect('TIME_NOT_ASCENDING', `time ${way} from ${iso(last)} to ${iso(this.time)}`, this.time, {
      ...details,
      fix:
        this.#direction > 0
          ? 'sort the rows by time; for a file with the newest bar first set reverse: true'
          : 'leave reverse out, or sort the rows',
    });
  }

  #nameOf(target: number): string {
    const { kinds, targets, names } = this.#format;
    return names[targets.findIndex((own, field) => own === target && kinds[field] === NUMBER)];
  }
}

function notATime(text: string, column: string, reader: TimeReader, kind: number): Defect {
  const quoted = JSON.stringify(text.slice(0, 80));
  const other = kind === CLOCK ? undefined : timeKindOf(text);
  if (
    other !== undefined &&
    other !== reader.kind &&
    (reader.kind === 'epoch' || reader.kind === 'iso' || reader.kind === 'compact')
  ) {
    return defect(
      'CSV_TIME_MIXED',
      `${quoted} is written as ${other}, the rows before as ${reader.kind}`,
      text,
      {
        column,
        limit: reader.kind,
        fix: 'write all times in one format',
      },
    );
  }
  return defect('CSV_TIME_INVALID', `${quoted} is not a time`, text, {
    column,
    limit: reader.kind === 'pattern' ? 'the pattern given' : reader.kind,
    fix:
      text === column
        ? 'this row repeats the header: remove it'
        : kind === CLOCK || isClock(text)
          ? 'write it as HH:MM:SS'
          : timeAdvice(text),
  });
}

function numberAdvice(text: string): string {
  if (/^[+-]?\d+,\d+$/.test(text)) return "if the comma is the decimal mark: decimal: ','";
  if (/^[+-]?\d{1,3}([., ']\d{3})+/.test(text)) return 'write it without thousands separators';
  return 'correct it or remove the row';
}

function iso(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}

function defect(
  code: DefectCode,
  problem: string,
  value: unknown,
  details: { column?: string; limit?: unknown; fix: string },
): Defect {
  return { code, problem, value, ...details };
}
