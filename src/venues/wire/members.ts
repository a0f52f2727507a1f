import { FrameError, type JsonCursor } from './json-cursor.ts';

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** The scalar members of an object, or the scalar items of an array, as text: numbers as they stand there. For frames that are not many. */
export class Members {
  readonly #values: ReadonlyMap<string | number, string | null>;

  private constructor(values: ReadonlyMap<string | number, string | null>) {
    this.#values = values;
  }

  /** Reads the object that comes next; members that are objects or arrays are passed over. */
  static ofObject(cursor: JsonCursor): Members {
    const values = new Map<string, string | null>();
    cursor.object();
    while (cursor.key()) {
      const name = cursor.value();
      if (cursor.isObject || cursor.isArray) cursor.skip();
      else values.set(name, cursor.scalar());
    }
    return new Members(values);
  }

  /** Reads the array that comes next; its items are known by their position. */
  static ofArray(cursor: JsonCursor): Members {
    const values = new Map<number, string | null>();
    cursor.array();
    for (let at = 0; cursor.item(); at++) {
      if (cursor.isObject || cursor.isArray) {
        cursor.skip();
        values.set(at, null);
      } else values.set(at, cursor.scalar());
    }
    return new Members(values);
  }

  get count(): number {
    return this.#values.size;
  }

  /** Null where it is missing, or null. */
  optional(name: string | number): string | null {
    return this.#values.get(name) ?? null;
  }

  text(name: string | number): string {
    const value = this.optional(name);
    if (value === null) throw new FrameError(`"${name}" is missing`);
    return value;
  }

  /** The text of a number. */
  decimal(name: string | number): string {
    const value = this.text(name);
    if (!NUMBER.test(value)) throw new FrameError(`"${name}" is no number: ${value.slice(0, 40)}`);
    return value;
  }

  /** The text of a number; null where it is missing, null or empty. */
  optionalDecimal(name: string | number): string | null {
    const value = this.optional(name);
    return value === null || value === '' ? null : this.decimal(name);
  }

  /** The nearest double. */
  number(name: string | number): number {
    return Number(this.decimal(name));
  }
}
