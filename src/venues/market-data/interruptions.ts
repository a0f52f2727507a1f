import type { Channel } from '../../model/records.ts';
import type { DecoderHost } from './contract.ts';
import type { Gaps } from './gaps.ts';
import type { Instrument } from './instruments.ts';
import { RecentIds } from './recent-ids.ts';

/** What is known of the trades, or the klines, of one instrument, across connections. */
export interface KnownRows {
  readonly ids: RecentIds;
  /** Id of the last trade, or time of the last kline, µs; NaN for none. */
  last: number;
  /** When that one came, receive time; NaN likewise. */
  toldAt: number;
  /** What is sent on subscribing again may be what was missed. */
  isInterrupted: boolean;
}

/**
 * Streams that begin with a list of what was before: what was missed between two connections is in that list, if it goes
 * back far enough.
 */
export class Interruptions {
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #venue: string;
  readonly #known = new Map<string, KnownRows>();

  constructor(host: DecoderHost, gaps: Gaps, venue: string) {
    this.#host = host;
    this.#gaps = gaps;
    this.#venue = venue;
  }

  of(channel: Channel, { native }: Instrument, interval: string): KnownRows {
    const name = `${channel} ${native} ${interval}`;
    let known = this.#known.get(name);
    if (known === undefined) {
      known = { ids: new RecentIds(), last: Number.NaN, toldAt: Number.NaN, isInterrupted: false };
      this.#known.set(name, known);
    }
    return known;
  }

  /** What comes in a stream is not whole any more. */
  begin(
    channel: Channel,
    instrument: Instrument,
    interval: string,
    found: { readonly cause: string; readonly rule: string; readonly detail: string; readonly from: number },
  ): void {
    this.of(channel, instrument, interval).isInterrupted = true;
    this.#gaps.open({ channel, instrument, ...found });
  }

  /** A row has come that is later than all before. */
  told(known: KnownRows, row: number): void {
    if (row <= known.last) return;
    known.last = row;
    known.toldAt = this.#host.receiveTime;
  }

  /**
   * A list has come, and a gap that is open ends here. Where it did not go back to what was there before, part of it was
   * never told: a socket that had gone mute has been replaced before anyone knew.
   */
  resumed(channel: Channel, instrument: Instrument, known: KnownRows, isWhole: boolean): void {
    if (!known.isInterrupted) {
      const found = { cause: 'LIST_SHORT', rule: LIST_RULE, detail: `told up to ${known.last}` };
      if (!isWhole) this.#gaps.lost({ channel, instrument, ...found, from: known.toldAt });
      return;
    }
    known.isInterrupted = false;
    if (!isWhole) {
      const text = `${this.#venue} ${instrument.symbol}: ${channel} of the interruption are missing in part`;
      this.#host.notice('warning', 'GAP_NOT_FILLED', text);
    }
    this.#gaps.close(channel, instrument);
  }
}

const LIST_RULE = 'the list of a subscription goes back to what was told last';
