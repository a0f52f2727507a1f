import { add, type Data, div, ema, gt, type Line, mul, rsi, sma, sub } from '../../src/index.ts';
import type { IndicatorDefinition } from '../../src/indicators/definition.ts';

/** What an indicator's picture is computed from, and the lines that are drawn with the price. */
export interface Given {
  readonly inputs: readonly unknown[];
  readonly drawn: Readonly<Record<string, Line>>;
}

/** Numbers from about -1 to 1, for functions that are of interest there. */
const unit = (data: Data): Line => mul(sub(div(data.close, 1000), 1), 6);

/** Lengths of averages that vary from bar to bar. */
const lengths = (data: Data): Line => div(rsi(data.close), 2);

const OF_THEIR_OWN: Readonly<Record<string, (data: Data) => readonly unknown[]>> = {
  variableAverage: data => [data.close, lengths(data)],
  dynamicSmoothing: data => [data.close, div(2, add(lengths(data), 1))],
  every: data => [gt(data.close, data.open)],
  some: data => [gt(data.close, data.open)],
};

/** `plain`: the price itself where another input would be of more interest, because that gives no values. */
export function givenOf({ name, inputs, group }: IndicatorDefinition, data: Data, plain: boolean): Given {
  const own = OF_THEIR_OWN[name];
  if (own !== undefined) return { inputs: own(data), drawn: {} };
  if (inputs === 'line') {
    const isFunction = group === 'mathematics' && !plain && !Object.hasOwn(SUMS, name);
    return { inputs: [isFunction ? unit(data) : data.close], drawn: {} };
  }
  if (inputs === 'two lines' || inputs === 'line and level') {
    const isCross = inputs === 'line and level';
    const a = isCross ? sma(data.close, 7) : data.close;
    const b = isCross ? sma(data.close, 21) : ema(data.open, 10);
    return { inputs: [a, b], drawn: isCross ? { a, b } : { b } };
  }
  return { inputs: [data], drawn: {} };
}

const SUMS = { sum: true, cumulativeSum: true };
