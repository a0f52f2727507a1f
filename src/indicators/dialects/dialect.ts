import { InputError, suggestion } from '../../model/errors.ts';
import type { ParameterSet, ParameterValues } from '../../model/parameters.ts';
import type { Line } from '../../series/line.ts';
import {
  type Indicator,
  type IndicatorDefinition,
  type InputArguments,
  type Inputs,
  inputCountOf,
} from '../definition.ts';

/** How another library calls one of our indicators. */
export interface DialectTerms<
  P extends ParameterSet,
  L extends readonly string[],
  N extends Readonly<Record<string, keyof P & string>>,
  O extends Readonly<Record<string, L[number]>>,
> {
  /** Its parameter names, in its order, with ours. */
  readonly parameters: N;
  /** Its line names, in its order, with ours. */
  readonly lines: O;
  /** Its defaults, by its names, where they are not ours. */
  readonly defaults?: { readonly [K in keyof N]?: ParameterValues<P>[N[K]] };
  /** What its definition fixes, by our names: `{ convention: 'backtrader' }`. */
  readonly fixed?: Partial<ParameterValues<P>>;
  /** Its parameters that change no value here, with their defaults: levels that charts draw, switches that have no effect. */
  readonly ignored?: Readonly<Record<string, number | string | boolean>>;
  /** Its further names for the same. */
  readonly aliases?: readonly string[];
}

/** One of our indicators under another library's name, with its parameters, defaults and lines. */
export interface DialectFunction<
  I extends Inputs = Inputs,
  P extends ParameterSet = ParameterSet,
  N extends Readonly<Record<string, keyof P & string>> = Readonly<Record<string, string>>,
  O extends Readonly<Record<string, string>> = Readonly<Record<string, string>>,
> {
  (
    ...args: readonly [
      ...InputArguments<I>,
      options?: number | { readonly [K in keyof N]?: ParameterValues<P>[N[K]] },
    ]
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
>(of: Indicator<I, P, L>, terms: DialectTerms<P, L, N, O>): DialectFunction<I, P, N, O> {
  const { definition } = of;
  const names = Object.keys(terms.parameters);
  const given = (terms.defaults ?? {}) as Readonly<Record<string, number | string | boolean>>;
  const { ignored = {} } = terms;
  const defaults = {
    ...Object.fromEntries(
      names.map(name => [name, given[name] ?? definition.parameters[terms.parameters[name]].default]),
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
    const ours = Object.fromEntries(names.map(name => [terms.parameters[name], values[name]]));
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
  }) as unknown as DialectFunction<I, P, N, O>;
}
