import { QtError, StrategyError } from '../model/errors.ts';
import { type ParameterSet, type ParameterValues, resolveParameters } from '../model/parameters.ts';
import { threw } from '../series/clock.ts';
import type { Kernel } from '../series/kernel.ts';
import { clockOf, Line, nameLine } from '../series/line.ts';
import { keyKernel, keyOf } from '../series/line-keys.ts';
import { BarKernel, type BarRule } from './bar-kernel.ts';
import type {
  BarIndicatorSpec,
  Group,
  Indicator,
  IndicatorDefinition,
  IndicatorFacts,
  IndicatorSpec,
  Inputs,
  LineNames,
} from './spec.ts';

export {
  type BarIndicatorSpec,
  type BuildInputs,
  type Column,
  GROUPS,
  type Group,
  type Indicator,
  type IndicatorDefinition,
  type IndicatorSpec,
  type InputArguments,
  type Inputs,
  type LineInput,
  type Lines,
  type Options,
  type Output,
} from './spec.ts';

/** The longest window any indicator takes: all of it is kept in memory, and TA-Lib has the same limit. */
export const MOST_BARS = 100_000;

/** Whose definition an indicator follows where two differ; the first is the default. */
export const CONVENTIONS = ['talib', 'backtrader'] as const;

export type Convention = (typeof CONVENTIONS)[number];

/**
 * Marks the declaration of a user's own indicator, whose code may do anything: its lines are computed anew in each run, while those
 * of the library depend on parameters and inputs alone.
 */
export const isOwn = Symbol('own');

/** How many definitions there have been, to tell them apart. */
let defined = 0;

/** Groups whose indicators are steps on the way to something, as operators are. */
const STEPS: ReadonlySet<Group> = new Set(['crosses', 'mathematics']);

/**
 * Makes an indicator of its declaration: `build` makes its lines of others (or of a kernel), `next` computes them bar by bar
 * from what `start` has begun. Everything else about the two is the same.
 */
export function indicator<
  const I extends Inputs,
  const L extends LineNames,
  const P extends ParameterSet = Readonly<Record<never, never>>,
>(spec: IndicatorSpec<I, P, L>): Indicator<I, P, L>;
export function indicator<
  const I extends Inputs,
  const L extends LineNames = readonly [string],
  const P extends ParameterSet = Readonly<Record<never, never>>,
  S extends object = Readonly<Record<never, never>>,
>(spec: BarIndicatorSpec<I, P, L, S>): Indicator<I, P, L>;
export function indicator(spec: AnySpec): unknown {
  const { name, inputs, group, title = name, lines = [name], label = name.toUpperCase() } = spec;
  const set = spec.parameters ?? {};
  const [first] = Object.keys(set);
  const inputCount = inputCountOf(inputs);
  const identity = spec[isOwn] === true ? undefined : `${name}@${defined++}`;
  const linesOf = (given: readonly unknown[], options: number | Readonly<Record<string, unknown>> = {}) => {
    const values = typeof options === 'number' ? { [first ?? '']: options } : options;
    const parameters = resolveParameters(set, values, name);
    const used = inputLines(name, inputs, given);
    const parts = [
      ...(inputCount > 1 ? used.map(operandLabel) : []),
      ...Object.values(parameters).filter(value => typeof value === 'number'),
    ];
    const shown = parts.length === 0 ? label : `${label}(${parts.join(', ')})`;
    const { kernels } = clockOf(used[0] as Line);
    const before = kernels.length;
    const built = linesBy(spec, lines, shown, parameters, used);
    // Reports draw an indicator, and not the steps it is made of.
    for (const kernel of kernels.slice(before)) {
      const own = lines.some(line => Object.values(kernel.outputs).includes(built[line]));
      if (!own) kernel.role = 'operator';
      else if (group === undefined || !STEPS.has(group)) kernel.role = 'indicator';
    }
    if (identity !== undefined) keyKernels(kernels.slice(before) as Kernel[], identity, parameters, used);
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
  const { build: _, next: __, start: ___, warmup: ____, recursive: _____, plotShift = {}, ...facts } = spec;
  const definition: IndicatorDefinition = {
    ...facts,
    ...{ title, label, lines, parameters: set },
    plotShift: plotShift as Record<string, number | string>,
  };
  return Object.assign(call, { definition, linesOf });
}

/** Either form, without its types. */
interface AnySpec extends Omit<IndicatorFacts<Inputs, ParameterSet, LineNames>, 'plotShift'> {
  readonly [isOwn]?: boolean;
  readonly plotShift?: unknown;
  readonly lines?: LineNames;
  readonly build?: unknown;
  readonly next?: unknown;
  readonly start?: unknown;
  readonly warmup?: unknown;
  readonly recursive?: boolean;
}

type Build = (parameters: object, ...inputs: readonly (Line | number)[]) => Readonly<Record<string, Line>>;

/** The lines of one use of an indicator; what its own code throws names it. */
function linesBy(
  spec: AnySpec,
  names: LineNames,
  label: string,
  parameters: ParameterValues<ParameterSet>,
  inputs: readonly (Line | number)[],
): Readonly<Record<string, Line>> {
  try {
    if (spec.build === undefined)
      return new BarKernel(label, spec as BarRule, names, parameters, inputs).outputs;
    const lines = (spec.build as Build)(parameters, ...inputs);
    for (const name of names) if (!(lines?.[name] instanceof Line)) throw noLine(spec.name, name);
    return lines;
  } catch (error) {
    if (error instanceof QtError) throw error;
    throw threw(label, 'as it was made', error);
  }
}

/** The same definition, parameters and inputs make the same kernels in the same order. */
function keyKernels(
  kernels: readonly Kernel[],
  identity: string,
  parameters: ParameterValues<ParameterSet>,
  inputs: readonly (Line | number)[],
): void {
  const operands = inputs.map(one => (typeof one === 'number' ? String(one) : keyOf(one)));
  if (operands.includes(undefined)) return;
  const key = `${identity}(${JSON.stringify(Object.values(parameters))};${operands.join(';')})`;
  for (const [i, kernel] of kernels.entries()) keyKernel(kernel, `${key}#${i}`);
}

function noLine(name: string, line: string): StrategyError {
  return new StrategyError('INDICATOR_RETURNED', `${name}: build() gave no line "${line}"`, {
    value: line,
    fix: 'return an object with a line for each name in lines',
  });
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
