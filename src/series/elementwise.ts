import { StrategyError } from '../model/errors.ts';
import { Kernel } from './kernel.ts';
import { type Line, ringOf } from './line.ts';
import type { Operand } from './operators.ts';

type Formula = (a: number, b: number, c: number) => number;

/** A function of one to three operands' values at the same bar. */
class Elementwise extends Kernel<'value'> {
  private readonly formula: Formula;
  private readonly operands: readonly Operand[];

  constructor(name: string, formula: Formula, operands: readonly Operand[]) {
    const inputs = operands.filter(operand => typeof operand !== 'number');
    const label = `${name}(${operands.map(shown).join(', ')})`;
    if (inputs.length === 0) {
      throw new StrategyError('NOT_A_LINE', `${label} has no line among its operands`, {
        fix: 'compute constants directly; an operator needs at least one line',
      });
    }
    super({ label, inputs, outputs: ['value'], warmup: 0, role: 'operator' });
    this.formula = formula;
    this.operands = operands;
  }

  compute(from: number, to: number): void {
    const out = ringOf(this.outputs.value);
    const { formula, start } = this;
    const { mask } = this.clock;
    // A constant is a ring of one value.
    const [a, b = a, c = a] = this.operands.map(one =>
      typeof one === 'number' ? Float64Array.of(one) : ringOf(one),
    );
    const [aMask, bMask, cMask] = [a.length - 1, b.length - 1, c.length - 1];
    let i = from;
    for (; i < to && i < start; i++) out[i & mask] = Number.NaN;
    for (; i < to; i++) out[i & mask] = formula(a[i & aMask], b[i & bMask], c[i & cMask]);
  }
}

function shown(operand: Operand | undefined): string {
  return typeof operand === 'number' ? String(operand) : (operand?.label ?? String(operand));
}

const elementwise = (name: string, formula: Formula, ...operands: readonly Operand[]) =>
  new Elementwise(name, formula, operands).outputs.value;

/** The distance from 0. */
export function abs(line: Line): Line {
  return elementwise('abs', Math.abs, line);
}

/** The nearest value within `low` … `high`; NaN where one of the three is, or `low` is above `high`. */
export function clamp(line: Line, low: Operand, high: Operand): Line {
  const formula: Formula = (value, least, most) =>
    least <= most ? Math.min(Math.max(value, least), most) : Number.NaN;
  return elementwise('clamp', formula, line, low, high);
}

/** The line, or `fallback` where it is NaN. Below its minimum period it stays NaN. */
export function nz(line: Line, fallback: Operand = 0): Line {
  return elementwise('nz', (value, other) => (Number.isNaN(value) ? other : value), line, fallback);
}

/** a to the power of b; NaN where that is not a finite number. */
export function pow(a: Operand, b: Operand): Line {
  const formula: Formula = (base, exponent) => {
    const power = base ** exponent;
    return Number.isFinite(power) ? power : Number.NaN;
  };
  return elementwise('pow', formula, a, b);
}

/** The nearest whole number, halves upwards. */
export function round(line: Line): Line {
  // Adding 0 turns −0 into 0.
  return elementwise('round', value => Math.round(value) + 0, line);
}

/** 1 above 0, −1 below, 0 at 0. */
export function sign(line: Line): Line {
  return elementwise('sign', value => Math.sign(value) + 0, line);
}

/** `a` where the condition is true (not 0), else `b`; NaN where the condition is NaN. */
export function where(condition: Line, a: Operand, b: Operand): Line {
  const formula: Formula = (test, one, other) => (Number.isNaN(test) ? Number.NaN : test !== 0 ? one : other);
  return elementwise('where', formula, condition, a, b);
}
