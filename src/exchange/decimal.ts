import { decimalText } from '../model/decimal-text.ts';

/** Digits after the point in the shortest text of `value`. */
export function decimalPlaces(value: number): number {
  const text = decimalText(value);
  const point = text.indexOf('.');
  return point === -1 ? 0 : text.length - point - 1;
}

/** To `places` decimals; values that have no digits so far behind the point keep 15 significant ones. */
export function roundTo(value: number, places: number): number {
  const scaled = value * 10 ** places;
  return Math.abs(scaled) < Number.MAX_SAFE_INTEGER
    ? Math.round(scaled) / 10 ** places
    : Number(value.toPrecision(15));
}

/** Places in which Binance gives amounts. */
export const AMOUNT_PLACES = 8;
