import type { Timer, Timers } from '../../../../src/net/network.ts';

export class Killed extends Error {
  constructor() {
    super('killed');
  }
}

/** A process that dies when it has done so many things: from then on it does nothing, and hears nothing. */
export class Life {
  dead = false;
  #left: number;

  constructor(actions = Number.POSITIVE_INFINITY) {
    this.#left = actions;
  }

  /** Does something; throws when that was the last. False (or an error) for the dead. */
  touch(throws = true): boolean {
    if (!this.dead && --this.#left > 0) return true;
    const isNew = !this.dead;
    this.dead = true;
    if (isNew) this.onDeath();
    if (throws) throw new Killed();
    return false;
  }

  /** Dies now. */
  kill(): never {
    this.#left = 0;
    this.touch();
    throw new Killed();
  }

  onDeath: () => void = () => {};

  /** Timers that stop with it. */
  timers(timers: Timers): Timers {
    return {
      now: () => timers.now(),
      after: (ms, run): Timer =>
        timers.after(ms, () => {
          if (!this.dead) run();
        }),
    };
  }
}
