import { decimalText } from '../../model/decimal-text.ts';
import { InputError } from '../../model/errors.ts';

/** A plain decimal text, as exchanges write and read it; more digits than a double's text can have are none of ours. */
const PLAIN = /^(-?)(\d{1,400})(?:\.(\d{1,400}))?$/;

/** An exact decimal number: a whole number of units of a power of ten. It is never rounded unless it is asked to be. */
export class Decimal {
  static readonly ZERO = new Decimal(0n, 0);

  readonly #units: bigint;
  /** Digits behind the point. */
  readonly #scale: number;

  private constructor(units: bigint, scale: number) {
    this.#units = units;
    this.#scale = scale;
  }

  /**
   * The number that a text says; of a double, the one that its shortest text says: 0.3 is three tenths. Undefined for
   * what is no plain decimal (`1e5`, NaN, an empty text).
   */
  static parse(value: string | number): Decimal | undefined {
    const found = PLAIN.exec(typeof value === 'number' ? decimalText(value) : value);
    if (found === null) return undefined;
    const [, sign, whole, fraction = ''] = found;
    const units = BigInt(whole + fraction);
    return new Decimal(sign === '-' ? -units : units, fraction.length);
  }

  /** As {@link parse}. Throws InputError `DECIMAL_INVALID`. */
  static of(value: string | number): Decimal {
    const parsed = Decimal.parse(value);
    if (parsed !== undefined) return parsed;
    const text = typeof value === 'number' ? String(value) : JSON.stringify(value.slice(0, 60));
    throw new InputError('DECIMAL_INVALID', `${text} is no decimal number`, {
      value,
      fix: 'give digits with at most one point, such as 0.001',
    });
  }

  /** 10^-digits. */
  static unit(digits: number): Decimal {
    return new Decimal(1n, digits);
  }

  /** −1, 0 or 1. */
  get sign(): number {
    return this.#units === 0n ? 0 : this.#units < 0n ? -1 : 1;
  }

  plus(other: Decimal): Decimal {
    const scale = Math.max(this.#scale, other.#scale);
    return new Decimal(this.#at(scale) + other.#at(scale), scale);
  }

  minus(other: Decimal): Decimal {
    const scale = Math.max(this.#scale, other.#scale);
    return new Decimal(this.#at(scale) - other.#at(scale), scale);
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.#units * other.#units, this.#scale + other.#scale);
  }

  /** Negative, 0 or positive, as sorting wants it. */
  compare(other: Decimal): number {
    return this.minus(other).sign;
  }

  /** How many whole times `divisor` (above 0) goes into this, rounded down. */
  wholeTimes(divisor: Decimal): bigint {
    const scale = Math.max(this.#scale, divisor.#scale);
    return floorDivide(this.#at(scale), divisor.#at(scale));
  }

  /** The largest multiple of `step` (above 0) that is not above this. */
  down(step: Decimal): Decimal {
    return new Decimal(step.#units * this.wholeTimes(step), step.#scale);
  }

  /** The smallest multiple of `step` (above 0) that is not below this. */
  up(step: Decimal): Decimal {
    const below = this.down(step);
    return below.compare(this) === 0 ? below : below.plus(step);
  }

  /** The smallest number that is a multiple of both; both are above 0. */
  commonMultiple(other: Decimal): Decimal {
    const scale = Math.max(this.#scale, other.#scale);
    const a = this.#at(scale);
    const b = other.#at(scale);
    return new Decimal((a / commonDivisor(a, b)) * b, scale);
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(this.toString());
  }

  /** The shortest text: no exponent, no zeros at the end of a fraction. */
  toString(): string {
    const negative = this.#units < 0n;
    const digits = (negative ? -this.#units : this.#units).toString().padStart(this.#scale + 1, '0');
    const whole = digits.slice(0, digits.length - this.#scale);
    const fraction = digits.slice(digits.length - this.#scale).replace(/0+$/, '');
    return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
  }

  toJSON(): string {
    return this.toString();
  }

  #at(scale: number): bigint {
    return this.#units * 10n ** BigInt(scale - this.#scale);
  }
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function commonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}
