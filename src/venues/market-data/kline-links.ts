import type { DecoderHost } from './contract.ts';
import type { Gaps } from './gaps.ts';
import type { Instrument } from './instruments.ts';

/** Rows of one interval that may have changed unseen, µs: those that opened from `from` on and before `to`. */
export interface MissingKlines {
  readonly interval: string;
  readonly from: number;
  readonly to: number;
}

interface Interval {
  last: number;
  connection: number;
  isInterrupted: boolean;
  missing: MissingKlines | undefined;
}

/**
 * Klines of one instrument across connections: what was interrupted is asked for by REST, and is a gap until it comes. A
 * pause on a standing connection is none, since venues leave out klines without trades.
 */
export class KlineLinks {
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #instrument: Instrument;
  readonly #ask: (missing: MissingKlines) => void;
  readonly #intervals = new Map<string, Interval>();

  constructor(host: DecoderHost, gaps: Gaps, instrument: Instrument, ask: (missing: MissingKlines) => void) {
    this.#host = host;
    this.#gaps = gaps;
    this.#instrument = instrument;
    this.#ask = ask;
  }

  /** A row that came on a connection; `openTime` in µs. */
  row(interval: string, openTime: number, connection: number): void {
    const known = this.#intervals.get(interval);
    if (known === undefined) {
      this.#intervals.set(interval, { last: openTime, connection, isInterrupted: false, missing: undefined });
      return;
    }
    const from = known.last;
    if (openTime < from) return;
    known.last = openTime;
    known.connection = connection;
    if (!known.isInterrupted) return;
    known.isInterrupted = false;
    if (openTime === from) this.#closeIfWhole();
    else {
      known.missing = { interval, from, to: openTime };
      this.#ask(known.missing);
    }
  }

  closed(connection: number, reason: string): void {
    for (const known of this.#intervals.values()) {
      if (known.connection !== connection) continue;
      known.isInterrupted = true;
      this.#gaps.open({
        channel: 'klines',
        instrument: this.#instrument,
        cause: 'DISCONNECTED',
        rule: 'the connection stands',
        detail: reason,
        from: this.#host.receiveTime,
      });
    }
  }

  /** Whether a row of the past is one of those that are missing. */
  isMissing(interval: string, openTime: number): boolean {
    const missing = this.#intervals.get(interval)?.missing;
    return missing !== undefined && openTime >= missing.from && openTime < missing.to;
  }

  /** All that the venue has of them has come. */
  brought(interval: string): void {
    const known = this.#intervals.get(interval);
    if (known?.missing === undefined) return;
    known.missing = undefined;
    this.#closeIfWhole();
  }

  #closeIfWhole(): void {
    for (const { isInterrupted, missing } of this.#intervals.values()) {
      if (isInterrupted || missing !== undefined) return;
    }
    this.#gaps.close('klines', this.#instrument);
  }
}
