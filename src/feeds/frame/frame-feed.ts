import { type Bars, OHLCV } from '../../model/bars.ts';
import { DataError } from '../../model/errors.ts';
import { instrument } from '../../model/instrument.ts';
import { isNumber } from '../csv/sample.ts';
import type { DataFeed } from '../feed.ts';
import { barsFeed, type MemoryOptions } from '../memory.ts';
import { type ColumnNames, type Found, type FramePlan, isNothing, planFrame } from './columns.ts';
import type { FrameInput } from './contract.ts';
import { readStamps } from './stamps.ts';
import { shownValue, type Table, tableOf } from './table.ts';

export interface FrameOptions extends MemoryOptions {
  /** Names of columns that are not to be guessed. */
  readonly columns?: ColumnNames;
}

/**
 * A feed over a danfojs `DataFrame` (of danfojs-node or danfojs), an object of columns, or an array of objects. Columns are
 * found by name in any case, the time also in the frame's index. Everything is copied and checked once; prices and times
 * are read as the doubles that they are, since danfojs's own arithmetic has 7 digits.
 * Throws `FRAME_*`, or what {@link memoryFeed} throws, with column and row (counted from 0).
 */
export function dataFrameFeed(input: FrameInput, options: FrameOptions = {}): DataFeed {
  const table = tableOf(input);
  const ownInstrument = options.instrument ?? instrument(options.symbol ?? 'DATA');
  const plan = planFrame(table, options.columns ?? {}, ownInstrument.base);
  const bars = barsOf(table, plan);
  const { prices, volume, stamp } = plan;
  const names = { time: stamp.name, volume: volume?.name ?? 'volume' };
  const rounded = roundedColumns(bars, plan);
  const feed = checked(rounded, () =>
    barsFeed(bars, { ...options, instrument: ownInstrument }, column =>
      column === 'time' || column === 'volume' ? names[column] : prices[column].name,
    ),
  );
  const notes = [...plan.notes, ...rounded.map(name => `column "${name}" ${ROUNDED}`)];
  return { ...feed, notes: () => notes };
}

const ROUNDED = "is rounded to float32 (7 digits), as danfojs's arithmetic leaves it";

/** Bars may contradict themselves because a part of them was rounded, which no look at the prices would tell. */
function checked(rounded: readonly string[], make: () => DataFeed): DataFeed {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== 'BAR_CONTRADICTORY' || rounded.length === 0)
      throw error;
    throw new DataError('FRAME_FLOAT32', `${ROUNDED}, and contradicts the others`, {
      column: rounded[0],
      value: error.value,
      limit: '7 digits',
      fix: 'calculate with the arrays of the columns instead of with danfojs, or leave the prices as they were',
      cause: error,
    });
  }
}

function barsOf({ rows }: Table, { stamp, prices, volume, extras }: FramePlan): Bars {
  const extra: Record<string, Float64Array> = {};
  for (const [name, column] of Object.entries(extras)) extra[name] = numbersOf(column, true);
  return {
    length: rows,
    time: readStamps(stamp),
    open: amountsOf(prices.open),
    high: amountsOf(prices.high),
    low: amountsOf(prices.low),
    close: amountsOf(prices.close),
    volume: volume === undefined ? new Float64Array(rows) : amountsOf(volume),
    extra,
  };
}

/** Prices and volumes, none of them missing or negative; what is not finite the feed refuses. */
function amountsOf(column: Found): Float64Array {
  const amounts = numbersOf(column, false);
  const row = amounts.findIndex(amount => amount < 0);
  if (row === -1) return amounts;
  throw new DataError('FRAME_NEGATIVE', `row ${row} is ${amounts[row]}`, {
    column: column.name,
    value: amounts[row],
    limit: 0,
    fix: 'give prices and volumes of 0 or more',
  });
}

/** The values as doubles; NaN for one that may be missing. */
function numbersOf({ name, values }: Found, mayMiss: boolean): Float64Array {
  if (values instanceof Float64Array) return values.slice();
  const numbers = new Float64Array(values.length);
  for (let row = 0; row < numbers.length; row++) {
    const value = values[row];
    if (typeof value === 'number') numbers[row] = value;
    else if (typeof value === 'bigint') numbers[row] = Number(value);
    else if (typeof value === 'string' && isNumber(value.trim(), '.')) numbers[row] = Number(value);
    else if (mayMiss && isNothing(value)) numbers[row] = Number.NaN;
    else {
      throw new DataError('FRAME_NOT_A_NUMBER', `row ${row} is ${shownValue(value)}`, {
        column: name,
        value,
        limit: 'a number',
        fix: 'give numbers; leave out bars that do not exist',
      });
    }
  }
  return numbers;
}

/** Columns that hold float32 values with more digits than these can: what danfojs has calculated. */
function roundedColumns(bars: Bars, { prices, volume }: FramePlan): string[] {
  return OHLCV.filter(role => isRounded(bars[role])).map(
    role => (role === 'volume' ? volume : prices[role])?.name ?? role,
  );
}

function isRounded(values: Float64Array): boolean {
  let isLong = false;
  for (const value of values) {
    if (Math.fround(value) !== value) return false;
    isLong ||= Number(value.toPrecision(9)) !== value;
  }
  return isLong;
}
