import type { SeriesKey, TimeRange } from './bar-series.ts';

/** What a finding is about; docs/data.md says what each means. */
export type FindingKind = 'damaged' | 'gap' | 'duplicate' | 'impossible' | 'contradiction';

/** Something wrong with bars of a series, in one range of time. */
export interface Finding extends TimeRange {
  readonly kind: FindingKind;
  readonly series: SeriesKey;
  /** Bars that it is about; those that are missing, for a gap. */
  readonly bars: number;
  /** One line. */
  readonly problem: string;
}

/** Puts bars that follow each other with something wrong into one finding, which tells of the first. */
export class Joined {
  readonly #kind: FindingKind;
  readonly #series: SeriesKey;
  #open: { from: number; to: number; bars: number; problem: string } | undefined;

  constructor(kind: FindingKind, series: SeriesKey) {
    this.#kind = kind;
    this.#series = series;
  }

  /** The bar from `from` to `to` and what is wrong with it, if anything. */
  *add(from: number, to: number, problem: string | undefined): Generator<Finding> {
    const before = this.#open;
    if (problem !== undefined && before !== undefined && from <= before.to) {
      before.to = to;
      before.bars++;
      return;
    }
    if (before !== undefined) yield* this.end();
    if (problem !== undefined) this.#open = { from, to, bars: 1, problem };
  }

  *end(): Generator<Finding> {
    if (this.#open === undefined) return;
    const { bars, problem } = this.#open;
    yield {
      ...{ kind: this.#kind, series: this.#series, ...this.#open },
      problem: bars === 1 ? problem : `${problem}, and ${bars - 1} more`,
    };
    this.#open = undefined;
  }
}
