import { extremeBars, highestBar, lowestBar } from '../../extremes/extreme-bars.ts';
import { extremes, highest, lowest } from '../../extremes/extremes.ts';
import {
  acos,
  asin,
  atan,
  ceil,
  cos,
  cosh,
  difference,
  exp,
  floor,
  ln,
  log10,
  product,
  quotient,
  sin,
  sinh,
  sqrt,
  sumOfTwo,
  tan,
  tanh,
} from '../../mathematics/mathematics.ts';
import { sum } from '../../mathematics/totals.ts';
import { dialect } from '../dialect.ts';

const PERIOD = { timeperiod: 'bars' } as const;
const VALUE = { parameters: {}, lines: { real: 'value' } } as const;
/** Beyond the numbers TA-Lib gives ±Infinity. */
const UNBOUNDED = { ...VALUE, fixed: { convention: 'talib' } } as const;
/** Bar numbers from the data's first bar (0) on, as TA-Lib's places in its array. */
const PLACES = { parameters: PERIOD, fixed: { ties: 'talib', counted: 'from start' } } as const;

/** TA-Lib's math transform functions and math operators. */
export const MATHEMATICS = {
  ACOS: dialect(acos, VALUE),
  ADD: dialect(sumOfTwo, UNBOUNDED),
  ASIN: dialect(asin, VALUE),
  ATAN: dialect(atan, VALUE),
  CEIL: dialect(ceil, VALUE),
  COS: dialect(cos, VALUE),
  COSH: dialect(cosh, UNBOUNDED),
  DIV: dialect(quotient, UNBOUNDED),
  EXP: dialect(exp, UNBOUNDED),
  FLOOR: dialect(floor, VALUE),
  LN: dialect(ln, UNBOUNDED),
  LOG10: dialect(log10, UNBOUNDED),
  MAX: dialect(highest, { parameters: PERIOD, lines: { real: 'highest' } }),
  MAXINDEX: dialect(highestBar, { ...PLACES, lines: { integer: 'bar' } }),
  MIN: dialect(lowest, { parameters: PERIOD, lines: { real: 'lowest' } }),
  MININDEX: dialect(lowestBar, { ...PLACES, lines: { integer: 'bar' } }),
  MINMAX: dialect(extremes, { parameters: PERIOD, lines: { min: 'lowest', max: 'highest' } }),
  MINMAXINDEX: dialect(extremeBars, { ...PLACES, lines: { minidx: 'lowest', maxidx: 'highest' } }),
  MULT: dialect(product, UNBOUNDED),
  SIN: dialect(sin, VALUE),
  SINH: dialect(sinh, UNBOUNDED),
  SQRT: dialect(sqrt, VALUE),
  SUB: dialect(difference, UNBOUNDED),
  SUM: dialect(sum, { parameters: PERIOD, lines: { real: 'sum' } }),
  TAN: dialect(tan, VALUE),
  TANH: dialect(tanh, VALUE),
} as const;
