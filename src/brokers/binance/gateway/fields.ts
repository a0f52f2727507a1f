import { DataError } from '../../../model/errors.ts';

/** A JSON object as it came, and what is wrong with it in one line if a field is not what it must be. */
export class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #of: string;

  /** `of` is what people are told that it is. Throws DataError `ANSWER_UNREADABLE` when it is no object. */
  constructor(value: unknown, of: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw unreadable(`${of} is no object`);
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
    this.#of = of;
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined && this.#fields[name] !== null;
  }

  raw(name: string): unknown {
    return this.#fields[name];
  }

  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== 'string') throw this.#wrong(name, 'no text');
    return value;
  }

  /** A text, or `otherwise` where there is none. */
  textOr(name: string, otherwise: string): string {
    return this.has(name) ? this.text(name) : otherwise;
  }

  /** A plain decimal text, possibly negative. */
  decimal(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== 'string' || !/^-?\d+(\.\d+)?$/.test(value)) throw this.#wrong(name, 'no decimal');
    return value;
  }

  decimalOr(name: string, otherwise: string): string {
    return this.has(name) ? this.decimal(name) : otherwise;
  }

  /** A whole number that a double holds exactly. */
  whole(name: string): number {
    const value = this.#fields[name];
    if (!Number.isSafeInteger(value)) throw this.#wrong(name, 'no whole number');
    return value as number;
  }

  wholeOr(name: string, otherwise: number): number {
    return this.has(name) ? this.whole(name) : otherwise;
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value !== 'boolean') throw this.#wrong(name, 'neither true nor false');
    return value;
  }

  flagOr(name: string, otherwise: boolean): boolean {
    return this.has(name) ? this.flag(name) : otherwise;
  }

  /** One of `known`. */
  oneOf<T extends string>(name: string, known: readonly T[]): T {
    const value = this.text(name);
    if (!(known as readonly string[]).includes(value)) throw this.#wrong(name, 'unknown');
    return value as T;
  }

  list(name: string): readonly unknown[] {
    return listOf(this.#fields[name], `${this.#of}: ${name}`);
  }

  object(name: string): Fields {
    return new Fields(this.#fields[name], `${this.#of}: ${name}`);
  }

  #wrong(name: string, problem: string): DataError {
    return unreadable(`${this.#of}: ${name} is ${problem}`);
  }
}

/** Throws DataError `ANSWER_UNREADABLE` when it is no list. */
export function listOf(value: unknown, of: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unreadable(`${of} is no list`);
  return value;
}

/** An answer is not what it must be. */
export function unreadable(problem: string): DataError {
  // The value itself is left out: what an exchange sends by mistake may be anything, also what was sent to it.
  return new DataError('ANSWER_UNREADABLE', problem);
}
