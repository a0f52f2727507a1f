import { FrameError } from './json-cursor.ts';

/** What is known of a JSON value that was not looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses a JSON object; for frames and answers that are rare. Throws FrameError for anything else. */
export function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FrameError(error instanceof Error ? error.message : String(error));
  }
  if (isObject(value)) return value;
  throw new FrameError('an object was expected');
}

/** The member as an object, an empty one where it is something else. */
export function memberOf(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
