/** The shortest decimal text that reads back as `value`, never in exponent notation. */
export function decimal(value: number): string {
  const text = String(value);
  const at = text.indexOf('e');
  if (at === -1) return text;
  const sign = value < 0 ? '-' : '';
  const [whole, fraction = ''] = text.slice(sign.length, at).split('.');
  const exponent = Number(text.slice(at + 1));
  return exponent < 0
    ? `${sign}0.${'0'.repeat(-exponent - 1)}${whole}${fraction}`
    : sign + whole + fraction.padEnd(exponent, '0');
}

/** Digits after the point in the shortest text of `value`. */
export function decimalPlaces(value: number): number {
  const text = decimal(value);
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
