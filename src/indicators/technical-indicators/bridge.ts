import { StrategyError } from '../../model/errors.ts';
import { Data } from '../../series/data.ts';
import { Kernel, period } from '../../series/kernel.ts';
import { Line, ringOf } from '../../series/line.ts';
import { Instance, type StreamingClass, type Told } from './instance.ts';
import { PATTERN_BARS, Pattern, type PatternFunction } from './pattern.ts';
import { tryOut, tryPattern } from './trial.ts';
import type {
  CandlestickFunction,
  TechnicalIndicator,
  TechnicalInput,
  TechnicalOptions,
  TechnicalOutput,
} from './types.ts';

const CANDLE = ['open', 'high', 'low', 'close'] as const;

/**
 * An indicator of the package `technicalindicators` as lines of ours: `fromTechnicalIndicators(RSI, this.data.close,
 * { period: 14 })`. Its class is handed over, with what it is computed from and the options that its constructor takes;
 * it is told bar by bar, by its `nextValue`. A class that returns a number gives a line, one that returns an object a
 * line for each of its numbers. Where it returns nothing, or what is not finite, the line is NaN, and so it is on a bar
 * whose input is NaN, which it is not told of. Values are its own, rounding included.
 *
 * A candlestick function (`doji`, `bullish`, …) gives 1 where it sees its pattern in the last `bars` candles, else 0.
 *
 * Which lines there are and where they begin is found by running an instance on made-up candles.
 * Throws `TECHNICAL_INDICATOR_UNUSABLE` when that gives no numbers, `NOT_A_LINE`, `INDICATOR_OUTSIDE_INIT`.
 */
export function fromTechnicalIndicators<C extends TechnicalIndicator>(
  indicator: C,
  input: TechnicalInput<C>,
  ...options: Record<never, never> extends TechnicalOptions<C>
    ? [options?: TechnicalOptions<C>]
    : [options: TechnicalOptions<C>]
): TechnicalOutput<C>;
export function fromTechnicalIndicators(
  pattern: CandlestickFunction,
  candles: { readonly [K in (typeof CANDLE)[number]]: Line },
  options?: { readonly bars?: number },
): Line;
export function fromTechnicalIndicators(
  indicator: unknown,
  input: unknown,
  options: Readonly<Record<string, unknown>> = {},
): Line | Readonly<Record<string, Line>> {
  const name = nameOf(indicator);
  const { fields, line } = sourceOf(name, input);
  if (!isStreaming(indicator)) {
    const { bars = PATTERN_BARS } = options as { readonly bars?: number };
    const label = `${name}(${period(name, bars)})`;
    const sees = indicator as PatternFunction;
    tryPattern(name, sees, bars);
    return new Pattern(label, sees, CANDLE.map(line), bars).outputs.pattern;
  }
  const { told, outputs, warmup } = tryOut(name, indicator, options, fields);
  const numbers = Object.values(options).filter(value => typeof value === 'number');
  const label = numbers.length === 0 ? name : `${name}(${numbers.join(', ')})`;
  const instance = new Instance(indicator, options, told);
  const lines = (told === 'number' ? ['values'] : told === 'two numbers' ? ['lineA', 'lineB'] : told).map(
    line,
  );
  const kernel = new Bridge(label, instance, lines, outputs, warmup);
  return outputs === undefined ? kernel.outputs.value : kernel.outputs;
}

class Bridge extends Kernel<string> {
  private readonly instance: Instance;
  private readonly names: readonly string[] | undefined;

  constructor(
    label: string,
    instance: Instance,
    inputs: readonly Line[],
    outputs: readonly string[] | undefined,
    warmup: number,
  ) {
    // Whether a value depends on all the past cannot be known: live warm-up takes it for granted.
    super({ label, inputs, outputs: outputs ?? ['value'], warmup, depth: 0, recursive: true });
    this.instance = instance;
    this.names = outputs;
  }

  /** Their state lies in generators, which can neither be copied nor go back. */
  override mark(): void {
    throw new StrategyError('STATE_NOT_COPIED', `${this.label} cannot go back to before a bar that grows`, {
      value: this.label,
      fix: 'use an indicator of ours there, or this one on bars that are closed when they come',
    });
  }

  compute(from: number, to: number): void {
    const { names, instance } = this;
    const { mask } = this.clock;
    const inputs = this.inputs.map(ringOf);
    const rings = Object.values(this.outputs).map(ringOf);
    for (let i = from; i < to; i++) {
      const p = i & mask;
      const answer = i >= this.start && isKnown(inputs, p) ? instance.next(inputs, p) : undefined;
      if (names === undefined) rings[0][p] = numberIn(answer);
      else for (let k = 0; k < names.length; k++) rings[k][p] = numberIn(fieldOf(answer, names[k]));
    }
  }
}

function isKnown(inputs: readonly Float64Array[], p: number): boolean {
  for (const ring of inputs) if (Number.isNaN(ring[p])) return false;
  return true;
}

function fieldOf(answer: unknown, name: string): unknown {
  return (answer as Readonly<Record<string, unknown>> | undefined | null)?.[name];
}

function numberIn(value: unknown): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN;
}

function isStreaming(indicator: unknown): indicator is StreamingClass {
  if (typeof indicator === 'function') {
    const { prototype } = indicator as { readonly prototype?: { readonly nextValue?: unknown } };
    return typeof prototype?.nextValue === 'function';
  }
  throw new StrategyError('TECHNICAL_INDICATOR_UNUSABLE', `${String(indicator)} is no indicator`, {
    value: indicator,
    fix: 'import a class such as RSI from technicalindicators and hand it over',
  });
}

function nameOf(indicator: unknown): string {
  const { name } = (indicator ?? {}) as { readonly name?: unknown };
  return `technicalindicators.${typeof name === 'string' && name !== '' ? name : 'indicator'}`;
}

/** What bars may be told of an input, and the line of each field. */
function sourceOf(name: string, input: unknown): { fields: Told; line: (field: string) => Line } {
  if (input instanceof Line) return { fields: 'number', line: () => input };
  const given = (input ?? {}) as Readonly<Record<string, unknown>>;
  const ofData = input instanceof Data;
  const line = (field: string) => {
    const found = given[ofData && field === 'timestamp' ? 'time' : field];
    if (found instanceof Line) return found;
    throw new StrategyError('NOT_A_LINE', `${name} was given no line as its ${field}`, {
      value: found,
      fix: 'pass a line such as this.data.close, or this.data where it is computed from candles',
    });
  };
  if (ofData) return { fields: [...CANDLE, 'volume', 'timestamp'], line };
  if ('lineA' in given && 'lineB' in given) return { fields: 'two numbers', line };
  return { fields: Object.keys(given), line };
}
