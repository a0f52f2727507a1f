import { FrameError } from '../../wire/json-cursor.ts';
import { asNumberText, type TextObject, textOrNull } from '../../wire/json-texts.ts';
import type { Subscription } from '../contract.ts';
import type { Instrument } from '../instruments.ts';

/** How the markets of KuCoin differ. */
export interface KucoinMarket {
  readonly id: string;
  readonly name: string;
  readonly rest: string;
  readonly isFutures: boolean;
  readonly listPath: string;
  /** Of whole books, without a key. */
  readonly snapshotPath: string;
  readonly topics: Readonly<Record<Subscription['channel'], string>>;
  guess(native: string): Instrument;
  /** One row of the list of instruments. Throws FrameError. */
  listed(row: TextObject): Instrument;
  tradesPath: string;
  klinesPath(native: string, interval: string, from: number, to: number): string;
  /** A row of REST as a row of the stream: start in seconds, open, close, high, low, volume, turnover. */
  klineRow(row: readonly string[]): readonly string[];
  /** Rows that one answer has at most. */
  klineRows: number;
}

const UNITS: readonly (readonly [canonical: string, kucoin: string])[] = [
  ['m', 'min'],
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['M', 'month'],
];

/** `1m` → `1min`, `1h` → `1hour`. */
export function kucoinInterval(interval: string): string {
  const [, count, unit] = /^(\d+)(\w+)$/.exec(interval) ?? [];
  const found = UNITS.find(([canonical]) => canonical === unit);
  if (found === undefined) throw new RangeError(`no interval of KuCoin's: ${interval}`);
  return `${count}${found[1]}`;
}

/** `1h` → 60. */
export function minutesOf(interval: string): number {
  const [, count, unit] = /^(\d+)(\w)$/.exec(interval) ?? [];
  return Number(count) * ({ m: 1, h: 60, d: 1440, w: 10_080 }[unit ?? ''] ?? Number.NaN);
}

/** `1min` → `1m`, `60min` → `1h`. Throws FrameError. */
export function canonicalInterval(name: string): string {
  const [, count, unit] = /^(\d+)([a-z]+)$/i.exec(name) ?? [];
  const found = UNITS.find(([, kucoin]) => kucoin === unit);
  if (found === undefined) throw new FrameError(`no interval: ${name}`);
  const number = Number(count);
  if (found[0] !== 'm' || number % 60 !== 0) return `${number}${found[0]}`;
  return number % 10_080 === 0
    ? `${number / 10_080}w`
    : number % 1440 === 0
      ? `${number / 1440}d`
      : `${number / 60}h`;
}

/** The first of the members that is there, a number as it is written; null where none is. */
export function tickerNumber(data: TextObject, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const text = textOrNull(data, key);
    if (text !== null) return asNumberText(text, key);
  }
  return null;
}
