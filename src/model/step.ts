/** What a division may lose, in units of the step: far below any real fraction of one. */
const FORGIVEN = 1e-9;
const LAST_PLACES = 4 * Number.EPSILON;

/** Beyond so many units a step is no exchange's decimal but an arbitrary number. */
const MOST_UNITS = 2 ** 26;

/**
 * The multiples of a step (a tick, a lot step), each as the double nearest to its decimal: three steps of 0.1 are 0.3, not
 * 0.30000000000000004. A step of 0 is none: every number is a multiple of it.
 */
export class Step {
  readonly size: number;
  /** The step is `units / scale`; both are whole numbers, so that a multiple is rounded once. */
  readonly #units: number;
  readonly #scale: number;

  constructor(size: number) {
    this.size = size;
    let scale = 1;
    while (scale < 1e16 && Math.round(size * scale) / scale !== size) scale *= 10;
    const units = Math.round(size * scale);
    const decimal = units / scale === size && units <= MOST_UNITS;
    this.#units = decimal ? units : size;
    this.#scale = decimal ? scale : 1;
  }

  /** The largest multiple that is not above `value`, but for the last places that a division may have lost. */
  down(value: number): number {
    const { size } = this;
    if (size === 0) return value;
    return (Math.floor((value / size) * (1 + LAST_PLACES) + FORGIVEN) * this.#units) / this.#scale;
  }

  /** The smallest multiple that is not below `value`, forgiving the same. */
  up(value: number): number {
    const { size } = this;
    if (size === 0) return value;
    // Adding 0 turns the −0 into which a tiny negative number is rounded into 0.
    return ((Math.ceil((value / size) * (1 - LAST_PLACES) - FORGIVEN) + 0) * this.#units) / this.#scale;
  }
}
