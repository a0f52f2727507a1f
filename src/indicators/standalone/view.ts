/** Where the current values of lines stand. */
export interface Places {
  readonly rings: readonly Float64Array[];
  readonly position: number;
}

const PLACES = Symbol('places');

interface View {
  readonly [PLACES]: Places;
}

/** The getters by the lines' order. Views with the same getters are of one kind to V8, however many there are. */
const getters: ((this: View) => number)[] = [];

function getterOf(index: number): (this: View) => number {
  getters[index] ??= function (this: View) {
    const places = this[PLACES];
    return places.rings[index][places.position];
  };
  return getters[index];
}

/** An object that reads the current values of lines, by the names given; `{ ...view }` is a copy of them. */
export function viewOf(names: readonly string[], places: Places): Readonly<Record<string, number>> {
  const view = Object.defineProperty({}, PLACES, { value: places });
  names.forEach((name, index) => {
    Object.defineProperty(view, name, { get: getterOf(index), enumerable: true });
  });
  // Printing it shows the values.
  return Object.defineProperty(view, Symbol.for('nodejs.util.inspect.custom'), { value: copyOf });
}

function copyOf(this: object): object {
  return { ...this };
}
