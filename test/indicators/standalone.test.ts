import {
  atr,
  bollinger,
  calculate,
  crossOver,
  type Data,
  ema,
  type Line,
  macd,
  memoryFeed,
  sma,
  stream,
  sub,
  talib,
} from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { type AnyIndicator, INDICATORS } from '../../src/indicators/registry.ts';
import { walk } from '../support/bars.ts';
import { readLines } from '../support/lines.ts';

const columns = walk(5000, 17);
type Build = (...inputs: unknown[]) => Line | Record<string, Line>;
type Values = Float64Array | Record<string, Float64Array>;
type Anything = { next(...values: unknown[]): number | Record<string, number> };

/** The inputs of an indicator, from something with columns: a data or arrays. */
function inputsOf<T>({ definition }: AnyIndicator, of: Readonly<Record<string, T>>): unknown[] {
  if (definition.inputs === 'two lines') return [of.high, of.low];
  if (definition.inputs === 'line and level') return [of.close, of.open];
  if (definition.inputs === 'line') return [of.close];
  return [Object.fromEntries((definition.inputs as readonly string[]).map(name => [name, of[name]]))];
}

const named = (values: Values) => (values instanceof Float64Array ? { values } : values);

describe.each(INDICATORS.map(one => ({ name: one.definition.name, one })))('$name', ({ one }) => {
  const build = one as unknown as Build;
  const whole = named(
    (calculate as unknown as (...args: unknown[]) => Values)(build, ...inputsOf(one, columns as never)),
  );

  test('has the same bits over arrays as in a strategy', async () => {
    const inStrategy = await readLines(memoryFeed(columns), (data: Data) => {
      const made = build(...inputsOf(one, data as never));
      return 'now' in made ? { values: made as Line } : made;
    });
    for (const [line, values] of Object.entries(inStrategy)) expect([...whole[line]]).toEqual(values);
  });

  test('has the same bits value by value', () => {
    const streamed = (stream as unknown as (of: unknown) => Anything)(one);
    const differing: string[] = [];
    for (let i = 0; i < 5000; i++) {
      const bar = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[i]]));
      const answer = streamed.next(...inputsOf(one, bar));
      for (const [line, values] of Object.entries(whole)) {
        const value = typeof answer === 'number' ? answer : answer[line];
        if (!Object.is(value, values[i])) differing.push(`${line} ${i}: ${value} ${values[i]}`);
      }
    }
    expect(differing).toEqual([]);
  });
});

test('arrays of any kind and columns with a close are values', () => {
  const { close } = columns;
  const expected = calculate(sma, close, 30);
  expect(calculate(sma, [...close], 30)).toEqual(expected);
  expect(calculate(sma, columns, { bars: 30 })).toEqual(expected);
  expect(calculate(sma, Float32Array.from(close), 30)).toEqual(
    calculate(sma, Array.from(Float32Array.from(close)), 30),
  );
});

test('the result is a new array as long as the input, however short that is', () => {
  for (const length of [0, 1, 2, 29, 30, 31, 2047, 2048, 2049, 4097]) {
    const close = columns.close.slice(0, length);
    const values = calculate(sma, close, 30);
    expect(values.length).toBe(length);
    expect(values).toEqual(calculate(sma, columns.close, 30).slice(0, length));
  }
});

test('columns of different lengths are refused', () => {
  const { high, low, close } = columns;
  const wrong = () => calculate(atr, { high, low, close: close.slice(1) });
  expect(wrong).toThrow(expect.objectContaining({ code: 'LENGTHS_DIFFER' }));
});

test('parameters are checked as in a strategy', () => {
  expect(() => calculate(sma, columns.close, 0)).toThrow(
    expect.objectContaining({ code: 'PARAMETER_INVALID' }),
  );
  expect(() => stream(sma, { bars: 2.5 })).toThrow(expect.objectContaining({ code: 'PARAMETER_INVALID' }));
});

test('any function that makes lines of lines can be calculated', () => {
  const { close } = columns;
  const distance = (line: Line, bars: number) => sub(line, ema(line, bars));
  const average = calculate(ema, close, 20);
  expect(calculate(distance, close, 20)).toEqual(close.map((value, i) => value - average[i]));
});

