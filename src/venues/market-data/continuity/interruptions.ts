import type { DecoderHost, PastRequests, RestRequest } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import type { Gaps } from './gaps.ts';
import { type PastRow, RangeRecovery } from './range-recovery.ts';
import { RecentIds } from './recent-ids.ts';

type RowChannel = 'trades' | 'klines';

/** What is known of the trades, or the klines of one interval, of one instrument, across connections. */
export interface KnownRows {
  readonly channel: RowChannel;
  readonly instrument: Instrument;
  readonly interval: string;
  readonly ids: RecentIds;
  /** Id of the last trade, or time of the last kline, µs; NaN for none. */
  last: number;
  /** When that one was, exchange time, and when it came, receive time; NaN likewise. */
  time: number;
  toldAt: number;
  /** What is sent on subscribing again may be what was missed. */
  isInterrupted: boolean;
  /** What is asked for, since the list did not go back to it. */
  recovery: RangeRecovery | undefined;
  /** Part of the gap that is open will not come. */
  isUnknown: boolean;
}

/**
 * Streams that begin with a list of what was before: what was missed between two connections is in that list, if it goes
 * back far enough; else the rest of it is asked for by REST, and is a gap until it comes.
 */
export class Interruptions {
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #venue: string;
  readonly #past: PastRequests;
  readonly #known = new Map<string, KnownRows>();

  constructor(host: DecoderHost, gaps: Gaps, venue: string, past: PastRequests) {
    this.#host = host;
    this.#gaps = gaps;
    this.#venue = venue;
    this.#past = past;
  }

  of(channel: RowChannel, instrument: Instrument, interval: string): KnownRows {
    const name = `${channel} ${instrument.native} ${interval}`;
    let known = this.#known.get(name);
    if (known === undefined) {
      known = {
        ...{ channel, instrument, interval, ids: new RecentIds() },
        ...{ last: Number.NaN, time: Number.NaN, toldAt: Number.NaN },
        ...{ isInterrupted: false, recovery: undefined, isUnknown: false },
      };
      this.#known.set(name, known);
    }
    return known;
  }

  /** What comes in a stream is not whole any more. */
  begin(
    channel: RowChannel,
    instrument: Instrument,
    interval: string,
    found: { readonly cause: string; readonly rule: string; readonly detail: string; readonly from: number },
  ): void {
    const known = this.of(channel, instrument, interval);
    known.isInterrupted = true;
    known.ids.isHeld = true;
    this.#gaps.open({ channel, instrument, ...found });
  }

  /** A row has come that is later than all before; of the exchange time `time`, µs. */
  told(known: KnownRows, row: number, time: number): void {
    if (row <= known.last) return;
    known.last = row;
    known.time = time;
    known.toldAt = this.#host.receiveTime;
  }

  /**
   * A list has come that goes back to `oldest`: undefined where it has nothing. If that is not what was told last, part of
   * what came in between was told by none, also where nobody knew that a connection had gone mute.
   */
  resumed(known: KnownRows, oldest: PastRow | undefined): void {
    const { channel, instrument, last } = known;
    const isWhole = oldest === undefined || Number.isNaN(last) || oldest.key <= last;
    if (!known.isInterrupted && isWhole) return;
    if (oldest === undefined && !Number.isNaN(last)) known.isUnknown = true;
    known.isInterrupted = false;
    if (!isWhole) {
      const found = { cause: 'LIST_SHORT', rule: LIST_RULE, detail: `told up to ${last}` };
      this.#gaps.open({ channel, instrument, ...found, from: known.toldAt });
      this.#recover(known, oldest);
    }
    this.#settle(known);
  }

  /** The rows of an answer, in any order. Those that are missing are handed to `emit`, oldest first, once all are there. */
  answered<Row extends PastRow>(
    request: RestRequest,
    known: KnownRows,
    rows: readonly Row[],
    emit: (row: Row) => void,
  ): void {
    const { recovery } = known;
    if (recovery === undefined || !recovery.bring(request.url, rows)) return;
    for (const row of recovery.rows) emit(row as Row);
    this.#end(known, recovery.isWhole);
  }

  /** What was asked for will not come. */
  refused(request: RestRequest, known: KnownRows): void {
    if (known.recovery?.isAsked(request.url)) this.#end(known, false);
  }

  #recover(known: KnownRows, { key, time }: PastRow): void {
    const { channel, instrument, interval, recovery } = known;
    const { rest } = this.#host.addresses;
    const ask = (since: number, until: number) => {
      const request =
        channel === 'trades'
          ? this.#past.trades(rest, instrument, since, until)
          : this.#past.klines(rest, instrument, interval, since, until);
      this.#host.fetch(request);
      return request.url;
    };
    const from = recovery ?? { after: known.last, since: known.time };
    // A kline that was open when it was told last has changed since; a trade has not.
    const first = channel === 'klines' ? 0 : 1;
    known.ids.isHeld = true;
    known.recovery = new RangeRecovery({
      after: from.after,
      since: from.since,
      before: key,
      until: time,
      first,
      ask,
    });
  }

  #end(known: KnownRows, isWhole: boolean): void {
    const { channel, instrument } = known;
    known.recovery = undefined;
    if (!isWhole) {
      known.isUnknown = true;
      const text = `${this.#venue} ${instrument.symbol}: ${channel} of an interruption are missing in part`;
      this.#host.notice('warning', 'GAP_NOT_FILLED', text);
    }
    this.#settle(known);
  }

  /** One gap stands for the klines of all intervals. */
  #settle({ channel, ids, instrument, isInterrupted, recovery }: KnownRows): void {
    ids.isHeld = isInterrupted || recovery !== undefined;
    const all = [...this.#known.values()].filter(
      one => one.channel === channel && one.instrument.native === instrument.native,
    );
    if (all.some(one => one.isInterrupted || one.recovery !== undefined)) return;
    if (all.some(one => one.isUnknown)) this.#gaps.close(channel, instrument);
    else this.#gaps.fill(channel, instrument);
    for (const one of all) one.isUnknown = false;
  }
}

const LIST_RULE = 'the list of a subscription goes back to what was told last';
