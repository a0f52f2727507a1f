import type { Line } from '../../series/line.ts';
import type { IndicatorDefinition } from '../definition.ts';

/** Anything with numbers by index: a Float64Array, which is fastest, a Float32Array, an array. */
export type Values = ArrayLike<number>;

/** A function that makes lines of lines: an indicator, one by another library's name, or one of your own. */
export type LineFunction = (...args: never) => Line | Readonly<Record<string, Line>>;

/** One of our indicators, or one by another library's name. */
export type StreamableFunction = LineFunction & { readonly definition: IndicatorDefinition };

/** What a function of lines is given in `calculate`: its own arguments, with values where it wants lines. */
export type ValuesArguments<F extends LineFunction> = Elements<Parameters<F>, Values>;

/** What a stream's `next` is given: a number where the indicator wants a line, a bar where it wants columns. */
export type NextArguments<F extends LineFunction> =
  Parameters<F> extends readonly [infer A, unknown?]
    ? readonly [one: NumbersFor<A>]
    : Parameters<F> extends readonly [unknown, unknown, unknown?]
      ? readonly [a: number, b: number]
      : never;

/** The options of an indicator. */
export type OptionsOf<F extends LineFunction> =
  Parameters<F> extends readonly [unknown, (infer O)?]
    ? O
    : Parameters<F> extends readonly [unknown, unknown, (infer O)?]
      ? O
      : never;

/** T in place of each line that a function returns. */
export type PerLine<F extends LineFunction, T> =
  ReturnType<F> extends Line ? T : { readonly [K in keyof ReturnType<F>]: T };

type Elements<A extends readonly unknown[], T> = { [K in keyof A]: Swapped<A[K], T> };

type NumbersFor<A> = Line extends A ? number : Swapped<A, number>;

/** `A` with T in place of a line, and of each line of an object. Options hold no lines and stay as they are. */
type Swapped<A, T> = A extends Line
  ? T
  : A extends object
    ? Line extends A[keyof A]
      ? { [K in keyof A]: Swapped<A[K], T> }
      : A
    : A;
