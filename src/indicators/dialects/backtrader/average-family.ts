import { float, type Parameter, type ParameterSet, type ParameterValues } from '../../../model/parameters.ts';
import type { Line } from '../../../series/line.ts';
import { sub } from '../../../series/operators.ts';
import { envelope } from '../../bands/bands.ts';
import { type Indicator, indicator } from '../../definition.ts';
import { type DialectFunction, dialect, type ValueNames } from '../dialect.ts';

interface FamilyTerms<P extends ParameterSet, N, V, L extends string> {
  /** Its line's name, which that of the envelope's middle and of the oscillator's line is too. */
  readonly line: L;
  readonly aliases: readonly string[];
  readonly parameters: N;
  readonly values?: V;
  readonly fixed?: Partial<ParameterValues<P>>;
  readonly ignored?: Readonly<Record<string, string>>;
}

/** A moving average with what backtrader derives of each: an envelope, and the value's distance from it. */
interface Family<
  P extends ParameterSet,
  N extends Readonly<Record<string, keyof P & string>>,
  V,
  L extends string,
> {
  readonly average: DialectFunction<'line', P, N, Readonly<Record<L, string>>, V>;
  readonly envelope: DialectFunction<
    'line',
    P & { readonly percent: Parameter<number> },
    N & { readonly perc: 'percent' },
    Readonly<Record<L | 'top' | 'bot', string>>,
    V
  >;
  readonly oscillator: DialectFunction<'line', P, N, Readonly<Record<L, string>>, V>;
}

/** `name` and its aliases are backtrader's; those of the derived ones follow from them. */
export function averageFamily<
  P extends ParameterSet,
  const N extends Readonly<Record<string, keyof P & string>>,
  const L extends string,
  const V extends { readonly [K in keyof N]?: ValueNames<ParameterValues<P>[N[K]]> } = Record<never, never>,
>(
  name: string,
  of: Indicator<'line', P, readonly [string]>,
  terms: FamilyTerms<P, N, V, L>,
): Family<P, N, V, L> {
  const { line, aliases, values, fixed, ignored } = terms;
  const { definition } = of;
  const [own] = definition.lines;
  const averageOf = (parameters: object, input: Line) =>
    of.linesOf([input], { ...parameters } as Record<string, unknown>)[own];
  const common = { values, fixed, ignored };
  const around = indicator({
    ...definition,
    inputs: 'line',
    parameters: { ...definition.parameters, percent: float(2.5) },
    lines: ['upper', 'middle', 'lower'],
    plotShift: {},
    build: ({ percent, ...parameters }, input) => envelope(averageOf(parameters, input), { percent }),
  });
  const distance = indicator({
    ...definition,
    inputs: 'line',
    lines: ['distance'],
    plotShift: {},
    build: (parameters, input) => ({ distance: sub(input, averageOf(parameters, input)) }),
  });
  const untyped = dialect as (of: unknown, terms: unknown) => never;
  return {
    average: untyped(of, { ...common, aliases, parameters: terms.parameters, lines: { [line]: own } }),
    envelope: untyped(around, {
      ...common,
      aliases: aliases.map(alias => `${alias}Envelope`),
      parameters: { ...terms.parameters, perc: 'percent' },
      lines: { [line]: 'middle', top: 'upper', bot: 'lower' },
    }),
    oscillator: untyped(distance, {
      ...common,
      aliases: oscillatorNames(name, aliases),
      parameters: terms.parameters,
      lines: { [line]: 'distance' },
    }),
  };
}

/** What backtrader also calls the oscillator of an average: `SMAOscillator`, `SMAOsc`. */
export function oscillatorNames(name: string, aliases: readonly string[]): readonly string[] {
  return [`${name}Osc`, ...aliases.flatMap(alias => [`${alias}Oscillator`, `${alias}Osc`])];
}
