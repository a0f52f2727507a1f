import type { ParameterSet, ParameterValues } from '../model/parameters.ts';
import type { Line } from '../series/line.ts';

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

/** The names of an indicator's lines. */
export type LineNames = readonly [string, ...string[]];

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

/** What there is to say of an indicator, however it is computed. */
export interface IndicatorFacts<I extends Inputs, P extends ParameterSet, L extends LineNames> {
  /** The function's name. */
  readonly name: string;
  /** Shown before the parameters in reports and errors: `SMA` in `SMA(10)`; default the name in capitals. */
  readonly label?: string;
  /** The field's full name: "Simple moving average"; default the name. */
  readonly title?: string;
  /** The library's own indicators have all of these three. */
  readonly group?: Group;
  /** How it is computed, in the words of docs/indicators.md: units, seed, what happens where it is undefined. */
  readonly formula?: string;
  /** Who described it where, or whose definition this is. */
  readonly source?: string;
  readonly inputs: I;
  /** The input values for which it is defined, where those are not all numbers; it is NaN for others. */
  readonly domain?: readonly [from: number, to: number];
  /** Default none. */
  readonly parameters?: P;
  /**
   * A plotting shift in bars, for lines that charts draw elsewhere than at the bar that knows them: -26 draws a value 26
   * bars back, and so does the name of a parameter that is 26. The line itself is causal.
   */
  readonly plotShift?: { readonly [K in L[number]]?: number | keyof P };
  /** True where most bars have no value by nature: a top is one bar among many. Default false. */
  readonly sparse?: boolean;
}

/** An indicator that is made of other indicators and operators, or of a kernel. */
export interface IndicatorSpec<I extends Inputs, P extends ParameterSet, L extends LineNames>
  extends IndicatorFacts<I, P, L> {
  readonly lines: L;
  /** Makes the lines; the inputs come in the order of `inputs`. New lines only, never an input itself. */
  readonly build: (parameters: ParameterValues<P>, ...inputs: BuildInputs<I>) => Lines<L>;
}

/** One bar's inputs: the value of the line, the values of two, or those of the columns. */
export type BarInput<I extends Inputs> = I extends 'line'
  ? number
  : I extends 'two lines' | 'line and level'
    ? { readonly a: number; readonly b: number }
    : I extends readonly (infer C extends Column)[]
      ? { readonly [K in C]: number }
      : never;

/** The lines' values at one bar, to be written; NaN where they are not. */
export type BarOutput<L extends LineNames> = { -readonly [K in L[number]]: number };

/**
 * An indicator that is computed bar by bar from its inputs and what it remembers. What it remembers is copied while a bar grows:
 * it holds numbers, truth values, texts, arrays, typed arrays, and objects of these, and nothing else.
 */
export interface BarIndicatorSpec<
  I extends Inputs,
  P extends ParameterSet,
  L extends LineNames,
  S extends object,
> extends IndicatorFacts<I, P, L> {
  /** Default one line with the indicator's name. */
  readonly lines?: L;
  /** Bars needed for the first value beyond the first; the lines are NaN before, though `next` sees these bars. Default 0. */
  readonly warmup?: number | ((parameters: ParameterValues<P>) => number);
  /** True when the value depends on all the past, fading, as an EMA's: live warm-up takes a margin for it. Default false. */
  readonly recursive?: boolean;
  /** What is remembered, before the first bar; default nothing. */
  readonly start?: (parameters: ParameterValues<P>) => S;
  /**
   * Computes one bar. An only line's value is returned; several are written to `lines`, or returned as an object. What is not
   * finite becomes NaN. Not called on a bar with an input that is NaN, where the lines are NaN too.
   */
  readonly next: (
    state: S,
    input: BarInput<I>,
    parameters: ParameterValues<P>,
    lines: BarOutput<L>,
  ) => L extends readonly [string] ? number : SeveralReturned<L>;
}

// biome-ignore lint/suspicious/noConfusingVoidType: who writes to `lines` returns nothing
type SeveralReturned<L extends LineNames> = Readonly<BarOutput<L>> | undefined | void;

/** What an indicator is, without its types: for tests, documents and namespaces. */
export interface IndicatorDefinition
  extends Omit<IndicatorFacts<Inputs, ParameterSet, LineNames>, 'plotShift'> {
  readonly label: string;
  readonly title: string;
  readonly parameters: ParameterSet;
  readonly lines: LineNames;
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
  L extends LineNames = LineNames,
> {
  (...args: readonly [...InputArguments<I>, options?: number | Options<P>]): Output<L>;
  readonly definition: IndicatorDefinition;
  /** The same with the lines by name, also where there is one only, and inputs and options as plain values. */
  readonly linesOf: (
    inputs: readonly unknown[],
    options?: number | Readonly<Record<string, unknown>>,
  ) => Readonly<Record<string, Line>>;
}
