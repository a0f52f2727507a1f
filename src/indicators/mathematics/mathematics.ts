import { choice, type Parameter } from '../../model/parameters.ts';
import { indicator } from '../definition.ts';
import { pointwise } from './pointwise.ts';

/** What is beyond the numbers: `finite` gives NaN for it, `talib` ±Infinity, as TA-Lib does. */
const OVERFLOW = ['finite', 'talib'] as const;

const finite = (value: number) => (value - value === 0 ? value : Number.NaN);

interface Unary {
  readonly name: string;
  readonly title: string;
  readonly formula: string;
  readonly domain?: readonly [from: number, to: number];
}

/** A function of one line, bar by bar, that cannot overflow. */
function unary(terms: Unary, of: (value: number) => number) {
  const { name } = terms;
  return indicator({
    ...terms,
    group: 'mathematics',
    source: `TA-Lib ${name.toUpperCase()}`,
    inputs: 'line',
    parameters: {},
    lines: ['value'],
    build: (_, input) => ({ value: pointwise(name, [input], of) }),
  });
}

/** A function of one line, bar by bar, whose result may be beyond the numbers. */
function unbounded(terms: Unary, of: (value: number) => number) {
  const { name } = terms;
  const convention: Parameter<(typeof OVERFLOW)[number]> = choice(OVERFLOW);
  return indicator({
    ...terms,
    formula: `${terms.formula}; where that is infinite, NaN by default and ±Infinity by \`talib\``,
    group: 'mathematics',
    source: `TA-Lib ${name.toUpperCase()}`,
    inputs: 'line',
    parameters: { convention },
    lines: ['value'],
    build: (parameters, input) => ({
      value: pointwise(name, [input], parameters.convention === 'talib' ? of : value => finite(of(value))),
    }),
  });
}

/** Arc cosine, radians. */
export const acos = unary(
  { name: 'acos', title: 'Arc cosine', formula: 'arc cosine, radians; NaN outside −1 … 1', domain: [-1, 1] },
  Math.acos,
);
/** Arc sine, radians. */
export const asin = unary(
  { name: 'asin', title: 'Arc sine', formula: 'arc sine, radians; NaN outside −1 … 1', domain: [-1, 1] },
  Math.asin,
);
/** Arc tangent, radians. */
export const atan = unary({ name: 'atan', title: 'Arc tangent', formula: 'arc tangent, radians' }, Math.atan);
/** The smallest whole number that is not below the value. */
export const ceil = unary(
  { name: 'ceil', title: 'Ceiling', formula: 'the smallest whole number that is not below the value' },
  Math.ceil,
);
/** Cosine of radians. */
export const cos = unary({ name: 'cos', title: 'Cosine', formula: 'cosine of radians' }, Math.cos);
/** Hyperbolic cosine. */
export const cosh = unbounded(
  { name: 'cosh', title: 'Hyperbolic cosine', formula: '(eˣ + e⁻ˣ) ÷ 2', domain: [-710, 710] },
  Math.cosh,
);
/** e to the power of the value. */
export const exp = unbounded(
  { name: 'exp', title: 'Exponential function', formula: 'eˣ', domain: [-745, 709] },
  Math.exp,
);
/** The largest whole number that is not above the value. */
export const floor = unary(
  { name: 'floor', title: 'Floor', formula: 'the largest whole number that is not above the value' },
  Math.floor,
);
/** Natural logarithm. */
export const ln = unbounded(
  {
    name: 'ln',
    title: 'Natural logarithm',
    formula: 'logarithm to the base e; NaN below 0',
    domain: [1e-300, 1e300],
  },
  Math.log,
);
/** Logarithm to the base 10. */
export const log10 = unbounded(
  {
    name: 'log10',
    title: 'Decimal logarithm',
    formula: 'logarithm to the base 10; NaN below 0',
    domain: [1e-300, 1e300],
  },
  Math.log10,
);
/** Sine of radians. */
export const sin = unary({ name: 'sin', title: 'Sine', formula: 'sine of radians' }, Math.sin);
/** Hyperbolic sine. */
export const sinh = unbounded(
  { name: 'sinh', title: 'Hyperbolic sine', formula: '(eˣ − e⁻ˣ) ÷ 2', domain: [-710, 710] },
  Math.sinh,
);
/** Square root. */
export const sqrt = unary(
  { name: 'sqrt', title: 'Square root', formula: '√value; NaN below 0', domain: [0, 1e300] },
  Math.sqrt,
);
/** Tangent of radians. */
export const tan = unary({ name: 'tan', title: 'Tangent', formula: 'tangent of radians' }, Math.tan);
/** Hyperbolic tangent. */
export const tanh = unary(
  { name: 'tanh', title: 'Hyperbolic tangent', formula: 'sinh ÷ cosh of the value' },
  Math.tanh,
);

interface Arithmetic {
  readonly name: string;
  readonly title: string;
  readonly formula: string;
  readonly talib: string;
}

function arithmetic({ talib, ...terms }: Arithmetic, of: (a: number, b: number) => number) {
  return indicator({
    ...terms,
    formula: `${terms.formula}; where that is infinite, NaN by default and ±Infinity by \`talib\``,
    group: 'mathematics',
    source: `TA-Lib ${talib}`,
    inputs: 'two lines',
    parameters: { convention: choice(OVERFLOW) },
    lines: ['value'],
    build: ({ convention }, a, b) => ({
      value: pointwise(terms.name, [a, b], convention === 'talib' ? of : (x, y) => finite(of(x, y))),
    }),
  });
}

/** a + b, bar by bar: the operator `add` as an indicator. */
export const sumOfTwo = arithmetic(
  { name: 'sumOfTwo', title: 'Sum of two lines', formula: 'a + b', talib: 'ADD' },
  (a, b) => a + b,
);
/** a − b, bar by bar: the operator `sub` as an indicator. */
export const difference = arithmetic(
  { name: 'difference', title: 'Difference of two lines', formula: 'a − b', talib: 'SUB' },
  (a, b) => a - b,
);
/** a · b, bar by bar: the operator `mul` as an indicator. */
export const product = arithmetic(
  { name: 'product', title: 'Product of two lines', formula: 'a · b', talib: 'MULT' },
  (a, b) => a * b,
);
/** a ÷ b, bar by bar: the operator `div` as an indicator. */
export const quotient = arithmetic(
  { name: 'quotient', title: 'Quotient of two lines', formula: 'a ÷ b', talib: 'DIV' },
  (a, b) => a / b,
);

export const MATHEMATICS = [
  acos,
  asin,
  atan,
  ceil,
  cos,
  cosh,
  exp,
  floor,
  ln,
  log10,
  sin,
  sinh,
  sqrt,
  tan,
  tanh,
  sumOfTwo,
  difference,
  product,
  quotient,
] as const;
