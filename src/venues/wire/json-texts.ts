import { FrameError, type JsonCursor } from './json-cursor.ts';

/** JSON of which the numbers are still the texts that they were, so that none loses a digit. */
export type Texts = string | boolean | null | readonly Texts[] | TextObject;
export interface TextObject {
  readonly [key: string]: Texts | undefined;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;
/** Nesting that no protocol needs. */
const MOST_DEPTH = 64;

/** Reads the value that comes next. For what is small or rare: books are read without objects. Throws FrameError. */
export function readTexts(cursor: JsonCursor, depth = 0): Texts {
  if (depth > MOST_DEPTH) throw new FrameError(`nested more than ${MOST_DEPTH} deep`);
  const first = cursor.peek();
  if (first === OPEN_BRACE) {
    const object: Record<string, Texts> = Object.create(null) as Record<string, Texts>;
    cursor.object();
    while (cursor.key()) {
      const key = cursor.value();
      object[key] = readTexts(cursor, depth + 1);
    }
    return object;
  }
  if (first === OPEN_BRACKET) {
    const list: Texts[] = [];
    cursor.array();
    while (cursor.item()) list.push(readTexts(cursor, depth + 1));
    return list;
  }
  cursor.bounds();
  if (first === QUOTE) return cursor.value();
  if (cursor.is('null')) return null;
  return cursor.is('true') ? true : cursor.is('false') ? false : cursor.value();
}

/** `value` as an object; `name` says what it is, for the error. */
export function objectOf(value: Texts | undefined, name: string): TextObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as TextObject;
  throw new FrameError(`${name} is no object`);
}

export function listOf(value: Texts | undefined, name: string): readonly Texts[] {
  if (Array.isArray(value)) return value as readonly Texts[];
  throw new FrameError(`${name} is no list`);
}

/** A member that is a string or a number, as text. */
export function textOf(object: TextObject, key: string): string {
  const value = object[key];
  if (typeof value === 'string') return value;
  throw new FrameError(value === undefined ? `"${key}" is missing` : `"${key}" is no text and no number`);
}

/** Likewise; null where it is missing, null or empty. */
export function textOrNull(object: TextObject, key: string): string | null {
  const value = object[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** A member that is a number, bare or in quotes, as it is written. */
export function numberText(object: TextObject, key: string): string {
  return asNumberText(textOf(object, key), key);
}

/** `text`, if it is a number. */
export function asNumberText(text: Texts | undefined, name: string): string {
  if (typeof text === 'string' && NUMBER.test(text)) return text;
  throw new FrameError(`"${name}" is no number`);
}
