import { InputError, suggestion } from '../model/errors.ts';
import {
  describeParameter,
  type Parameter,
  type ParameterSet,
  type ParameterValue,
  parseParameter,
  resolveParameters,
} from '../model/parameters.ts';

/** What a parameter is to be tried with: values one by one, or numbers of a range, both ends included. */
export type AxisInput =
  | ParameterValue
  | readonly ParameterValue[]
  | { readonly from: number; readonly to: number; readonly step?: number };

/** A parameter that varies, with its values in order; or, for random search, any number from `from` to `to`. */
export type Axis =
  | { readonly name: string; readonly values: readonly ParameterValue[] }
  | { readonly name: string; readonly from: number; readonly to: number };

/** A range of more values than this is a slip of the finger. */
const MOST_VALUES = 100_000;

/**
 * The axes of a sweep, each value checked against what the strategy declares. Throws `PARAMETER_UNKNOWN`, `PARAMETER_INVALID`
 * and `PARAMETER_RANGE_INVALID`.
 */
export function axesOf(set: ParameterSet, inputs: Readonly<Record<string, AxisInput>>): Axis[] {
  return Object.entries(inputs).map(([name, input]) => {
    if (!Object.hasOwn(set, name)) {
      throw new InputError('PARAMETER_UNKNOWN', `the strategy has no parameter "${name}"`, {
        value: name,
        fix: suggestion(name, Object.keys(set)),
      });
    }
    const axis = axisOf(name, set[name], input);
    const values = 'values' in axis ? axis.values : [axis.from, axis.to];
    for (const value of values) resolveParameters({ [name]: set[name] }, { [name]: value });
    if (new Set(values.map(String)).size < values.length) {
      throw rangeInvalid(name, input, 'names a value twice', 'name each value once');
    }
    return axis;
  });
}

function axisOf(name: string, { kind }: Parameter, input: AxisInput): Axis {
  if (typeof input !== 'object') return { name, values: [input] };
  if (Array.isArray(input)) {
    // A list of numbers is one value of a parameter that is a list of numbers.
    const isOne = kind === 'numbers' && input.every(one => typeof one === 'number');
    const values = (isOne ? [input] : input) as readonly ParameterValue[];
    if (values.length === 0) throw rangeInvalid(name, input, 'has no value', 'give one at least');
    return { name, values };
  }
  const { from, to, step } = input as { from: number; to: number; step?: number };
  if (kind !== 'int' && kind !== 'float') {
    throw rangeInvalid(
      name,
      input,
      'is a range',
      'list the values: a parameter that is no number has no range',
    );
  }
  if (![from, to, step ?? 1].every(Number.isFinite) || to < from || (step !== undefined && step <= 0)) {
    throw rangeInvalid(name, input, 'is no range', 'give from, to and a step above 0, from not above to');
  }
  if (step === undefined && kind === 'float')
    return from === to ? { name, values: [from] } : { name, from, to };
  return { name, values: steps(name, from, to, step ?? 1) };
}

/** Decimals of the ends and the step stay what they are: 0.1 to 0.5 by 0.1 is 0.1, 0.2, 0.3, not 0.30000000000000004. */
function steps(name: string, from: number, to: number, step: number): number[] {
  const scale = 10 ** Math.min(15, Math.max(decimalsOf(from), decimalsOf(step)));
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > MOST_VALUES) {
    throw rangeInvalid(
      name,
      { from, to, step },
      `has ${count} values`,
      `use at most ${MOST_VALUES}, by a longer step`,
    );
  }
  return Array.from({ length: count }, (_, i) => Math.round(from * scale + i * step * scale) / scale);
}

function decimalsOf(value: number): number {
  const [digits, exponent = '0'] = String(value).split('e');
  return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent));
}

/**
 * Reads `5:50:5`, `5:50`, `5,10,20` or one value as what a parameter is to be tried with, for command lines; lists of numbers are
 * parted by `;`. Throws `PARAMETER_UNKNOWN`, `PARAMETER_INVALID`, `PARAMETER_RANGE_INVALID`.
 */
export function parseAxis(set: ParameterSet, name: string, source: string): AxisInput {
  const kind = Object.hasOwn(set, name) ? set[name].kind : undefined;
  const isNumber = kind === 'int' || kind === 'float';
  if (isNumber && source.includes(':')) {
    const parts = source.split(':').map(part => (part.trim() === '' ? Number.NaN : Number(part)));
    if (parts.length > 3 || parts.some(Number.isNaN)) {
      throw rangeInvalid(
        name,
        source,
        'is no range',
        `write ${name}=FROM:TO:STEP with ${describeParameter(set[name])}`,
      );
    }
    const [from, to, step] = parts;
    return { from, to, ...(step === undefined ? {} : { step }) };
  }
  const parts = source.split(kind === 'numbers' ? ';' : ',');
  return parts.map(part => parseParameter(set, name, part.trim()));
}

function rangeInvalid(name: string, input: unknown, problem: string, fix: string): InputError {
  const given = typeof input === 'string' ? input : JSON.stringify(input);
  return new InputError('PARAMETER_RANGE_INVALID', `${name}=${given} ${problem}`, { value: input, fix });
}

/** The axis with its values; throws where it has any number between two ends, which a grid cannot have. */
export function valuesOf(axis: Axis): readonly ParameterValue[] {
  if ('values' in axis) return axis.values;
  throw rangeInvalid(
    axis.name,
    `${axis.from}:${axis.to}`,
    'has no step',
    `give one (${axis.name}=${axis.from}:${axis.to}:STEP), or search at random`,
  );
}
