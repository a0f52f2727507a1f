import { StrategyError } from '../model/errors.ts';
import { type ParameterSet, type ParameterValues, resolveParameters } from '../model/parameters.ts';
import { clockOf, Line, nameLine } from '../series/line.ts';

/** The longest window any indicator takes: all of it is kept in memory, and TA-Lib has the same limit. */
export const MOST_BARS = 100_000;

/** Whose definition an indicator follows where two differ; the first is the default. */
export const CONVENTIONS = ['talib', 'backtrader'] as const;

export type Convention = (typeof CONVENTIONS)[number];

/** A column of a data that an indicator may be computed from. */
export type Column = 'time' | 'open' | 'high' | 'low' | 'close' | 'volume';

/**
 * What an indicator is computed from: one line, two of them, a line and a level (another line or a number), or columns of
 * a data. Where a line is wanted, a data stands for its close.
 */
export type Inputs = 'line' | 'two lines' | 'line and level' | readonly Column[];

/** A line, or a data that stands for its close. */
export type LineInput = Line | { readonly close: Line };

/** The arguments an indicator takes before its options. */
export type InputArguments<I extends Inputs> = I extends 'line'
  ? readonly [input: LineInput]
  : I extends 'two lines'
    ? readonly [a: LineInput, b: LineInput]
    : I extends 'line and level'
      ? readonly [a: LineInput, b: LineInput | number]
      : I extends readonly (infer C extends Column)[]
        ? readonly [data: { readonly [K in C]: Line }]
        : never;

/** The arguments of {@link IndicatorSpec.build} after the parameters: a line for each input. */
export type BuildInputs<I extends Inputs> = I extends 'line and level'
  ? readonly [a: Line, b: Line | number]
  : I extends 'line'
    ? readonly [input: Line]
    : I extends 'two lines'
      ? readonly [a: Line, b: Line]
      : { readonly [K in keyof I]: Line };

/** What {@link IndicatorSpec.build} returns: a line for each name. */
export type Lines<L extends readonly string[]> = { readonly [K in L[number]]: Line };

/** What calling an indicator returns: the line itself where there is one, else a line for each name. */
export type Output<L extends readonly string[]> = L extends readonly [string] ? Line : Lines<L>;

export type Options<P extends ParameterSet> = Partial<ParameterValues<P>>;

/** Families, in the order in which documents list them. */
export const GROUPS = [
  'moving averages',
  'bands',
  'trend',
  'momentum',
  'volatility',
  'volume',
  'cycle',
  'price',
  'statistics',
  'extremes',
  'crosses',
  'mathematics',
  'candlestick patterns',
] as const;

export type Group = (typeof GROUPS)[number];

/** Groups whose indicators are steps on the way to something, as operators are. */
const STEPS: ReadonlySet<Group> = new Set(['crosses', 'mathematics']);

/** An indicator as its family's file declares it. */
export interface IndicatorSpec<
  I extends Inputs,
  P extends ParameterSet,
  L extends readonly [string, ...string[]],
> {
  /** The function's name. */
  readonly name: string;
  /** Shown before the parameters in reports and errors: `SMA` in `SMA(10)`; default the name in capitals. */
  readonly label?: string;
  /** The field's full name: "Simple moving average". */
  readonly title: string;
  readonly group: Group;
  /** How it is computed, in the words of docs/indicators.md: units, seed, what happens where it is undefined. */
  readonly formula: string;
  /** Who described it where, or whose definition this is. */
  readonly source: string;
  readonly inputs: I;
  /** The input values for which it is defined, where those are not all numbers; it is NaN for others. */
  readonly domain?: readonly [from: number, to: number];
  readonly parameters: P;
  readonly lines: L;
  /**
   * A plotting shift in bars, for lines that charts draw elsewhere than at the bar that knows them: -26 draws a value 26
   * bars back. The line itself is causal.
   */
  readonly plotShift?: { readonly [K in L[number]]?: number | keyof P };
  /** Makes the lines; the inputs come in the order of `inputs`. New lines only, never an input itself. */
  readonly build: (parameters: ParameterValues<P>, ...inputs: BuildInputs<I>) => Lines<L>;
}

/** What an indicator is, without its types: for tests, documents and namespaces. */
export interface IndicatorDefinition
  extends Omit<IndicatorSpec<Inputs, ParameterSet, readonly [string, ...string[]]>, 'build' | 'plotShift'> {
  readonly label: string;
  readonly plotShift: Readonly<Record<string, number | string>>;
}

/**
 * An indicator, called with its inputs and its options: `bollinger(this.data.close, { bars: 20, width: 2 })`. A single
 * number stands for the first parameter: `sma(this.data.close, 10)`. Throws `PARAMETER_UNKNOWN`, `PARAMETER_INVALID`,
 * `NOT_A_LINE`, `CLOCKS_MIXED`, `INDICATOR_OUTSIDE_INIT`.
 */
export interface Indicator<
  I extends Inputs = Inputs,
  P extends ParameterSet = ParameterSet,
  L extends readonly [string, ...string[]] = readonly [string, ...string[]],
