import type { Line } from '../../series/line.ts';

/** A class of the package `technicalindicators`, as far as its types matter; the package itself is not imported. */
export type TechnicalIndicator = new (input: never) => { nextValue(...values: never[]): unknown };

/** A candlestick function of `technicalindicators`: `doji`, `bullish`, … */
export type CandlestickFunction = (candles: never) => boolean;

type GivenTo<C> = C extends new (input: infer I) => unknown ? I : never;

type SeriesOf<I> = {
  [K in keyof I]-?: NonNullable<I[K]> extends readonly number[] ? K : never;
}[keyof I];

/** What a class is computed from: a line where it takes `values`, else a data, or lines by the names it takes. */
export type TechnicalInput<C extends TechnicalIndicator> =
  GivenTo<C> extends { readonly values: readonly number[] }
    ? Line
    : { readonly [K in keyof Pick<GivenTo<C>, SeriesOf<GivenTo<C>>>]: Line };

/** What its constructor takes beside the series, by its own names. */
export type TechnicalOptions<C extends TechnicalIndicator> = Omit<
  GivenTo<C>,
  SeriesOf<GivenTo<C>> | 'reversedInput'
>;

type ValueOf<C extends TechnicalIndicator> = NonNullable<
  InstanceType<C> extends { nextValue(...values: never[]): infer R } ? R : never
>;

type NumbersOf<V> = { [K in keyof V]-?: NonNullable<V[K]> extends number ? K : never }[keyof V];

/** A line, or a line for each number of the objects that it returns. */
export type TechnicalOutput<C extends TechnicalIndicator> = [ValueOf<C>] extends [number | boolean]
  ? Line
  : { readonly [K in NumbersOf<ValueOf<C>>]: Line };
