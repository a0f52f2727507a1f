import type { JsonCursor } from './json-cursor.ts';

/**
 * Where the members of an object stand in a frame, so that they can be read in the order that the protocol's meaning
 * needs, whatever order they come in.
 */
export class MemberPlaces {
  readonly #names: readonly string[];
  readonly #places: Int32Array;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#places = new Int32Array(names.length);
  }

  /** Passes over the object that comes next, checking its syntax, and notes where its members are. */
  read(cursor: JsonCursor): void {
    const places = this.#places;
    places.fill(-1);
    cursor.object();
    while (cursor.key()) {
      const index = this.#names.findIndex(name => cursor.is(name));
      if (index !== -1) places[index] = cursor.at;
      cursor.skip();
    }
  }

  has(name: string): boolean {
    return this.#places[this.#names.indexOf(name)] !== -1;
  }

  /** Goes to a member's value; false where there is none. */
  seek(cursor: JsonCursor, name: string): boolean {
    const place = this.#places[this.#names.indexOf(name)];
    if (place === undefined || place === -1) return false;
    cursor.at = place;
    return true;
  }

  /** A member that is a string or a number, as text; empty where there is none. */
  text(cursor: JsonCursor, name: string): string {
    return this.seek(cursor, name) ? (cursor.scalar() ?? '') : '';
  }
}
