import { FrameError, type JsonCursor } from '../../wire/json-cursor.ts';
import { asNumberText } from '../../wire/json-texts.ts';
import type { Gaps } from '../continuity/gaps.ts';
import { Interruptions } from '../continuity/interruptions.ts';
import type { PastRow } from '../continuity/range-recovery.ts';
import type { DecoderHost, PastRequests, RestRequest } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { head, microseconds } from '../records/heads.ts';
import { klineRow, tickerRow, tradeRow } from '../records/rows.ts';
import type { OwnChannel } from './connection.ts';

/** Trades, tickers and klines of Bitfinex: arrays whose meaning is their order. */
export class BitfinexRows {
  readonly #host: DecoderHost;
  readonly #venue: string;
  readonly interruptions: Interruptions;

  constructor(host: DecoderHost, gaps: Gaps, venue: string, past: PastRequests) {
    this.#host = host;
    this.#venue = venue;
    this.interruptions = new Interruptions(host, gaps, venue, past);
  }

  /** Reads a row, or a list of rows; true for a list. */
  each(cursor: JsonCursor, read: () => void): boolean {
    const at = cursor.at;
    cursor.array();
    if (!cursor.item()) return true;
    const isList = cursor.isArray;
    cursor.at = at;
    if (!isList) {
      read();
      return false;
    }
    cursor.array();
    while (cursor.item()) read();
    return true;
  }

  /** Reads a row of at least `count` numbers; what follows them is passed over. */
  decimals(cursor: JsonCursor, count: number): string[] {
    const texts = this.#scalars(cursor);
    if (texts.length < count) throw new FrameError(`a row of ${texts.length} where there are ${count}`);
    return texts.slice(0, count).map((text, at) => asNumberText(text, String(at)));
  }

  /** `[id, time, amount, price]`: one that was bought has a positive amount. A list is sent on subscribing, the last first. */
  trades(cursor: JsonCursor, channel: OwnChannel, isLive: boolean, sequence: string | null): void {
    const rows: string[][] = [];
    this.each(cursor, () => rows.push(this.decimals(cursor, 4)));
    rows.sort(([one], [other]) => Number(one) - Number(other));
    const { instrument } = channel;
    const known = this.interruptions.of('trades', instrument, '');
    const counter = this.#host.tally.of(instrument.native).counter('duplicateTrades');
    // Whether the list goes back to the last trade that came.
    const { last } = known;
    for (const row of rows) {
      const isMissed = !Number.isNaN(last) && Number(row[0]) > last;
      const isNew = known.ids.isNew(row[0]);
      if (!isNew && isLive) counter.value++;
      if (!isNew && (isLive || !Number.isNaN(known.last))) continue;
      this.#trade(instrument, row, sequence, { isHistory: !isLive && !isMissed, isLate: false });
    }
    const [oldest] = rows;
    if (!isLive) this.interruptions.resumed(known, oldest && keyed(oldest[0], oldest[1]));
    for (const [id, time] of rows) this.interruptions.told(known, Number(id), microseconds(Number(time)));
  }

