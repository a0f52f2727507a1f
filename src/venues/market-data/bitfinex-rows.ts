import { FrameError, type JsonCursor } from '../wire/json-cursor.ts';
import { asNumberText } from '../wire/json-texts.ts';
import type { OwnChannel } from './bitfinex-connection.ts';
import type { DecoderHost } from './contract.ts';
import type { Gaps } from './gaps.ts';
import { head, microseconds } from './heads.ts';
import { Interruptions } from './interruptions.ts';
import { klineRow, tickerRow, tradeRow } from './rows.ts';

/** Trades, tickers and klines of Bitfinex: arrays whose meaning is their order. */
export class BitfinexRows {
  readonly #host: DecoderHost;
  readonly #venue: string;
  readonly interruptions: Interruptions;

  constructor(host: DecoderHost, gaps: Gaps, venue: string) {
    this.#host = host;
    this.#venue = venue;
    this.interruptions = new Interruptions(host, gaps, venue);
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
    const isWhole = Number.isNaN(last) || Number(rows[0]?.[0]) <= last;
    for (const [id, time, amount, priceText] of rows) {
      const isMissed = !Number.isNaN(last) && Number(id) > last;
      const isNew = known.ids.isNew(id);
      if (!isNew && isLive) counter.value++;
      if (!isNew && (isLive || !Number.isNaN(known.last))) continue;
      const isSell = amount.startsWith('-');
      this.#host.emit(
        tradeRow(head(this.#host, this.#venue, instrument, microseconds(Number(time)), sequence), {
          ...{ id, priceText, side: isSell ? 'sell' : 'buy' },
          sizeText: isSell ? amount.slice(1) : amount,
          isHistory: !isLive && !isMissed,
        }),
      );
    }
    if (!isLive) this.interruptions.resumed('trades', instrument, known, isWhole);
    for (const [id] of rows) this.interruptions.told(known, Number(id));
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
    const isWhole = Number.isNaN(known.last) || microseconds(Number(rows[0]?.[0])) <= known.last;
    for (const [start, open, close, high, low, volume] of rows) {
      const openTime = microseconds(Number(start));
      this.#host.emit(
        klineRow(head(this.#host, this.#venue, instrument, time, sequence), {
          ...{ interval, openTime, texts: [open, high, low, close, volume] },
          isHistory: isList && !(known.isInterrupted && openTime >= known.last),
        }),
      );
    }
    if (isList) this.interruptions.resumed('klines', instrument, known, isWhole);
    for (const [start] of rows) this.interruptions.told(known, microseconds(Number(start)));
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
