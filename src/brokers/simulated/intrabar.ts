import { InputError } from '../../model/errors.ts';

/**
 * Which way the price is taken to have gone inside a bar, of which only open, high, low and close are known.
 *
 * - `worst`: a position meets the extreme against it first; after an entry inside the bar the one against it is still to
 *   come, the one in its favour only where it must.
 * - `best`: the other way round.
 * - `nearest`: the extreme that is nearer to the open first.
 * - `ohlc`, `olhc`: the high first, the low first.
 */
export type IntrabarPolicy = 'worst' | 'best' | 'nearest' | 'ohlc' | 'olhc';

export const INTRABAR_POLICIES: readonly IntrabarPolicy[] = ['worst', 'best', 'nearest', 'ohlc', 'olhc'];

/** Throws `INTRABAR_INVALID` for anything else. */
export function checkIntrabar(policy: string): IntrabarPolicy {
  const found = INTRABAR_POLICIES.find(one => one === policy);
  if (found !== undefined) return found;
  throw new InputError('INTRABAR_INVALID', `the intrabar policy was ${policy}`, {
    value: policy,
    limit: INTRABAR_POLICIES,
    fix: `use one of ${INTRABAR_POLICIES.join(', ')}`,
  });
}

/** Where the price goes: to the bar's low, to its high, to its close. */
export const Leg = { low: 0, high: 1, close: 2 } as const;

/** The legs of one bar at a time, by a policy. */
export class Path {
  readonly #policy: IntrabarPolicy;
  readonly #legs: number[] = [];
  /** Extremes that the price has been at, by {@link Leg}. */
  readonly #visited = [false, false];

  constructor(policy: IntrabarPolicy) {
    this.#policy = policy;
  }

  /**
   * Begins a bar. `sign`: 1 for a long position, or an order that may make one; -1 for a short; 0 for neither. `held`: it is
   * a position.
   */
  begin(open: number, low: number, high: number, sign: number, held: boolean): void {
    this.#visited[Leg.low] = false;
    this.#visited[Leg.high] = false;
    const first = this.#first(high - open <= open - low, sign, held);
    this.#plan(first, 1 - first);
  }

  /** The leg under way; undefined when the bar is over. */
  get leg(): number | undefined {
    return this.#legs[0];
  }

  /** The leg under way has come to its end. */
  proceed(): void {
    const leg = this.#legs.shift()!;
    if (leg !== Leg.close) this.#visited[leg] = true;
  }

  /** A position was opened or made larger on the way; `sign` is that of the position. */
  enter(sign: number): void {
    const policy = this.#policy;
    if (policy !== 'worst' && policy !== 'best') return;
    const against = sign > 0 ? Leg.low : Leg.high;
    const first = policy === 'worst' ? against : 1 - against;
    this.#plan(first, 1 - first);
  }

  #first(highIsNearer: boolean, sign: number, held: boolean): number {
    const policy = this.#policy;
    if (policy === 'ohlc') return Leg.high;
    if (policy === 'olhc') return Leg.low;
    if (policy === 'nearest' || sign === 0) return highIsNearer ? Leg.high : Leg.low;
    const against = sign > 0 ? Leg.low : Leg.high;
    // An entry to come has what is in its favour behind it, when things go badly.
    return (policy === 'worst') === held ? against : 1 - against;
  }

  #plan(first: number, second: number): void {
    const legs = this.#legs;
    legs.length = 0;
    legs.push(first);
    if (!this.#visited[second]) legs.push(second);
    legs.push(Leg.close);
  }
}
