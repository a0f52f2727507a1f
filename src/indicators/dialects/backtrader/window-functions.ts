import { InputError, suggestion } from '../../../model/errors.ts';
import { int } from '../../../model/parameters.ts';
import { Line } from '../../../series/line.ts';
import type { IndicatorDefinition, LineInput } from '../../definition.ts';
import { rolling, type WindowFunction } from '../../mathematics/windows.ts';

/** Combines what has been made of the values so far with the next one. */
export type Reducer = (made: number, value: number) => number;

const definition = (name: string, formula: string): IndicatorDefinition => ({
  name,
  label: name,
  title: 'A function of the window',
  group: 'mathematics',
  formula,
  source: `backtrader ${name}`,
  inputs: 'line',
  parameters: { bars: int(1, { min: 1 }) },
  lines: ['value'],
  plotShift: {},
});

/** A row of the dialect for what takes a function, which a declared parameter cannot be. */
function row<O extends { readonly period?: number }>(
  name: string,
  line: string,
  defaults: Readonly<Record<string, unknown>>,
  formula: string,
  functionOf: (options: Partial<O>) => WindowFunction | undefined,
) {
  const make = (input: LineInput, options: Partial<O>): Line => {
    for (const option of Object.keys(options)) {
      if (Object.hasOwn(defaults, option)) continue;
      throw new InputError('PARAMETER_UNKNOWN', `${name} has no parameter "${option}"`, {
        value: option,
        limit: Object.keys(defaults),
        fix: suggestion(option, Object.keys(defaults)),
      });
    }
    const of = functionOf(options);
    if (of === undefined) {
      throw new InputError('PARAMETER_INVALID', `${name} was given no function`, {
        limit: 'a function',
        fix: `pass { ${Object.keys(defaults).join(', ')} }`,
      });
    }
    return rolling(input instanceof Line ? input : input.close, options.period ?? 1, of);
  };
  return Object.assign((input: LineInput, options: O) => make(input, options), {
    definition: definition(name, formula),
    defaults: defaults as Readonly<Record<string, number | string | boolean>>,
    aliases: [] as readonly string[],
    terms: { parameters: { period: 'bars' }, lines: { [line]: 'value' }, fixed: {} },
    linesOf: (inputs: readonly unknown[], options: Readonly<Record<string, unknown>> = {}) => ({
      [line]: make(inputs[0] as LineInput, options as Partial<O>),
    }),
  });
}

/** `func` of the last `period` values, oldest first. */
export const ApplyN = row<{ readonly period?: number; readonly func: WindowFunction }>(
  'ApplyN',
  'apply',
  { period: 1, func: '' },
  '`func` of the last `period` values, oldest first',
  ({ func }) => func,
);

/** The last `period` values combined by `function`, from the oldest on, or from `initializer` where one is given. */
export const ReduceN = row<{
  readonly period?: number;
  readonly function: Reducer;
  readonly initializer?: number;
}>(
  'ReduceN',
  'reduced',
  { period: 1, function: '', initializer: '' },
  'the last `period` values combined by `function`, from the oldest on, or from `initializer` where one is given',
  ({ function: combine, initializer }) =>
    combine &&
    (window => {
      let made = initializer ?? window[0];
      for (let k = initializer === undefined ? 1 : 0; k < window.length; k++) made = combine(made, window[k]);
      return made;
    }),
);
