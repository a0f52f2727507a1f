import { StrategyError } from '../../../model/errors.ts';
import { Kernel } from '../../../series/kernel.ts';
import { type Line, ringOf } from '../../../series/line.ts';
import type { Operand } from '../../../series/operators.ts';
import { exactSum } from '../../windows/exact-sum.ts';

/** What the operands' values at a bar make; the array is used again for the next bar. */
type Combination = (values: readonly number[]) => number;

/** A line of what any number of lines and constants make, bar by bar. */
class Combined extends Kernel<'value'> {
  private readonly operands: readonly Operand[];
  private readonly of: Combination;
  private readonly values: number[];

  constructor(name: string, operands: readonly Operand[], of: Combination) {
    const inputs = operands.filter(operand => typeof operand !== 'number');
    if (inputs.length === 0) {
      throw new StrategyError('NOT_A_LINE', `${name} was given no line`, {
        value: operands,
        fix: 'compute constants directly; at least one operand must be a line',
      });
    }
    super({ label: name, inputs, outputs: ['value'], warmup: 0, role: 'operator' });
    this.operands = operands;
    this.of = of;
    this.values = operands.map(() => 0);
  }

  compute(from: number, to: number): void {
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    const { values, of } = this;
    // A constant is a ring of one value.
    const rings = this.operands.map(one => (typeof one === 'number' ? Float64Array.of(one) : ringOf(one)));
    for (let i = from; i < to; i++) {
      for (let k = 0; k < rings.length; k++) values[k] = rings[k][i & mask & (rings[k].length - 1)];
      const value = i < this.start ? Number.NaN : of(values);
      out[i & mask] = value - value === 0 ? value : Number.NaN;
    }
  }
}

const combined = (name: string, operands: readonly Operand[], of: Combination): Line =>
  new Combined(name, operands, of).outputs.value;

/** NaN is neither true nor false: where one of the values is NaN, so is the result. */
const known =
  (of: Combination): Combination =>
  values => {
    for (const value of values) if (Number.isNaN(value)) return Number.NaN;
    return of(values);
  };

const truthOf = (values: readonly number[], all: boolean): number => {
  for (const value of values) if ((value !== 0) !== all) return all ? 0 : 1;
  return all ? 1 : 0;
};

/**
 * backtrader's functions of lines, by its names. Each takes lines and numbers, at least one line, and gives a line; a
 * missing value among those that count gives NaN, and what would be infinite does too.
 */
export const backtraderFunctions = {
  /** `whenTrue` where `condition` is not 0, else `whenFalse`. */
  If: (condition: Operand, whenTrue: Operand, whenFalse: Operand): Line =>
    combined('If', [condition, whenTrue, whenFalse], ([test, a, b]) =>
      Number.isNaN(test) ? Number.NaN : test !== 0 ? a : b,
    ),
  /** 1 where all are true (not 0), else 0. */
  And: (...operands: readonly Operand[]): Line =>
    combined(
      'And',
      operands,
      known(values => truthOf(values, true)),
    ),
  /** 1 where at least one is true (not 0), else 0. */
  Or: (...operands: readonly Operand[]): Line =>
    combined(
      'Or',
      operands,
      known(values => truthOf(values, false)),
    ),
  /** 1 where all are true (not 0), else 0. */
  All: (...operands: readonly Operand[]): Line =>
    combined(
      'All',
      operands,
      known(values => truthOf(values, true)),
    ),
  /** 1 where at least one is true (not 0), else 0. */
  Any: (...operands: readonly Operand[]): Line =>
    combined(
      'Any',
      operands,
      known(values => truthOf(values, false)),
    ),
  /** The largest. */
  Max: (...operands: readonly Operand[]): Line => combined('Max', operands, values => Math.max(...values)),
  /** The smallest. */
  Min: (...operands: readonly Operand[]): Line => combined('Min', operands, values => Math.min(...values)),
  /** The exact sum, rounded once. */
  Sum: (...operands: readonly Operand[]): Line => {
    const terms = new Float64Array(operands.length);
    return combined('Sum', operands, values => {
      terms.set(values);
      return exactSum(terms, -1, 0, terms.length).sum;
    });
  },
  /** All combined by `combine`, from the first on. */
  Reduce: (combine: (made: number, value: number) => number, ...operands: readonly Operand[]): Line =>
    combined('Reduce', operands, values => values.reduce((made, value) => combine(made, value))),
  /** −1 where a < b, 0 where they are equal, 1 where a > b. */
  Cmp: (a: Operand, b: Operand): Line =>
    combined(
      'Cmp',
      [a, b],
      known(([x, y]) => (x > y ? 1 : x < y ? -1 : 0)),
    ),
  /** `less` where a < b, `equal` where they are equal, `greater` where a > b. */
  CmpEx: (a: Operand, b: Operand, less: Operand, equal: Operand, greater: Operand): Line =>
    combined('CmpEx', [a, b, less, equal, greater], ([x, y, l, e, g]) =>
      x < y ? l : x > y ? g : x === y ? e : Number.NaN,
    ),
  /** a ÷ b, and `zero` where b is 0. */
  DivByZero: (a: Operand, b: Operand, zero = 0): Line =>
    combined('DivByZero', [a, b], ([x, y]) => (y === 0 ? (Number.isNaN(x) ? x : zero) : x / y)),
  /** a ÷ b; where b is 0, `single`, or `dual` where a is 0 too. backtrader's default `single` is Infinity, ours NaN. */
  DivZeroByZero: (a: Operand, b: Operand, single = Number.NaN, dual = 0): Line =>
    combined('DivZeroByZero', [a, b], ([x, y]) =>
      y !== 0 ? x / y : Number.isNaN(x) ? x : x === 0 ? dual : single,
    ),
} as const;
