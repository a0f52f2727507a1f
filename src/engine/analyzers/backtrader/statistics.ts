import { exactSum } from '../../../indicators/windows/exact-sum.ts';
import { NumberColumn } from '../../../model/columns.ts';

/** The mean, from the exact sum; `less` is taken off the count. NaN over nothing. */
export function mean(values: readonly number[], less = 0): number {
  return sum(values) / (values.length - less);
}

/** The standard deviation from `average`: of the population, or of a sample. */
export function deviation(values: readonly number[], average: number, sample: boolean): number {
  const squares = values.map(value => (value - average) ** 2);
  return Math.sqrt(mean(squares, sample ? 1 : 0));
}

/** The sum, rounded once. */
export function sum(values: readonly number[]): number {
  const column = new NumberColumn(Math.max(1, values.length));
  column.append(Float64Array.from(values));
  return exactSum(column.view(), -1, 0, values.length).sum;
}
