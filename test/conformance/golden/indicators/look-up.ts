import type { Line } from '../../../../src/index.ts';
import type { DialectFunction } from '../../../../src/indicators/dialects/dialect.ts';

/** A name, or a parameter of one, that no table of ours has yet. */
export class NotThere extends Error {}

type Table = Readonly<Record<string, unknown>>;
type AnyFunction = Pick<DialectFunction, 'definition' | 'defaults' | 'aliases' | 'linesOf' | 'terms'>;

export interface Found extends AnyFunction {
  /** Its lines from values given in its order. */
  readonly call: (args: readonly unknown[]) => Readonly<Record<string, Line>>;
}

/** A function of a dialect by its name or one of its aliases; throws {@link NotThere}. */
export function lookUp(table: Table, name: string): Found {
  const entries = Object.entries(table as Readonly<Record<string, AnyFunction>>);
  const found =
    (table[name] as AnyFunction | undefined) ?? entries.find(([, one]) => one.aliases.includes(name))?.[1];
  if (found === undefined) throw new NotThere(name);
  const { definition, defaults, aliases, linesOf, terms } = found;
  const inputCount = definition.inputs === 'two lines' || definition.inputs === 'line and level' ? 2 : 1;
  const call = (args: readonly unknown[]) => {
    const names = Object.keys(defaults);
    const options = Object.fromEntries(args.slice(inputCount).map((value, i) => [names[i], value]));
    return linesOf(args.slice(0, inputCount), options);
  };
  return { definition, defaults, aliases, linesOf, terms, call };
}

/** Throws {@link NotThere} where the function lacks a parameter that was recorded. */
export function requireParameters(
  name: string,
  found: Found,
  options: Readonly<Record<string, unknown>>,
): void {
  const missing = Object.keys(options).filter(option => !Object.hasOwn(found.defaults, option));
  if (missing.length > 0) throw new NotThere(`${name} (${missing.join(', ')})`);
}
