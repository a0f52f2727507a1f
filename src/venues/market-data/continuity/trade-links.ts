import type { DecoderHost } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import type { Check, Counter } from '../tally.ts';
import type { Gaps } from './gaps.ts';

/** Stretches of missing trades that are remembered, so that a late one is known from one that has come before. */
const MOST_MISSING = 64;

/** Ids of trades that have not come. */
export interface MissingTrades {
  readonly first: number;
  readonly last: number;
  /** Exchange times of the trades before and after them, µs. */
  readonly since: number;
  readonly until: number;
}

/** What a trade is to those that came before it: the next one, one that was missing, or one that has come already. */
export type TradePlace = 'next' | 'late' | 'known';

/** Trades of one instrument whose ids go up by one: notices what is missing, and what comes twice. */
export class TradeLinks {
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #instrument: Instrument;
  readonly #rule: string;
  readonly #links: Check;
  readonly #duplicates: Counter;
  readonly #missing: MissingTrades[] = [];
  /** What encloses all of the gap that is given up. */
  #unknown: { readonly first: number; readonly last: number } | undefined;
  /** The lowest id that came live, before which nothing is known; NaN where what came first was history. */
  #first = Number.NaN;
  #last = Number.NaN;
  #lastTime = 0;
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
  get missing(): readonly MissingTrades[] {
    return this.#missing;
  }

  /**
   * Takes a trade of the exchange time `time`, µs. One that jumps over others opens a gap, which `settle` closes once these have come too; one that was
   * there before is counted. `first` is the first of those that one row sums up.
   */
  take(id: number, time: number, first = id): TradePlace {
    const last = this.#last;
    if (id <= last) {
      if (this.fills(id, first)) return 'late';
      if (id < this.#first) {
        this.#first = first;
        return 'late';
      }
      this.#duplicates.value++;
      return 'known';
    }
    this.#last = id;
    if (Number.isNaN(last)) this.#first = first;
    else {
      this.#links.checked++;
      if (first <= last + 1) this.#links.passed++;
      else this.#skipped(last, first, time);
    }
    this.#lastTime = time;
    if (this.#missing.length === 0) this.#wholeAt = this.#host.receiveTime;
    return 'next';
  }

  /**
   * Whether the trade `id`, of whatever source, is one of those that are missing; it is no more. Of a row that sums up
   * several, from `from` on, all have to be.
   */
  fills(id: number, from = id): boolean {
    const at = this.#missing.findIndex(one => one.first <= from && id <= one.last);
    if (at === -1) return false;
    const missing = this.#missing[at];
    const rest = [
      { ...missing, last: from - 1 },
      { ...missing, first: id + 1 },
    ].filter(one => one.first <= one.last);
    this.#missing.splice(at, 1, ...rest);
    return true;
  }

  /** The ids go on from here: a trade of the past, of those that the venue sends on the first subscription. */
  begin(id: number, time: number): void {
    if (!(id <= this.#last)) {
      this.#last = id;
      this.#lastTime = time;
    }
    this.#wholeAt = this.#host.receiveTime;
  }

  /** Takes a trade of the past, of those that the venue sends on subscribing again. */
  takePast(id: number, time: number): TradePlace {
    if (id > this.#last) return this.take(id, time);
    return this.fills(id) ? 'late' : 'known';
  }

  /** What is missing from `first` to `last` cannot be had: it is no longer waited for, and the gap says so in its end. */
  forget(first: number, last: number): void {
    const isGone = (one: MissingTrades) => one.first >= first && one.last <= last;
    for (const one of this.#missing.filter(isGone)) this.#giveUp(one);
    const left = this.#missing.filter(one => !isGone(one));
    this.#missing.splice(0, this.#missing.length, ...left);
  }

  /** To be called once what came has been handed on: the gap ends when nothing is waited for any more. */
  settle(): void {
    if (this.#missing.length > 0) return;
    const unknown = this.#unknown;
    this.#unknown = undefined;
    if (unknown === undefined) this.#gaps.fill('trades', this.#instrument);
    else {
      const { first, last } = unknown;
      this.#gaps.close('trades', this.#instrument, { after: String(first - 1), before: String(last + 1) });
    }
  }

  #giveUp({ first, last }: MissingTrades): void {
    const known = this.#unknown;
    this.#unknown = {
      first: Math.min(first, known?.first ?? first),
      last: Math.max(last, known?.last ?? last),
    };
  }

  #skipped(last: number, id: number, time: number): void {
    if (this.#missing.length === MOST_MISSING) this.#giveUp(this.#missing.shift()!);
    this.#missing.push({ first: last + 1, last: id - 1, since: this.#lastTime, until: time });
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
