import { StrategyError } from '../../model/errors.ts';
import { Instance, type StreamingClass, type Told } from './instance.ts';
import type { PatternFunction } from './pattern.ts';

/** What running an indicator on made-up candles has shown. */
export interface Trial {
  /** What it has to be told: of an object only the fields that it reads. */
  readonly told: Told;
  /** The numbers of the objects that it returns; undefined when it returns a number itself. */
  readonly outputs: readonly string[] | undefined;
  /** Bars before the first at which all of them are there. */
  readonly warmup: number;
}

/** Bars within which every number shows, whatever the periods are. */
const FEWEST = 1000;

/** Runs a new instance on made-up candles until all that it returns has shown. `fields`: what an object may have. */
export function tryOut(
  name: string,
  Class: StreamingClass,
  options: Readonly<Record<string, unknown>>,
  told: Told,
): Trial {
  const numbers = Object.values(options).filter(value => typeof value === 'number' && value > 0) as number[];
  const most = Math.min(100_000, FEWEST + 8 * numbers.reduce((total, value) => total + Math.ceil(value), 0));
  const random = madeUp();
  const read = new Set<string>();
  let latest: unknown;
  let value = -1;
  const first = new Map<string, number>();
  try {
    const instance = new Instance(Class, options, told);
    for (let bar = 0; bar < most; bar++) {
      const candle = random();
      if (typeof told === 'string') latest = instance.next([[candle.close], [candle.open]], 0);
      else latest = instance.tell(watched(candle, told, read));
      if (isValue(latest)) {
        value = bar;
        break;
      }
      if (typeof latest !== 'object' || latest === null) continue;
      const entries = Object.entries(latest);
      for (const [output, value] of entries) if (isValue(value) && !first.has(output)) first.set(output, bar);
      if (entries.length > 0 && entries.every(([output]) => first.has(output))) break;
    }
  } catch (cause) {
    throw unusable(name, `it threw ${String(cause)}`, cause);
  }
  if (value >= 0) return { told: fieldsRead(name, told, read), outputs: undefined, warmup: value };
  if (first.size === 0) throw unusable(name, `it returned no number in ${most} bars`, latest);
  const outputs = [...first.keys()];
  return { told: fieldsRead(name, told, read), outputs, warmup: Math.max(...first.values()) };
}

/** Asks a candlestick function about made-up candles. */
export function tryPattern(name: string, sees: PatternFunction, bars: number): void {
  const random = madeUp();
  const candles = Array.from({ length: bars }, random);
  const column = (field: 'open' | 'high' | 'low' | 'close') => candles.map(candle => candle[field]);
  let answer: unknown;
  try {
    answer = sees({ open: column('open'), high: column('high'), low: column('low'), close: column('close') });
  } catch (cause) {
    throw unusable(name, `it threw ${String(cause)}`, cause);
  }
  if (typeof answer !== 'boolean') throw unusable(name, 'it did not answer true or false', answer);
}

function isValue(value: unknown): boolean {
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

function fieldsRead(name: string, told: Told, read: ReadonlySet<string>): Told {
  if (typeof told === 'string') return told;
  if (read.size === 0) throw unusable(name, `it reads none of ${told.join(', ')}`, told);
  return told.filter(field => read.has(field));
}

/** A candle that notes which of its fields are read, and has no others than `fields`. */
function watched(
  candle: Readonly<Record<string, number>>,
  fields: readonly string[],
  read: Set<string>,
): object {
  return new Proxy(
    {},
    {
      get(_, field) {
        if (typeof field === 'symbol' || !fields.includes(field)) return undefined;
        read.add(field);
        return candle[field] ?? candle.close;
      },
    },
  );
}

/** Candles that go up and down from the first bar on; the same ones every time. */
function madeUp(): () => Record<'open' | 'high' | 'low' | 'close' | 'volume' | 'timestamp', number> {
  let state = 1;
  let close = 100;
  let timestamp = 0;
  const unit = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return () => {
    const open = close;
    close = 100 + 5 * (unit() - 0.5);
    timestamp += 60_000;
    const high = Math.max(open, close) + unit() + 0.1;
    const low = Math.min(open, close) - unit() - 0.1;
    return { open, high, low, close, volume: 1 + unit(), timestamp };
  };
}

function unusable(name: string, why: string, cause: unknown): StrategyError {
  return new StrategyError('TECHNICAL_INDICATOR_UNUSABLE', `${name} cannot be used, for ${why}`, {
    value: name,
    fix: 'pass a class such as RSI (not rsi) or a candlestick function, all of its periods, and a line or this.data as it needs',
    cause,
  });
}
