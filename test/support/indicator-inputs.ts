import type { AnyIndicator } from '../../src/indicators/registry.ts';
import { Clock } from '../../src/series/clock.ts';
import { Line } from '../../src/series/line.ts';

export type NumberColumns = Readonly<Record<string, Float64Array>>;

/** The inputs of an indicator from columns, as a program would choose them: its definition says what they are. */
export function columnInputs<T>({ definition }: AnyIndicator, of: Readonly<Record<string, T>>): unknown[] {
  if (definition.inputs === 'two lines') return [of.high, of.low];
  if (definition.inputs === 'line and level') return [of.close, of.open];
  if (definition.inputs === 'line') return [of.close];
  return [Object.fromEntries((definition.inputs as readonly string[]).map(name => [name, of[name]]))];
}

/** An indicator with its options set, to be called with inputs alone. */
export interface Variant {
  readonly name: string;
  readonly one: AnyIndicator;
  readonly options: Readonly<Record<string, unknown>>;
}

/** An indicator with its defaults, and once with each further choice that one of its parameters offers. */
export function variantsOf(one: AnyIndicator): Variant[] {
  const { name, parameters } = one.definition;
  const variants: Variant[] = [{ name, one, options: {} }];
  for (const [parameter, { choices = [] }] of Object.entries(parameters)) {
    for (const value of choices.slice(1))
      variants.push({ name: `${name} with ${parameter} ${value}`, one, options: { [parameter]: value } });
  }
  return variants;
}

/** Bars that an indicator needs for its first value, and further ones until it has forgotten how it began. */
export function reachOf({ one, options }: Variant): { minPeriod: number; settling: number } {
  const clock = new Clock('reach', 0);
  const line = (name: string) => new Line(clock, name, 1);
  const columns = Object.fromEntries(
    ['time', 'open', 'high', 'low', 'close', 'volume'].map(n => [n, line(n)]),
  );
  one.linesOf(columnInputs(one, columns), options);
  return { minPeriod: clock.minPeriod, settling: clock.warmup + 1 - clock.minPeriod };
}