test('a level may be a number over arrays, and is the second of each pair value by value', () => {
  const { close } = columns;
  const crosses = calculate(crossOver, close, 100);
  const streamed = stream(crossOver);
  expect(crosses).toEqual(close.map(value => streamed.next(value, 100)));
  expect(crosses.filter(value => value === 1).length).toBeGreaterThan(0);
});

test("indicators by another library's names have its parameters and lines", () => {
  const { close } = columns;
  const { macdsignal } = calculate(talib.MACD, close, { fastperiod: 5, slowperiod: 9, signalperiod: 4 });
  expect(macdsignal).toEqual(calculate(macd, close, { fast: 5, slow: 9, signal: 4 }).signal);
  const streamed = stream(talib.MACD, { fastperiod: 5, slowperiod: 9, signalperiod: 4 });
  expect(macdsignal).toEqual(close.map(value => streamed.next(value).macdsignal));
});

test('a stream of several lines answers with one object that reads the current values', () => {
  const bands = stream(bollinger, { bars: 2, width: 1 });
  const first = bands.next(1);
  const kept = { ...bands.next(3) };
  expect(first).toBe(bands.now);
  expect(kept).toEqual({ upper: 3, middle: 2, lower: 1 });
  bands.next(7);
  expect(first.middle).toBe(5);
  expect(kept.middle).toBe(2);
});

describe.each(INDICATORS.map(one => ({ name: one.definition.name, one })))(
  'a preview of $name',
  ({ one }) => {
    test('is what the next value gives, and leaves no trace', () => {
      const open = stream as unknown as (of: unknown) => Anything & { preview: Anything['next'] };
      const [streamed, untouched] = [open(one), open(one)];
      const bar = (i: number) =>
        inputsOf(one, Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[i]])));
      const copy = (answer: number | Record<string, number>) =>
        typeof answer === 'number' ? answer : { ...answer };
      for (let i = 0; i < 300; i++) {
        streamed.preview(...bar(4999 - i));
        const expected = copy(streamed.preview(...bar(i)));
        streamed.preview(...bar(i + 1000));
        const answer = copy(streamed.next(...bar(i)));
        expect(answer).toEqual(copy(untouched.next(...bar(i))));
        expect(expected).toEqual(answer);
      }
    });
  },
);

test('a preview does not move the latest value', () => {
  const [average, bands] = [stream(sma, 2), stream(bollinger, { bars: 2, width: 1 })];
  for (const value of [1, 3]) {
    average.next(value);
    bands.next(value);
  }
  expect([average.preview(9), average.now, average.length]).toEqual([6, 2, 2]);
  expect(bands.preview(9)).toEqual({ upper: 9, middle: 6, lower: 3 });
  expect({ ...bands.now }).toEqual({ upper: 3, middle: 2, lower: 1 });
});

test('a stream knows its last value, its length and when all of its lines have a value', () => {
  const average = stream(sma, 3);
  expect(average.now).toBeNaN();
  expect([average.length, average.minPeriod]).toEqual([0, 3]);
  expect([1, 2, 3, 4].map(value => average.next(value))).toEqual([Number.NaN, Number.NaN, 2, 3]);
  expect([average.now, average.length]).toEqual([3, 4]);
});

test('inputs, options and results have types', () => {
  const { close, high, low } = columns;
  const one: Float64Array = calculate(atr, { high, low, close }, 14);
  const several: { readonly upper: Float64Array } = calculate(bollinger, close, { bars: 20, width: 2 });
  const streamed: number = stream(atr).next({ high: 2, low: 1, close: 1 });
  // @ts-expect-error: a low is wanted
  const without = () => calculate(atr, { high, close });
  // @ts-expect-error: sma has no such parameter
  const misspelt = () => stream(sma, { barz: 3 });
  expect(without).toThrow(expect.objectContaining({ code: 'NOT_A_LINE' }));
  expect(misspelt).toThrow(expect.objectContaining({ code: 'PARAMETER_UNKNOWN' }));
  expect([one.length, several.upper.length, streamed]).toEqual([5000, 5000, Number.NaN]);
});
