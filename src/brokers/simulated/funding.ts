import { InputError } from '../../model/errors.ts';
import type { Ledger } from '../ledger.ts';

/** What longs pay to shorts at one moment, as a fraction of the position's value; negative when shorts pay. */
export interface FundingRate {
  /** Epoch ms UTC. */
  readonly time: number;
  readonly rate: number;
}

/** One rate at 00:00, 08:00 and 16:00 UTC, or a table of moments in ascending order. */
export type FundingTerms = number | readonly FundingRate[];

const EIGHT_HOURS = 8 * 3_600_000;

/** Pays and receives funding for the positions of an account. */
export class Funding {
  readonly label: string;
  readonly #ledger: Ledger;
  readonly #rate: number;
  readonly #table: readonly FundingRate[] | undefined;
  /** Until when each instrument's has been settled, epoch ms UTC. */
  readonly #settled: Float64Array;
  /** The first row of the table that each instrument has not settled. */
  readonly #rows: Int32Array;

  constructor(ledger: Ledger, terms: FundingTerms) {
    this.#ledger = ledger;
    this.#settled = new Float64Array(ledger.instruments.length).fill(Number.NEGATIVE_INFINITY);
    this.#rows = new Int32Array(ledger.instruments.length);
    if (typeof terms === 'number') {
      checkRate(terms);
      this.#rate = terms;
      this.label = `${Number((terms * 100).toPrecision(6))} % every 8 hours`;
      return;
    }
    for (const [i, { time, rate }] of terms.entries()) {
      checkRate(rate);
      if (i === 0 || time > terms[i - 1].time) continue;
      throw new InputError(
        'FUNDING_INVALID',
        `row ${i + 1} of the funding rates is not later than the one before it`,
        {
          value: time,
          limit: terms[i - 1].time,
          fix: 'give each moment once, in ascending order',
        },
      );
    }
    this.#rate = Number.NaN;
    this.#table = terms;
    this.label = `${terms.length} rates`;
  }

  /** A position is opened at `time`: it pays for what comes after. */
  open(instrument: number, time: number): void {
    this.#settled[instrument] = time;
  }

  /** Settles all moments up to `time`, that one included, on what is held, at `price`. */
  settle(instrument: number, time: number, price: number): void {
    const size = this.#ledger.sizes[instrument];
    const from = this.#settled[instrument];
    if (!(time > from)) return;
    this.#settled[instrument] = time;
    if (size === 0 || from === Number.NEGATIVE_INFINITY) return;
    const rate =
      this.#table === undefined ? this.#constant(from, time) : this.#ofTable(instrument, from, time);
    if (rate !== 0) this.#ledger.payFunding(size * price * rate);
  }

  #constant(from: number, to: number): number {
    return (Math.floor(to / EIGHT_HOURS) - Math.floor(from / EIGHT_HOURS)) * this.#rate;
  }

  #ofTable(instrument: number, from: number, to: number): number {
    const table = this.#table!;
    let row = this.#rows[instrument];
    let sum = 0;
    for (; row < table.length && table[row].time <= to; row++)
      if (table[row].time > from) sum += table[row].rate;
    this.#rows[instrument] = row;
    return sum;
  }
}

function checkRate(rate: number): void {
  if (rate > -1 && rate < 1) return;
  throw new InputError('FUNDING_INVALID', `the funding rate was ${rate}`, {
    value: rate,
    limit: '-1 … 1',
    fix: 'give it as a fraction of the position: 0.0001 is 0.01 %',
  });
}
