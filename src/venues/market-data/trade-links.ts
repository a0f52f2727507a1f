import type { DecoderHost } from './contract.ts';
import type { Gaps } from './gaps.ts';
import type { Instrument } from './instruments.ts';
import type { Check, Counter } from './tally.ts';

/** Stretches of missing trades that are remembered, so that a late one is known from one that has come before. */
const MOST_MISSING = 64;

interface Missing {
  first: number;
  last: number;
}

/** Trades of one instrument whose ids go up by one: notices what is missing, and what comes twice. */
export class TradeLinks {
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #instrument: Instrument;
  readonly #rule: string;
  readonly #links: Check;
  readonly #duplicates: Counter;
  readonly #missing: Missing[] = [];
  #last = Number.NaN;
  #wholeAt = Number.NaN;

  constructor(host: DecoderHost, gaps: Gaps, instrument: Instrument, rule = 'trade id == previous + 1') {
    this.#host = host;
    this.#gaps = gaps;
    this.#instrument = instrument;
    this.#rule = rule;
    const tally = host.tally.of(instrument.native);
    this.#links = tally.check('tradeIdLinks');
    this.#duplicates = tally.counter('duplicateTrades');
    host.tally.rules.set('tradeIdLinks', rule);
  }

  get isBegun(): boolean {
    return !Number.isNaN(this.#last);
  }

  /** Stretches of ids that have not come. */
  get missing(): readonly Readonly<Missing>[] {
    return this.#missing;
  }

  /**
   * Whether the trade `id` is a new one. One that jumps over others opens a gap, which closes when these come too; one that
   * was there before is counted and is not new. `first` is the first of those that one row sums up.
   */
  isNew(id: number, first = id): boolean {
    const last = this.#last;
    if (id <= last) {
      const isNew = this.fills(id, first);
      if (!isNew) this.#duplicates.value++;
      return isNew;
    }
    this.#last = id;
    if (!Number.isNaN(last)) {
      this.#links.checked++;
      if (first <= last + 1) this.#links.passed++;
      else this.#skipped(last, first);
    }
    if (this.#missing.length === 0) this.#wholeAt = this.#host.receiveTime;
    return true;
  }

  /**
   * What is missing below the id `before` cannot be had: the gap stays in the record, and it is no longer waited for.
   */
  forget(before = Number.POSITIVE_INFINITY): void {
    const left = this.#missing.filter(({ last }) => last >= before);
    this.#missing.splice(0, this.#missing.length, ...left);
    if (left.length === 0) this.#gaps.close('trades', this.#instrument);
  }

  /** Whether the trade `id`, of whatever source, is one of those that are missing; it is no more. */
  fills(id: number, from = id): boolean {
    const at = this.#missing.findIndex(one => one.first <= id && id <= one.last);
    if (at === -1) return false;
    const { first, last } = this.#missing[at];
    const rest = [
      { first, last: from - 1 },
      { first: id + 1, last },
    ].filter(one => one.first <= one.last);
    this.#missing.splice(at, 1, ...rest);
    if (this.#missing.length === 0) this.#gaps.close('trades', this.#instrument);
    return true;
  }

  /** The ids go on from here: a trade of the past, of those that the venue sends on the first subscription. */
  begin(id: number): void {
    if (!(id <= this.#last)) this.#last = id;
    this.#wholeAt = this.#host.receiveTime;
  }

  /** Whether a trade of the past, of those that the venue sends on subscribing again, is a new one. */
  isNewOfPast(id: number): boolean {
    return id > this.#last ? this.isNew(id) : this.fills(id);
  }

  #skipped(last: number, id: number): void {
    if (this.#missing.length === MOST_MISSING) this.#missing.shift();
    this.#missing.push({ first: last + 1, last: id - 1 });
    this.#gaps.open({
      channel: 'trades',
      instrument: this.#instrument,
      cause: 'SEQUENCE',
      rule: this.#rule,
      detail: `id=${id} previous=${last}`,
      from: this.#wholeAt,
      after: String(last),
      before: String(id),
    });
  }
}
