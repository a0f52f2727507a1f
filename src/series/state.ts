import { StrategyError } from '../model/errors.ts';

type Typed =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** What an object held when it was marked. */
type Saved = SavedFields | SavedArray | SavedTyped;

/**
 * Remembers what an object holds, and what the objects in its fields hold, so that all of it can be put back: numbers, truth
 * values, texts, typed arrays, arrays, and objects of these. Copies go to buffers that are made once. Functions, frozen
 * objects, and what `isShared` says belongs to others, are kept as they are.
 */
export class StateMemory {
  readonly #root: object;
  readonly #label: string;
  readonly #isShared: (value: object) => boolean;
  readonly #known = new WeakMap<object, Saved>();
  /** What the last mark found. */
  readonly #saved: Saved[] = [];
  #mark = 0;

  /** `skipped`: fields of `root` itself that are no state; `label`: whose state it is, for errors. */
  constructor(
    root: object,
    label: string,
    skipped: ReadonlySet<string>,
    isShared: (value: object) => boolean,
  ) {
    this.#root = root;
    this.#label = label;
    this.#isShared = isShared;
    this.#known.set(root, new SavedFields(root, skipped));
  }

  /** Remembers everything as it is now. Throws `STATE_NOT_COPIED` for what cannot be copied: a Map, a Date. */
  mark(): void {
    this.#mark++;
    while (this.#saved.length > 0) this.#saved.pop();
    this.#visit(this.#root);
  }

  /** Puts everything back as it was at the last {@link mark}; may be called again and again. */
  reset(): void {
    for (let i = 0; i < this.#saved.length; i++) this.#saved[i].restore();
  }

  #visit(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    let saved = this.#known.get(value);
    if (saved === undefined) {
      if (this.#isShared(value)) return;
      saved = this.#memoryOf(value);
      if (saved === undefined) return;
      this.#known.set(value, saved);
    }
    if (saved.mark === this.#mark) return;
    saved.mark = this.#mark;
    this.#saved.push(saved);
    saved.save();
    if (saved instanceof SavedTyped) return;
    const { values } = saved;
    for (let i = 0; i < values.length; i++) this.#visit(values[i]);
  }

  #memoryOf(value: object): Saved | undefined {
    if (Array.isArray(value)) return new SavedArray(value);
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return new SavedTyped(value as Typed);
    if (Object.isFrozen(value)) return undefined;
    // Objects of the language itself keep what they hold out of sight.
    const kind = Object.prototype.toString.call(value);
    if (kind !== '[object Object]') {
      throw new StrategyError('STATE_NOT_COPIED', `${this.#label} keeps a ${kind.slice(8, -1)} as state`, {
        value: kind,
        limit: 'numbers, truth values, texts, arrays, typed arrays, and objects of these',
        fix: 'keep it in arrays or objects, which are copied while a bar grows',
      });
    }
    return new SavedFields(value);
  }
}

class SavedFields {
  mark = 0;
  readonly values: unknown[] = [];
  readonly #target: Record<string, unknown>;
  readonly #skipped: ReadonlySet<string> | undefined;
  #keys: readonly string[] = [];

  constructor(target: object, skipped?: ReadonlySet<string>) {
    this.#target = target as Record<string, unknown>;
    this.#skipped = skipped;
  }

  save(): void {
    const { values } = this;
    const keys = this.#current();
    this.#keys = keys;
    for (let i = 0; i < keys.length; i++) values[i] = this.#target[keys[i]];
    while (values.length > keys.length) values.pop();
  }

  restore(): void {
    const keys = this.#keys;
    for (let i = 0; i < keys.length; i++) this.#target[keys[i]] = this.values[i];
    const current = this.#current();
    if (current.length === keys.length) return;
    for (const key of current) if (!keys.includes(key)) delete this.#target[key];
  }

  #current(): readonly string[] {
    const keys = Object.keys(this.#target);
    return this.#skipped === undefined ? keys : keys.filter(key => !this.#skipped!.has(key));
  }
}

class SavedArray {
  mark = 0;
  readonly values: unknown[] = [];
  readonly #target: unknown[];

  constructor(target: unknown[]) {
    this.#target = target;
  }

  save(): void {
    copy(this.#target, this.values);
  }

  restore(): void {
    copy(this.values, this.#target);
  }
}

function copy(from: readonly unknown[], to: unknown[]): void {
  for (let i = 0; i < from.length; i++) to[i] = from[i];
  while (to.length > from.length) to.pop();
}

class SavedTyped {
  mark = 0;
  readonly #target: Typed;
  readonly #copy: Typed;

  constructor(target: Typed) {
    this.#target = target;
    this.#copy = target.slice();
  }

  save(): void {
    this.#copy.set(this.#target);
  }

  restore(): void {
    this.#target.set(this.#copy);
  }
}
