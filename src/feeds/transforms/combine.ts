import { InputError, suggestion } from '../../model/errors.ts';
import type { Combination } from '../../model/resampling.ts';

const COMBINATIONS: readonly Combination[] = ['sum', 'last', 'first', 'max', 'min'];
/** `quoteVolume`, `number_of_trades`, `takerBuyBase`, `taker_buy_quote_volume`. */
const SUMMED = /volume|trades|taker_?buy/i;

/** How each of `columns` is combined: as `given` says, else by its name. Throws `RESAMPLE_INVALID`. */
export function combinationsOf(
  columns: readonly string[],
  given: Readonly<Record<string, Combination>>,
): Combination[] {
  for (const [name, combination] of Object.entries(given)) {
    if (!columns.includes(name)) {
      throw new InputError('RESAMPLE_INVALID', `the data has no column "${name}" to combine`, {
        value: name,
        limit: columns,
        fix: suggestion(name, columns),
      });
    }
    if (!COMBINATIONS.includes(combination)) {
      throw new InputError('RESAMPLE_INVALID', `column "${name}" was to be combined by "${combination}"`, {
        value: combination,
        limit: COMBINATIONS,
        fix: `use one of ${COMBINATIONS.join(', ')}`,
      });
    }
  }
  return columns.map(name => given[name] ?? (SUMMED.test(name) ? 'sum' : 'last'));
}

/** One value out of many, added one by one. A sum carries along what rounding takes away (Neumaier). */
export class Combined {
  readonly #combination: Combination;
  /** The value, and what rounding has taken from a sum. */
  readonly #state = new Float64Array(2);

  constructor(combination: Combination) {
    this.#combination = combination;
  }

  begin(value: number): void {
    this.#state[0] = value;
    this.#state[1] = 0;
  }

  add(value: number): void {
    const state = this.#state;
    switch (this.#combination) {
      case 'sum': {
        const sum = state[0];
        const next = sum + value;
        state[1] += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
        state[0] = next;
        return;
      }
      case 'last':
        state[0] = value;
        return;
      case 'max':
        state[0] = Math.max(state[0], value);
        return;
      case 'min':
        state[0] = Math.min(state[0], value);
    }
  }

  get value(): number {
    const [value, rest] = this.#state;
    // Where infinities met there is no remainder.
    return Number.isFinite(rest) ? value + rest : value;
  }
}
