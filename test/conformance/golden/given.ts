import type { Values } from './case.ts';

/**
 * Parameters as a case gives them, taken one by one. What nobody has taken at the end is a word that is not known, and
 * never passed over.
 */
export class Given {
  readonly #where: string;
  readonly #values: Values;
  readonly #taken = new Set<string>();

  constructor(where: string, values: Values | null | undefined) {
    this.#where = where;
    this.#values = values ?? {};
  }

  /** Absent, and null, which stands for it. */
  take(name: string): unknown {
    this.#taken.add(name);
    return this.#values[name] ?? undefined;
  }

  number(name: string): number | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === 'number') return value;
    throw this.#wrong(name, value, 'a number');
  }

  flag(name: string): boolean | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === 'boolean') return value;
    if (value === 0 || value === 1) return value === 1;
    throw this.#wrong(name, value, 'true or false');
  }

  text(name: string): string | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.#wrong(name, value, 'a text');
  }

  /** Throws unless everything was taken. */
  done(): void {
    const left = Object.keys(this.#values).filter(name => !this.#taken.has(name));
    if (left.length > 0) throw new Error(`${this.#where} has ${left.join(', ')}, which is not known`);
  }

  #wrong(name: string, value: unknown, wanted: string): Error {
    return new Error(`${this.#where} has ${name} = ${JSON.stringify(value)}, expected ${wanted}`);
  }
}