  #trade(
    instrument: Instrument,
    [id, time, amount, priceText]: readonly string[],
    sequence: string | null,
    flags: { readonly isHistory: boolean; readonly isLate: boolean },
  ): void {
    const isSell = amount.startsWith('-');
    this.#host.emit(
      tradeRow(head(this.#host, this.#venue, instrument, microseconds(Number(time)), sequence), {
        ...{ id, priceText, side: isSell ? 'sell' : 'buy' },
        sizeText: isSell ? amount.slice(1) : amount,
        ...flags,
      }),
    );
  }

  /** Trades of the past that were asked for, `[id, time, amount, price]`. */
  pastTrades(cursor: JsonCursor, request: RestRequest, instrument: Instrument): void {
    const known = this.interruptions.of('trades', instrument, '');
    const rows: (PastRow & { readonly row: readonly string[] })[] = [];
    this.each(cursor, () => {
      const row = this.decimals(cursor, 4);
      rows.push({ ...keyed(row[0], row[1]), row });
    });
    this.interruptions.answered(request, known, rows, ({ row }) => {
      if (known.ids.isNew(row[0])) this.#trade(instrument, row, null, LATE);
    });
  }

  /** `[bid, bidSize, ask, askSize, change, changeRelative, last, volume, high, low, …]`, null for none. */
  ticker(cursor: JsonCursor, { instrument }: OwnChannel, time: number | null, sequence: string | null): void {
    const values = this.#scalars(cursor);
    if (values.length < 10) throw new FrameError(`a ticker of ${values.length} numbers`);
    const number = (at: number) => (values[at] === null ? null : asNumberText(values[at], String(at)));
    this.#host.tally.of(instrument.native).counter('tickers').value++;
    this.#host.emit(
      tickerRow(head(this.#host, this.#venue, instrument, time, sequence), {
        ...{ bid: number(0), bidSize: number(1), ask: number(2), askSize: number(3) },
        ...{ last: number(6), volume: number(7), high: number(8), low: number(9) },
      }),
    );
  }

  /** `[time, open, close, high, low, volume]`: a list on subscribing, the last first, then single ones. */
  klines(cursor: JsonCursor, channel: OwnChannel, time: number | null, sequence: string | null): void {
    const rows: string[][] = [];
    const isList = this.each(cursor, () => rows.push(this.decimals(cursor, 6)));
    rows.sort(([one], [other]) => Number(one) - Number(other));
    const { instrument, interval } = channel;
    const known = this.interruptions.of('klines', instrument, interval);
    const { isInterrupted, last } = known;
    for (const row of rows) {
      const isMissed = isInterrupted && microseconds(Number(row[0])) >= last;
      const isHistory = isList && !isMissed;
      this.#kline(instrument, interval, row, time, sequence, { isHistory, isLate: false });
    }
    const [oldest] = rows;
    if (isList) this.interruptions.resumed(known, oldest && keyed(oldest[0], oldest[0], 1000));
    for (const [start] of rows) {
      const openTime = microseconds(Number(start));
      this.interruptions.told(known, openTime, openTime);
    }
  }

  #kline(
    instrument: Instrument,
    interval: string,
    [start, open, close, high, low, volume]: readonly string[],
    time: number | null,
    sequence: string | null,
    flags: { readonly isHistory: boolean; readonly isLate: boolean },
  ): void {
    const openTime = microseconds(Number(start));
    this.#host.emit(
      klineRow(head(this.#host, this.#venue, instrument, time, sequence), {
        ...{ interval, openTime, texts: [open, high, low, close, volume] },
        ...flags,
      }),
    );
  }

  /** Klines of the past that were asked for, as `klines` has them. */
  pastKlines(cursor: JsonCursor, request: RestRequest, instrument: Instrument, interval: string): void {
    const known = this.interruptions.of('klines', instrument, interval);
    const rows: (PastRow & { readonly row: readonly string[] })[] = [];
    this.each(cursor, () => {
      const row = this.decimals(cursor, 6);
      rows.push({ ...keyed(row[0], row[0], 1000), row });
    });
    this.interruptions.answered(request, known, rows, ({ row }) =>
      this.#kline(instrument, interval, row, null, null, LATE),
    );
  }

  #scalars(cursor: JsonCursor): (string | null)[] {
    const texts: (string | null)[] = [];
    cursor.array();
    while (cursor.item()) {
      if (cursor.isArray || cursor.isObject) throw new FrameError('a list where there is a number');
      texts.push(cursor.scalar());
    }
    return texts;
  }
}

const LATE = { isHistory: false, isLate: true } as const;

/** A row of the key `key` times `scale`, at a time of the wire. */
function keyed(key: string, time: string, scale = 1): PastRow {
  return { key: Number(key) * scale, time: microseconds(Number(time)) };
}
