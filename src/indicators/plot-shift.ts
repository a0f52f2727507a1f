import type { ParameterValue } from '../model/parameters.ts';
import type { IndicatorDefinition } from './definition.ts';

/**
 * How many bars to the right of where they are known charts draw the values of a line; below 0 to the left, as with
 * Ichimoku's chikou. `parameters`: the values the indicator was given, its defaults where they are missing.
 */
export function plotShiftOf(
  { plotShift, parameters: set }: Pick<IndicatorDefinition, 'plotShift' | 'parameters'>,
  line: string,
  parameters: Readonly<Record<string, ParameterValue>> = {},
): number {
  const shift = plotShift[line] ?? 0;
  if (typeof shift === 'number') return shift;
  return -Number(parameters[shift] ?? set[shift].default);
}

/**
 * Recorded values of a line as charts draw them, `shift` bars to the right, as many as there were; NaN where none is drawn.
 * Drawn to the left a value stands at a bar that did not know it yet: export it, never decide by it.
 */
export function plotted(values: ArrayLike<number>, shift: number): Float64Array {
  return Float64Array.from({ length: values.length }, (_, i) => values[i - shift] ?? Number.NaN);
}