> {
  (...args: readonly [...InputArguments<I>, options?: number | Options<P>]): Output<L>;
  readonly definition: IndicatorDefinition;
  /** The same with the lines by name, also where there is one only, and inputs and options as plain values. */
  readonly linesOf: (
    inputs: readonly unknown[],
    options?: number | Readonly<Record<string, unknown>>,
  ) => Readonly<Record<string, Line>>;
}

/** Makes an indicator of its declaration. */
export function indicator<
  const I extends Inputs,
  const P extends ParameterSet,
  const L extends readonly [string, ...string[]],
>(spec: IndicatorSpec<I, P, L>): Indicator<I, P, L> {
  const { build, plotShift = {}, ...rest } = spec;
  const { name, lines, label = name.toUpperCase() } = spec;
  const [first] = Object.keys(spec.parameters);
  const inputCount = inputCountOf(spec.inputs);
  const linesOf = (inputs: readonly unknown[], options: number | Readonly<Record<string, unknown>> = {}) => {
    const given = typeof options === 'number' ? { [first ?? '']: options } : options;
    const parameters = resolveParameters(spec.parameters, given, name) as ParameterValues<P>;
    const used = inputLines(name, spec.inputs, inputs);
    const { kernels } = clockOf(used[0] as Line);
    const before = kernels.length;
    const built: Readonly<Record<string, Line>> = build(parameters, ...(used as unknown as BuildInputs<I>));
    // Reports draw an indicator, and not the steps it is made of.
    for (const kernel of kernels.slice(before)) {
      const own = lines.some(line => Object.values(kernel.outputs).includes(built[line]));
      if (!own) kernel.role = 'operator';
      else if (!STEPS.has(spec.group)) kernel.role = 'indicator';
    }
    const parts = [
      ...(inputCount > 1 ? used.map(operandLabel) : []),
      ...Object.values(parameters).filter(value => typeof value === 'number'),
    ];
    const shown = parts.length === 0 ? label : `${label}(${parts.join(', ')})`;
    for (const line of lines) {
      nameLine(built[line], lines.length === 1 ? shown : `${shown}.${line}`);
      sources.set(
        built[line],
        used.find(one => one instanceof Line),
      );
    }
    return built;
  };
  const call = (...args: unknown[]) => {
    const options = args[inputCount] as number | Readonly<Record<string, unknown>> | undefined;
    const built = linesOf(args.slice(0, inputCount), options);
    return lines.length === 1 ? built[lines[0]] : built;
  };
  const definition: IndicatorDefinition = {
    ...rest,
    label,
    plotShift: plotShift as Record<string, number | string>,
  };
  return Object.assign(call, { definition, linesOf }) as unknown as Indicator<I, P, L>;
}

const sources = new WeakMap<Line, Line | undefined>();

/** The first line that an indicator's line was computed from; throws `NOT_AN_INDICATOR` for any other line. */
export function sourceOf(line: Line): Line {
  const source = sources.get(line);
  if (source !== undefined) return source;
  throw new StrategyError('NOT_AN_INDICATOR', `${line.label} is no indicator's line`, {
    value: line.label,
    fix: 'pass an indicator of one line, such as sma(this.data.close)',
  });
}

/** How many arguments come before the options. */
export function inputCountOf(inputs: Inputs): number {
  return inputs === 'two lines' || inputs === 'line and level' ? 2 : 1;
}

function inputLines(name: string, wanted: Inputs, given: readonly unknown[]): (Line | number)[] {
  if (wanted === 'line and level') return [lineOf(name, given[0]), levelOf(name, given[1])];
  if (typeof wanted === 'string') return given.map(one => lineOf(name, one));
  const [data] = given as readonly (Readonly<Record<string, unknown>> | undefined)[];
  return wanted.map(column => {
    const line = data?.[column];
    if (line instanceof Line) return line;
    throw new StrategyError('NOT_A_LINE', `${name} was given ${shownValue(data)} where a data belongs`, {
      value: data,
      limit: wanted,
      fix: `pass a data such as this.data, or { ${wanted.join(', ')} } of your own lines`,
    });
  });
}

function lineOf(name: string, given: unknown): Line {
  if (given instanceof Line) return given;
  const close = (given as { readonly close?: unknown } | undefined)?.close;
  if (close instanceof Line) return close;
  throw new StrategyError('NOT_A_LINE', `${name} was given ${shownValue(given)} where a line belongs`, {
    value: given,
    fix: 'pass a line such as this.data.close or another indicator',
  });
}

function levelOf(name: string, given: unknown): Line | number {
  if (typeof given !== 'number') return lineOf(name, given);
  if (Number.isFinite(given)) return given;
  throw new StrategyError('LEVEL_INVALID', `${name} was given the level ${given}`, {
    value: given,
    fix: 'use a finite number or a line',
  });
}

function operandLabel(operand: Line | number): string {
  return typeof operand === 'number' ? String(operand) : operand.label;
}

function shownValue(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
