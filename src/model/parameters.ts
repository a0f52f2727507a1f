import { InputError, StrategyError, suggestion } from './errors.ts';

/** A declared parameter of a strategy or an indicator: its type, default, limits and help text. */
export interface Parameter<T extends ParameterValue = ParameterValue> {
  readonly kind: 'int' | 'float' | 'numbers' | 'bool' | 'text' | 'choice';
  readonly default: T;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly choices: readonly string[] | undefined;
  readonly help: string;
}

export type ParameterValue = number | boolean | string | readonly number[];
export type ParameterSet = Readonly<Record<string, Parameter>>;

/** The values of a parameter set, as `this.params` has them. */
export type ParameterValues<P extends ParameterSet> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

export interface NumberLimits {
  /** Smallest value allowed. */
  readonly min?: number;
  /** Largest value allowed. */
  readonly max?: number;
  readonly help?: string;
}

/** A whole number. */
export function int(value: number, limits: NumberLimits = {}): Parameter<number> {
  return declare<number>('int', value, limits);
}

/** A number. */
export function float(value: number, limits: NumberLimits = {}): Parameter<number> {
  return declare<number>('float', value, limits);
}

/** A list of numbers; the limits hold for each. */
export function numbers(value: readonly number[], limits: NumberLimits = {}): Parameter<readonly number[]> {
  return declare<readonly number[]>('numbers', Object.freeze([...value]), limits);
}

/** true or false. */
export function bool(value: boolean, options: { readonly help?: string } = {}): Parameter<boolean> {
  return declare<boolean>('bool', value, options);
}

/** Any text. */
export function text(value: string, options: { readonly help?: string } = {}): Parameter<string> {
  return declare<string>('text', value, options);
}

/** One of the given texts; the first is the default. */
export function choice<const T extends string>(
  choices: readonly [T, ...T[]],
  options: { readonly help?: string } = {},
): Parameter<T> {
  return { ...declare<T>('choice', choices[0], options), choices };
}

function declare<T extends ParameterValue>(
  kind: Parameter['kind'],
  value: T,
  options: NumberLimits,
): Parameter<T> {
  const parameter: Parameter<T> = {
    kind,
    default: value,
    min: options.min,
    max: options.max,
    choices: undefined,
    help: options.help ?? '',
  };
  check('default', parameter, value);
  return parameter;
}

/**
 * The values a run uses: defaults overridden by `given`, each checked. An unknown name throws `PARAMETER_UNKNOWN`
 * with the nearest known one, a wrong value `PARAMETER_INVALID`. Reading an undeclared name from the result throws too.
 * `owner`: whose parameters these are, for errors.
 */
export function resolveParameters<P extends ParameterSet>(
  set: P,
  given: Readonly<Record<string, unknown>>,
  owner?: string,
): ParameterValues<P> {
  for (const name of Object.keys(given)) if (!Object.hasOwn(set, name)) throw unknown(name, set, owner);
  // Own properties are found before the prototype is asked, so the trap costs declared names nothing.
  const values = Object.create(
    new Proxy(
      {},
      {
        get(_, name) {
          if (typeof name === 'symbol' || name === 'toJSON' || name === 'then' || name in Object.prototype)
            return undefined;
          throw unknown(name, set, owner, StrategyError);
        },
      },
    ),
  );
  for (const [name, parameter] of Object.entries(set)) {
    const value = given[name] ?? parameter.default;
    check(name, parameter, value, owner);
    values[name] = value;
  }
  return Object.freeze(values);
}

/** Reads `5`, `0.5`, `1,2,3`, `true` or a text as the parameter's type, for command lines; throws like {@link resolveParameters}. */
export function parseParameter(set: ParameterSet, name: string, source: string): ParameterValue {
  if (!Object.hasOwn(set, name)) throw unknown(name, set);
  const parameter = set[name];
  if (parameter.kind === 'text' || parameter.kind === 'choice') return source;
  if (parameter.kind === 'bool') {
    if (source === 'true' || source === 'false') return source === 'true';
  } else if (parameter.kind === 'numbers') {
    const parts = source.split(',');
    if (parts.every(isNumber)) return parts.map(Number);
  } else if (isNumber(source)) {
    return Number(source);
  }
  throw invalid(name, parameter, source);
}

function isNumber(source: string): boolean {
  return source.trim() !== '' && Number.isFinite(Number(source));
}

function check(name: string, parameter: Parameter, value: unknown, owner?: string): void {
  if (!fits(parameter, value)) throw invalid(name, parameter, value, owner);
}

function fits({ kind, min, max, choices }: Parameter, value: unknown): boolean {
  if (kind === 'bool') return typeof value === 'boolean';
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'choice') return choices === undefined || choices.includes(value as string);
  const inRange = (one: unknown) =>
    typeof one === 'number' &&
    (kind === 'int' ? Number.isInteger(one) : Number.isFinite(one)) &&
    one >= (min ?? Number.NEGATIVE_INFINITY) &&
    one <= (max ?? Number.POSITIVE_INFINITY);
  return kind === 'numbers' ? Array.isArray(value) && value.every(inRange) : inRange(value);
}

/** `Kind`: whose mistake it is, the user's who gave the name or the strategy's that reads it. */
function unknown(name: string, set: ParameterSet, owner = 'the strategy', Kind = InputError): InputError {
  return new Kind('PARAMETER_UNKNOWN', `${owner} has no parameter "${name}"`, {
    value: name,
    fix: suggestion(name, Object.keys(set)),
  });
}

function invalid(name: string, parameter: Parameter, value: unknown, owner?: string): InputError {
  const limit = describeParameter(parameter);
  const whose = owner === undefined ? '' : `${owner}: `;
  return new InputError('PARAMETER_INVALID', `${whose}parameter "${name}" was ${JSON.stringify(value)}`, {
    value,
    limit,
    fix: `give ${limit}`,
  });
}

/** "a whole number from 2 to 200". */
export function describeParameter({ kind, min, max, choices }: Parameter): string {
  if (kind === 'bool') return 'true or false';
  if (kind === 'text') return 'a text';
  if (kind === 'choice') return `one of ${choices?.join(', ')}`;
  const range = [min === undefined ? '' : ` from ${min}`, max === undefined ? '' : ` to ${max}`].join('');
  if (kind === 'numbers') return `a list of numbers${range}`;
  return `${kind === 'int' ? 'a whole number' : 'a number'}${range}`;
}
