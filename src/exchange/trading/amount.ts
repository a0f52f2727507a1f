import { decimalText } from '../../model/decimal-text.ts';

/** An amount or a price, exact: a whole number of 0.00000001, the finest that Binance tells. */
export type Amount = bigint;

export const PLACES = 8;
export const ONE: Amount = 100_000_000n;

/** Reads a decimal text; undefined when it is none, or has more than eight decimals. */
export function parseAmount(text: string): Amount | undefined {
  const [, whole, fraction = ''] = /^(\d{1,20})(?:\.(\d{1,20}))?$/.exec(text) ?? [];
  if (whole === undefined || fraction.length > PLACES) return undefined;
  return BigInt(whole + fraction.padEnd(PLACES, '0'));
}

/** The amount nearest to a double that is not negative. */
export function amountOf(value: number): Amount {
  const [whole, fraction = ''] = decimalText(value).split('.');
  const kept = BigInt(whole + fraction.slice(0, PLACES).padEnd(PLACES, '0'));
  return fraction.charCodeAt(PLACES) >= 53 ? kept + 1n : kept;
}

/** `1.50000000`, with eight decimals, as Binance writes it. */
export function amountText(amount: Amount): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(PLACES + 1, '0');
  const sign = amount < 0n ? '-' : '';
  return `${sign}${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`;
}

/** The product, rounded down. */
export function times(a: Amount, b: Amount): Amount {
  return (a * b) / ONE;
}

/** The product, rounded to the nearest. */
export function timesRounded(a: Amount, b: Amount): Amount {
  return (a * b + ONE / 2n) / ONE;
}

/** The quotient, rounded down. */
export function over(a: Amount, b: Amount): Amount {
  return (a * ONE) / b;
}

/** The greatest multiple of `step` that is not above; a step of 0 is none. */
export function floorTo(amount: Amount, step: Amount): Amount {
  return step === 0n ? amount : amount - (amount % step);
}

/** The least multiple of `step` that is not below. */
export function ceilTo(amount: Amount, step: Amount): Amount {
  const floor = floorTo(amount, step);
  return floor === amount ? amount : floor + step;
}

export function least(a: Amount, b: Amount): Amount {
  return a < b ? a : b;
}

export function greatest(a: Amount, b: Amount): Amount {
  return a > b ? a : b;
}
