/** Powers of ten that doubles hold exactly. */
export const POWERS_OF_TEN: readonly number[] = Array.from({ length: 23 }, (_, power) =>
  Number(`1e${power}`),
);

/** The decimal number mantissa × 10^-decimals, written with all its decimals: 6183763000000 and 8 → `61837.63000000`. */
export function scaledText(mantissa: number, decimals: number): string {
  // Whole numbers beyond 1e21 would be written with an exponent.
  const digits =
    Math.abs(mantissa) < 1e21 ? String(Math.abs(mantissa)) : BigInt(Math.abs(mantissa)).toString();
  return (mantissa < 0 ? '-' : '') + pointMoved(digits, decimals);
}

/** The digits of an integer with a point before the last `decimals` of them: 118250 and 4 → `11.8250`. */
export function pointMoved(integer: string, decimals: number): string {
  if (decimals === 0) return integer;
  const sign = integer.startsWith('-') ? '-' : '';
  const padded = integer.slice(sign.length).padStart(decimals + 1, '0');
  const point = padded.length - decimals;
  return `${sign}${padded.slice(0, point)}.${padded.slice(point)}`;
}

/** The nearest double to mantissa × 10^-decimals; the mantissa an integer up to 2^53. */
export function scaledNumber(mantissa: number, decimals: number): number {
  // One division of two exact numbers is rounded once, so that it is what the text would be read as.
  return decimals < 23 ? mantissa / POWERS_OF_TEN[decimals] : Number(`${mantissa}e-${decimals}`);
}

/** The same number without zeros at the end of its fraction and without an exponent, so that equal numbers are equal texts. */
export function plainDecimal(text: string): string {
  const [mantissa, exponent = '0'] = text.toLowerCase().split('e') as [string, string?];
  const negative = mantissa.startsWith('-');
  const [whole, fraction = ''] = mantissa.replace(/^[+-]/, '').split('.') as [string, string?];
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = padded.slice(at).replace(/0+$/, '');
  const plain = right === '' ? left : `${left}.${right}`;
  return negative && plain !== '0' ? `-${plain}` : plain;
}

/** A decimal without rounding: mantissa × 10^-decimals. */
export interface ExactDecimal {
  readonly mantissa: bigint;
  readonly decimals: number;
}

/** `1.50e-3` → 15 × 10^-4. The text must be a JSON number. */
export function exactDecimal(text: string): ExactDecimal {
  const [whole, fraction = ''] = plainDecimal(text).split('.') as [string, string?];
  return { mantissa: BigInt(whole + fraction), decimals: fraction.length };
}

/** The mantissa of the same number with more decimals. */
export function withDecimals({ mantissa, decimals }: ExactDecimal, wanted: number): bigint {
  return decimals === wanted ? mantissa : mantissa * 10n ** BigInt(wanted - decimals);
}

/** `15` and 4 → `0.0015`, without zeros at the end. */
export function exactText({ mantissa, decimals }: ExactDecimal): string {
  const negative = mantissa < 0n;
  const digits = String(negative ? -mantissa : mantissa).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const plain = plainDecimal(decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`);
  return negative && plain !== '0' ? `-${plain}` : plain;
}

/** The same number without an exponent and with all the digits that it has: 1.50E-3 → `0.00150`. */
export function writtenOut(text: string): string {
  const [mantissa, exponent] = text.toLowerCase().split('e') as [string, string?];
  if (exponent === undefined) return text;
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole, fraction = ''] = mantissa.replace(/^[+-]/, '').split('.') as [string, string?];
  const point = whole.length + Number(exponent);
  const digits = point <= 0 ? '0'.repeat(1 - point) + whole + fraction : whole + fraction;
  const at = Math.max(point, 1);
  const left = digits
    .slice(0, at)
    .padEnd(at, '0')
    .replace(/^0+(?=\d)/, '');
  return digits.length > at ? `${sign}${left}.${digits.slice(at)}` : sign + left;
}
