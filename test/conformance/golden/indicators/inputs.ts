import {
  add,
  backtraderIndicators,
  type Data,
  div,
  eq,
  ge,
  gt,
  type Line,
  le,
  lt,
  mul,
  ne,
  sub,
} from '../../../../src/index.ts';
import type { IndicatorDefinition } from '../../../../src/indicators/definition.ts';
import { evaluate, type Operation } from './expression.ts';
import { lookUp } from './look-up.ts';

const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const;
const LETTERS: Readonly<Record<string, (typeof COLUMNS)[number]>> = {
  O: 'open',
  H: 'high',
  L: 'low',
  C: 'close',
  V: 'volume',
};

type Operand = Line | number;

const onLines =
  (operation: (a: Operand, b: Operand) => Line, onNumbers: (a: number, b: number) => number): Operation =>
  (a, b) =>
    typeof a === 'number' && typeof b === 'number' ? onNumbers(a, b) : operation(operandOf(a), operandOf(b));

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '+': onLines(add, (a, b) => a + b),
  '-': onLines(sub, (a, b) => a - b),
  '*': onLines(mul, (a, b) => a * b),
  '/': onLines(div, (a, b) => a / b),
  '>': onLines(gt, (a, b) => Number(a > b)),
  '<': onLines(lt, (a, b) => Number(a < b)),
  '>=': onLines(ge, (a, b) => Number(a >= b)),
  '<=': onLines(le, (a, b) => Number(a <= b)),
  '==': onLines(eq, (a, b) => Number(a === b)),
  '!=': onLines(ne, (a, b) => Number(a !== b)),
};

/** A data in arithmetic stands for its close. */
function operandOf(value: unknown): Operand {
  return typeof value === 'object' && value !== null && 'close' in value
    ? (value.close as Line)
    : (value as Operand);
}

/** What a recorded expression gives on a data; further names such as `q` by `names`. */
export function inputOf(source: string, data: Data, names: Readonly<Record<string, unknown>> = {}): unknown {
  return evaluate(source, {
    name: name => (name === 'data' ? data : (columnOf(name, data) ?? names[name])),
    call: (name, args) => {
      // "data (close)": the data, with a note of the line that it stands for.
      if (name === 'data') return args[0];
      const lines = lookUp(backtraderIndicators, name).call(args);
      return Object.values(lines)[0];
    },
    operations: OPERATIONS,
  });
}

function columnOf(name: string, data: Data): Line | undefined {
  const column = COLUMNS.find(column => column === name);
  return column === undefined ? undefined : data[column];
}

/** TA-Lib's inputs as our indicator takes them: `HLC`, `real=close`, `real0=high real1=low`, `real=close V`. */
export function talibInputs(text: string, { inputs, name }: IndicatorDefinition, data: Data): unknown[] {
  const words = text.trim().split(/\s+/);
  const reals = words
    .filter(word => word.includes('='))
    .map(word => inputOf(word.replace(/^\w+=/, ''), data));
  const letters = words.filter(word => !word.includes('=')).join('');
  const columns: Record<string, unknown> = {};
  for (const letter of letters) {
    if (LETTERS[letter] === undefined) throw new Error(`the input ${letter} of "${text}" is not known`);
    columns[LETTERS[letter]] = data[LETTERS[letter]];
  }
  if (typeof inputs === 'string') {
    if (letters === '' && reals.length === (inputs === 'line' ? 1 : 2)) return reals;
    throw new Error(`${name} takes ${inputs}, not "${text}"`);
  }
  // Where a real comes with columns it takes the place of the one column that has no letter.
  const [rest, ...more] = inputs.filter(column => columns[column] === undefined);
  if (reals.length === 1 && rest !== undefined) columns[rest] = reals[0];
  if (more.length > 0 || Object.keys(columns).length !== inputs.length) {
    throw new Error(`${name} takes ${inputs.join(', ')}, not "${text}"`);
  }
  return [columns];
}
