import { InputError } from '../../model/errors.ts';
import { BLOCK, Clock } from '../../series/clock.ts';
import { Line, ringOf } from '../../series/line.ts';
import { keep } from './kept.ts';
import type { LineFunction, PerLine, Values, ValuesArguments } from './types.ts';

/** Values that fill a line. */
interface Source {
  readonly values: Values;
  readonly line: Line;
}

/**
 * An indicator over whole arrays, outside a strategy: `calculate(sma, closes, 30)`, `calculate(atr, { high, low, close })`,
 * `calculate(bollinger, closes, { bars: 20, width: 2 })`. Takes what the indicator takes, with numbers in place of lines,
 * and returns a new Float64Array for each line, as long as the input and NaN before the first value: the same bits as the
 * line has in a strategy. Any function that makes lines of lines will do.
 * Throws `LENGTHS_DIFFER`, and what the indicator throws.
 */
export function calculate<const F extends LineFunction>(
  indicator: F,
  ...args: ValuesArguments<F>
): PerLine<F, Float64Array> {
  const clock = new Clock('calculate', 0);
  const sources: Source[] = [];
  const made = indicator(
    ...((args as readonly unknown[]).map(given => lines(given, clock, sources)) as never),
  );
  const length = commonLength(sources);
  clock.seal(Math.min(BLOCK, length));
  const outputs = Object.entries(made instanceof Line ? { made } : made).map(([name, line]) => ({
    name,
    ring: ringOf(line),
    values: new Float64Array(length),
  }));
  for (let from = 0; from < length; from += BLOCK) {
    const to = Math.min(length, from + BLOCK);
    // Rings are a multiple of a block long, so a block is never cut in two.
    const start = from & clock.mask;
    for (const { values, line } of sources) fill(ringOf(line), start, values, from, to);
    clock.compute(from, to);
    for (const { ring, values } of outputs) values.set(ring.subarray(start, start + to - from), from);
  }
  keep(indicator, clock);
  const results = Object.fromEntries(outputs.map(({ name, values }) => [name, values]));
  return (made instanceof Line ? results.made : results) as PerLine<F, Float64Array>;
}

/** An argument as the indicator wants it: a line for numbers, an object of lines for columns. */
function lines(given: unknown, clock: Clock, sources: Source[]): unknown {
  if (isValues(given)) return lineOf(given, 'values', clock, sources);
  if (typeof given !== 'object' || given === null) return given;
  const columns = Object.entries(given).filter(([, values]) => isValues(values));
  if (columns.length === 0) return given;
  return Object.fromEntries(columns.map(([name, values]) => [name, lineOf(values, name, clock, sources)]));
}

/** The same values are the same line. */
function lineOf(values: Values, label: string, clock: Clock, sources: Source[]): Line {
  const known = sources.find(source => source.values === values);
  if (known !== undefined) return known.line;
  const line = new Line(clock, label, 1);
  sources.push({ values, line });
  return line;
}

function isValues(given: unknown): given is Values {
  return Array.isArray(given) || (ArrayBuffer.isView(given) && 'length' in given);
}

function commonLength(sources: readonly Source[]): number {
  const [first, ...rest] = sources;
  if (first === undefined) return 0;
  const other = rest.find(({ values }) => values.length !== first.values.length);
  if (other === undefined) return first.values.length;
  throw new InputError(
    'LENGTHS_DIFFER',
    `${first.line.label} has ${first.values.length} values and ${other.line.label} ${other.values.length}`,
    { value: other.values.length, limit: first.values.length, fix: 'give columns of the same bars' },
  );
}

function fill(ring: Float64Array, start: number, values: Values, from: number, to: number): void {
  if (values instanceof Float64Array) ring.set(values.subarray(from, to), start);
  else for (let i = from; i < to; i++) ring[start + i - from] = values[i];
}
