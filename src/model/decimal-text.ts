/**
 * The shortest decimal text that reads back as the same double, never with an exponent: 1e-7 → `0.0000001`. Empty for
 * NaN and infinities, which no decimal number stands for.
 */
export function decimalText(value: number): string {
  if (!Number.isFinite(value)) return '';
  const text = String(value);
  const [mantissa, exponent] = text.split('e');
  if (exponent === undefined) return text;
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole, fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}
