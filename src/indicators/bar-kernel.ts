import { StrategyError } from '../model/errors.ts';
import type { ParameterSet, ParameterValues } from '../model/parameters.ts';
import { threw } from '../series/clock.ts';
import { Kernel, period } from '../series/kernel.ts';
import { Line, ringOf } from '../series/line.ts';
import type { Inputs } from './spec.ts';

type Values = Record<string, number>;

/** How one bar is computed, without the types of an indicator's declaration. */
export interface BarRule {
  readonly name: string;
  readonly inputs: Inputs;
  readonly warmup?: number | ((parameters: ParameterValues<ParameterSet>) => number);
  readonly recursive?: boolean;
  readonly start?: (parameters: ParameterValues<ParameterSet>) => object;
  readonly next: (
    state: object,
    input: number | Values,
    parameters: ParameterValues<ParameterSet>,
    lines: Values,
  ) => unknown;
}

/** Runs a rule for one bar over the bars, keeping its state between them. */
export class BarKernel extends Kernel<string> {
  private readonly state: object;
  // What does not change, or is written anew for each bar, is no state.
  readonly #rule: BarRule;
  readonly #parameters: ParameterValues<ParameterSet>;
  readonly #operands: readonly (Line | number)[];
  readonly #names: readonly string[];
  readonly #values: Values = {};
  readonly #lines: Values = {};
  readonly #outputNames: readonly string[];
  #rings: readonly Float64Array[] = [];
  #out: readonly Float64Array[] = [];

  constructor(
    label: string,
    rule: BarRule,
    lines: readonly string[],
    parameters: ParameterValues<ParameterSet>,
    operands: readonly (Line | number)[],
  ) {
    const { warmup = 0, recursive = false, start, inputs } = rule;
    const bars = period(label, typeof warmup === 'function' ? warmup(parameters) : warmup, 0);
    const used = operands.filter(one => one instanceof Line);
    super({ label, inputs: used, outputs: lines, warmup: bars, depth: 0, recursive });
    this.#rule = rule;
    this.#parameters = parameters;
    this.#operands = operands;
    this.#outputNames = lines;
    this.#names = typeof inputs === 'string' ? ['a', 'b'].slice(0, operands.length) : inputs;
    for (const name of this.#names) this.#values[name] = Number.NaN;
    this.state = start?.(parameters) ?? {};
  }

  compute(from: number, to: number): void {
    const { start, minPeriod } = this;
    const { mask } = this.clock;
    const [inputs, outputs] = [this.#inputRings(), this.#outputRings()];
    const names = this.#outputNames;
    const lines = this.#lines;
    for (let i = from; i < to; i++) {
      for (let k = 0; k < names.length; k++) lines[names[k]] = Number.NaN;
      if (i >= start && this.#read(inputs, i)) this.#next(i);
      const isEarly = i + 1 < minPeriod;
      for (let k = 0; k < names.length; k++) outputs[k][i & mask] = isEarly ? Number.NaN : lines[names[k]];
    }
  }

  /** Takes in the values of a bar; false when one of them is NaN. */
  #read(rings: readonly Float64Array[], bar: number): boolean {
    for (let k = 0; k < rings.length; k++) {
      // A constant is a ring of one value.
      const value = rings[k][bar & (rings[k].length - 1)];
      if (Number.isNaN(value)) return false;
      this.#values[this.#names[k]] = value;
    }
    return true;
  }

  #next(bar: number): void {
    const lines = this.#lines;
    const names = this.#outputNames;
    const returned = this.#call(bar);
    if (names.length === 1) lines[names[0]] = returned as number;
    else if (typeof returned === 'object' && returned !== null) {
      for (let k = 0; k < names.length; k++) lines[names[k]] = (returned as Values)[names[k]];
    } else if (returned !== undefined) {
      throw this.#returned(returned, bar, `an object with ${names.join(', ')}, or nothing`);
    }
    for (let k = 0; k < names.length; k++) {
      const value: unknown = lines[names[k]];
      if (typeof value !== 'number') {
        throw this.#returned(value, bar, names.length === 1 ? 'a number' : `a number as ${names[k]}`);
      }
      if (!Number.isFinite(value)) lines[names[k]] = Number.NaN;
    }
  }

  #call(bar: number): unknown {
    const { next, inputs } = this.#rule;
    const input = inputs === 'line' ? this.#values.a : this.#values;
    try {
      return next(this.state, input, this.#parameters, this.#lines);
    } catch (error) {
      throw threw(this.label, `at bar ${bar}`, error);
    }
  }

  #returned(value: unknown, bar: number, wanted: string): StrategyError {
    return new StrategyError(
      'INDICATOR_RETURNED',
      `${this.label}: next() returned ${String(value)} at bar ${bar}`,
      {
        value,
        limit: wanted,
        fix: `return ${wanted}; Number.NaN where there is no value`,
      },
    );
  }

  /** Rings are made when the run begins, and stay. */
  #inputRings(): readonly Float64Array[] {
    if (this.#rings.length === 0) {
      this.#rings = this.#operands.map(one => (typeof one === 'number' ? Float64Array.of(one) : ringOf(one)));
    }
    return this.#rings;
  }

  #outputRings(): readonly Float64Array[] {
    if (this.#out.length === 0) this.#out = this.#outputNames.map(name => ringOf(this.outputs[name]));
    return this.#out;
  }
}
