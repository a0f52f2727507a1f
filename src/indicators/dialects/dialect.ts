import { InputError, suggestion } from '../../model/errors.ts';
import type { ParameterSet, ParameterValue, ParameterValues } from '../../model/parameters.ts';
import type { Line } from '../../series/line.ts';
import {
  type Indicator,
  type IndicatorDefinition,
  type InputArguments,
  type Inputs,
  inputCountOf,
} from '../definition.ts';

/** What another library calls a parameter's values (names, or numbers such as TA-Lib's MA_Type), with ours. */
export type ValueNames<T = ParameterValue> = Readonly<Record<string | number, T>>;

/** A parameter's values as the other library has them. */
type DialectValues<P extends ParameterSet, N extends Readonly<Record<string, keyof P & string>>, V> = {
  readonly [K in keyof N]?: K extends keyof V ? keyof V[K] : ParameterValues<P>[N[K]];
};

/** Parameters that change nothing, with values of the kind of their defaults. */
type IgnoredValues<G> = {
  readonly [K in keyof G]?: G[K] extends boolean ? boolean : G[K] extends number ? number : string;
};

/** How another library calls one of our indicators. */
export interface DialectTerms<
  P extends ParameterSet,
  L extends readonly string[],
  N extends Readonly<Record<string, keyof P & string>>,
  O extends Readonly<Record<string, L[number]>>,
  V extends { readonly [K in keyof N]?: ValueNames<ParameterValues<P>[N[K]]> } = Record<never, never>,
  G extends Readonly<Record<string, ParameterValue>> = Record<never, never>,
> {
  /** Its parameter names, in its order, with ours. */
  readonly parameters: N;
  /** Its line names, in its order, with ours. */
  readonly lines: O;
  /** Its defaults, by its names, where they are not ours. */
  readonly defaults?: DialectValues<P, N, V>;
  /** Its names for the values of a parameter, by its name for that; the first that means our default is its default. */
  readonly values?: V;
  /** What its definition fixes, by our names: `{ convention: 'backtrader' }`. */
  readonly fixed?: Partial<ParameterValues<P>>;
  /** Its parameters that change no value here, with their defaults: levels that charts draw, switches that have no effect. */
  readonly ignored?: G;
  /** Its further names for the same. */
  readonly aliases?: readonly string[];
}

/** One of our indicators under another library's name, with its parameters, defaults and lines. */
export interface DialectFunction<
  I extends Inputs = Inputs,
  P extends ParameterSet = ParameterSet,
  N extends Readonly<Record<string, keyof P & string>> = Readonly<Record<string, string>>,
  O extends Readonly<Record<string, string>> = Readonly<Record<string, string>>,
  V = Record<never, never>,
  G = Record<never, never>,
> {
  (
    ...args: readonly [...InputArguments<I>, options?: number | (DialectValues<P, N, V> & IgnoredValues<G>)]
  ): keyof O extends infer K
    ? IsUnion<K> extends true
      ? { readonly [name in keyof O]: Line }
      : Line
    : never;
  readonly definition: IndicatorDefinition;
  /** Its parameters with the values that hold when none are given. */
  readonly defaults: Readonly<Record<string, number | string | boolean>>;
  readonly aliases: readonly string[];
  /** Its names of parameters and lines, in its order, with ours, and what its definition fixes. */
  readonly terms: {
    readonly parameters: Readonly<Record<string, string>>;
    readonly lines: Readonly<Record<string, string>>;
    readonly fixed: Readonly<Record<string, unknown>>;
  };
  /** The lines by its names, also where there is one only. */
  readonly linesOf: (
    inputs: readonly unknown[],
    options?: Readonly<Record<string, unknown>>,
  ) => Readonly<Record<string, Line>>;
}

type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never;

/** Gives an indicator the names of another library. */
export function dialect<
  I extends Inputs,
  P extends ParameterSet,
  L extends readonly [string, ...string[]],
  const N extends Readonly<Record<string, keyof P & string>>,
  const O extends Readonly<Record<string, L[number]>>,
  const V extends { readonly [K in keyof N]?: ValueNames<ParameterValues<P>[N[K]]> } = Record<never, never>,
  const G extends Readonly<Record<string, ParameterValue>> = Record<never, never>,
>(of: Indicator<I, P, L>, terms: DialectTerms<P, L, N, O, V, G>): DialectFunction<I, P, N, O, V, G> {
  const { definition } = of;
  const names = Object.keys(terms.parameters);
  const given = (terms.defaults ?? {}) as Readonly<Record<string, number | string | boolean>>;
  const valueNames = (terms.values ?? {}) as Readonly<Record<string, ValueNames | undefined>>;
  const { ignored = {} as G } = terms;
  const defaults = {
    ...Object.fromEntries(
      names.map(name => {
        const value = definition.parameters[terms.parameters[name]].default;
        return [name, given[name] ?? theirName(valueNames[name], value)];
      }),
    ),
    ...ignored,
  };
  const linesOf = (inputs: readonly unknown[], options: Readonly<Record<string, unknown>> = {}) => {
    for (const name of Object.keys(options)) {
      if (Object.hasOwn(defaults, name)) continue;
      throw new InputError('PARAMETER_UNKNOWN', `${definition.name} has no parameter "${name}" here`, {
        value: name,
        limit: Object.keys(defaults),
        fix: suggestion(name, Object.keys(defaults)),
      });
    }
    const values: Readonly<Record<string, unknown>> = { ...defaults, ...options };
    const ours = Object.fromEntries(
      names.map(name => [
        terms.parameters[name],
        ourValue(definition.name, name, valueNames[name], values[name]),
      ]),
    );
    const lines = of.linesOf(inputs, { ...ours, ...terms.fixed }) as Readonly<Record<string, Line>>;
    return Object.fromEntries(Object.entries(terms.lines).map(([name, line]) => [name, lines[line]]));
  };
  const inputCount = inputCountOf(definition.inputs);
  const call = (...args: unknown[]) => {
    const options = args[inputCount] as number | Readonly<Record<string, unknown>> | undefined;
    const named = typeof options === 'number' ? { [names[0] ?? '']: options } : options;
    const lines = linesOf(args.slice(0, inputCount), named);
    const all = Object.values(lines);
    return all.length === 1 ? all[0] : lines;
  };
  const { aliases = [], parameters, lines, fixed = {} } = terms;
  const told = { parameters, lines, fixed };
  return Object.assign(call, {
    definition,
    defaults,
    aliases,
    terms: told,
    linesOf,
  }) as unknown as DialectFunction<I, P, N, O, V, G>;
}

function theirName(names: ValueNames | undefined, value: ParameterValue): ParameterValue {
  if (names === undefined) return value;
  const name = Object.entries(names).find(([, ours]) => ours === value)?.[0] ?? value;
  // Keys of objects are texts, also those that were written as numbers.
  return /^\d+$/.test(String(name)) ? Number(name) : name;
}

function ourValue(owner: string, parameter: string, names: ValueNames | undefined, value: unknown): unknown {
  if (names === undefined) return value;
  if (Object.hasOwn(names, String(value))) return (names as Readonly<Record<string, unknown>>)[String(value)];
  const known = Object.keys(names);
  throw new InputError(
    'PARAMETER_INVALID',
    `${owner}: parameter "${parameter}" was ${JSON.stringify(value)}`,
    {
      value,
      limit: known,
      fix: suggestion(String(value), known),
    },
  );
}
