import { StrategyError } from '../model/errors.ts';
import { Kernel, period } from './kernel.ts';
import { type Line, ringOf } from './line.ts';

/** A line, or a constant that stands for a line of that value. */
export type Operand = Line | number;

type Operation = (a: number, b: number) => number;

/** Truth lines hold 1 or 0; where an operand is NaN (unknown) so is the result, and NaN is falsy in an `if`. */
const truth =
  (test: (a: number, b: number) => boolean): Operation =>
  (a, b) =>
    Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : test(a, b) ? 1 : 0;

class Binary extends Kernel<'value'> {
  private readonly operation: Operation;
  private readonly a: Operand;
  private readonly b: Operand;

  constructor(symbol: string, operation: Operation, a: Operand, b: Operand) {
    const inputs = [a, b].filter(operand => typeof operand !== 'number');
    if (inputs.length === 0) {
      throw new StrategyError('NOT_A_LINE', `${a} ${symbol} ${b} has no line among its operands`, {
        fix: 'compute constants directly; an operator needs at least one line',
      });
    }
    super({
      label: `${operandLabel(a)} ${symbol} ${operandLabel(b)}`,
      inputs,
      outputs: ['value'],
      warmup: 0,
      role: 'operator',
    });
    this.operation = operation;
    this.a = a;
    this.b = b;
  }

  compute(from: number, to: number): void {
    const out = ringOf(this.outputs.value);
    const operation = this.operation;
    const { mask } = this.clock;
    // A constant is a ring of one value.
    const a = typeof this.a === 'number' ? Float64Array.of(this.a) : ringOf(this.a);
    const b = typeof this.b === 'number' ? Float64Array.of(this.b) : ringOf(this.b);
    const aMask = a.length - 1;
    const bMask = b.length - 1;
    let i = from;
    for (; i < to && i < this.start; i++) out[i & mask] = Number.NaN;
    for (; i < to; i++) out[i & mask] = operation(a[i & aMask], b[i & bMask]);
  }
}

function operandLabel(operand: Operand): string {
  if (typeof operand === 'number') return String(operand);
  return operand.label.includes(' ') ? `(${operand.label})` : operand.label;
}

const binary = (symbol: string, operation: Operation) => (a: Operand, b: Operand) =>
  new Binary(symbol, operation, a, b).outputs.value;

/** a + b, bar by bar. */
export const add: (a: Operand, b: Operand) => Line = binary('+', (a, b) => a + b);
/** a − b, bar by bar. */
export const sub: (a: Operand, b: Operand) => Line = binary('-', (a, b) => a - b);
/** a × b, bar by bar. */
export const mul: (a: Operand, b: Operand) => Line = binary('*', (a, b) => a * b);
/** a ÷ b, bar by bar; NaN where b is 0, never Infinity. */
export const div: (a: Operand, b: Operand) => Line = binary('/', (a, b) => (b === 0 ? Number.NaN : a / b));
/** The larger of a and b, bar by bar. */
export const max: (a: Operand, b: Operand) => Line = binary('max', Math.max);
/** The smaller of a and b, bar by bar. */
export const min: (a: Operand, b: Operand) => Line = binary('min', Math.min);

/** 1 where a > b, else 0; NaN where either is. */
export const gt: (a: Operand, b: Operand) => Line = binary(
  '>',
  truth((a, b) => a > b),
);
/** 1 where a ≥ b, else 0; NaN where either is. */
export const ge: (a: Operand, b: Operand) => Line = binary(
  '>=',
  truth((a, b) => a >= b),
);
/** 1 where a < b, else 0; NaN where either is. */
export const lt: (a: Operand, b: Operand) => Line = binary(
  '<',
  truth((a, b) => a < b),
);
/** 1 where a ≤ b, else 0; NaN where either is. */
export const le: (a: Operand, b: Operand) => Line = binary(
  '<=',
  truth((a, b) => a <= b),
);
/** 1 where a equals b exactly, else 0; NaN where either is. */
export const eq: (a: Operand, b: Operand) => Line = binary(
  '=',
  truth((a, b) => a === b),
);
/** 1 where a differs from b, else 0; NaN where either is. */
export const ne: (a: Operand, b: Operand) => Line = binary(
  '≠',
  truth((a, b) => a !== b),
);
/** 1 where both are true (not 0), else 0; NaN where either is. */
export const and: (a: Operand, b: Operand) => Line = binary(
  'and',
  truth((a, b) => a !== 0 && b !== 0),
);
/** 1 where at least one is true (not 0), else 0; NaN where either is. */
export const or: (a: Operand, b: Operand) => Line = binary(
  'or',
  truth((a, b) => a !== 0 || b !== 0),
);
/** 1 where a is 0, else 0; NaN where a is. */
export const not = (a: Line): Line => eq(a, 0);

class Delay extends Kernel<'value'> {
  private readonly bars: number;

  constructor(input: Line, bars: number) {
    super({
      label: `${operandLabel(input)} delayed ${bars}`,
      inputs: [input],
      outputs: ['value'],
      warmup: bars,
      role: 'operator',
    });
    this.bars = bars;
  }

  compute(from: number, to: number): void {
    const input = ringOf(this.inputs[0]);
    const out = ringOf(this.outputs.value);
    const { mask } = this.clock;
    for (let i = from; i < to; i++) {
      const source = i - this.bars;
      out[i & mask] = source < this.start ? Number.NaN : input[source & mask];
    }
  }
}

/** The line's value `bars` bars ago, as a line. */
export function delay(line: Line, bars: number): Line {
  return new Delay(line, period('delay', bars, 0)).outputs.value;
}
