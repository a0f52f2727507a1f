import type { KlineRecord, TakerSide } from '../../../model/records.ts';
import { type BookRules, beginsAfterLast } from '../../books/book-rules.ts';
import { FrameError, type JsonCursor } from '../../wire/json-cursor.ts';
import {
  numberText,
  objectOf,
  readTexts,
  type TextObject,
  textOf,
  textOrNull,
} from '../../wire/json-texts.ts';
import { MemberPlaces } from '../../wire/member-places.ts';
import type { DecoderHost, PastRequests } from '../contract.ts';
import { StreamDecoder } from '../decoding/stream-decoder.ts';
import { head, timeOf } from '../records/heads.ts';
import { canonicalInterval, tickerNumber } from './words.ts';

/** The stream of changes that begins with a snapshot of its own. */
export const UNIFIED_DEPTH = 'increment@10ms';

/** Frames of KuCoin's newer API: `{"T":"obu.SPOT","t":"delta","P":…,"d":{…}}`. */
export abstract class UnifiedDecoder extends StreamDecoder {
  readonly #rules: BookRules;
  readonly #members = new MemberPlaces(['T', 't', 'dp', 'P', 'd']);
  readonly #sequences = { first: 0, last: 0, previous: Number.NaN };
  #request = 1000;

  constructor(venue: string, host: DecoderHost, past: PastRequests) {
    super(venue, host, past);
    this.#rules = {
      venue,
      link: beginsAfterLast('O == previous C + 1', (last, { first }) => `O=${first} previous C=${last}`),
    };
  }

  protected readUnified(frame: string, type: string): void {
    const { cursor } = this;
    const members = this.#members;
    cursor.at = 0;
    members.read(cursor);
    const [name] = type.toLowerCase().split('.');
    if (!members.seek(cursor, 'd')) throw new FrameError('no d');
    if (name === 'obu') {
      this.#book(cursor);
      return;
    }
    const data = objectOf(readTexts(cursor), 'd');
    if (name === 'trade') this.#unifiedTrade(data);
    else if (name === 'ticker') this.#unifiedTicker(data, members.text(cursor, 'P'));
    else if (name === 'kline') this.#unifiedKline(data, members.text(cursor, 'P'));
    else this.unknown(frame);
  }

  /** Leaves the stream of one book and takes it again. */
  protected askForUnifiedBook(native: string, connection: number): void {
    for (const action of ['unsubscribe', 'subscribe']) {
      this.host.send(connection, unifiedRequest(++this.#request, action, 'obu', this.venue, native));
    }
  }

  #book(cursor: JsonCursor): void {
    const members = this.#members;
    const { asks, bids } = this.changes;
    this.changes.clear();
    let [native, first, last, time] = ['', Number.NaN, Number.NaN, null as number | null];
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('s')) native = cursor.string();
      else if (cursor.is('O')) first = cursor.number();
      else if (cursor.is('C')) last = cursor.number();
      else if (cursor.is('M')) time = timeOf(cursor.scalar() ?? '');
      else if (cursor.is('a')) asks.readLevels(cursor);
      else if (cursor.is('b')) bids.readLevels(cursor);
      else cursor.skip();
    }
    if (Number.isNaN(first) || Number.isNaN(last)) throw new FrameError('a book without sequences');
    const streams = this.of(native);
    const feed = this.bookOf(streams, `obu ${members.text(cursor, 'dp')}`, this.#rules);
    if (feed === undefined) return;
    const kind = members.text(cursor, 't');
    if (kind === 'snapshot') this.snapshotInBand(streams, last, time);
    else if (kind !== 'delta') throw new FrameError(`a book of type "${kind}"`);
    else if (this.isCarried(streams)) {
      const sequences = this.#sequences;
      sequences.first = first;
      sequences.last = last;
      feed.delta(this.changes, sequences, time);
      this.askAgain(streams);
    }
  }

  #unifiedTrade(data: TextObject): void {
    const streams = this.of(textOf(data, 's'));
    const id = textOf(data, 'ti');
    if (!streams.tradeIds.isNew(id)) {
      streams.duplicateTrades.value++;
      return;
    }
    const time = timeOf(textOf(data, 'M'));
    const priceText = numberText(data, 'p');
    const sizeText = numberText(data, 'q');
    this.tradesFlow(streams, time);
    this.host.emit({
      kind: 'trade',
      ...head(this.host, this.venue, streams.instrument, time, textOrNull(data, 'E')),
      id,
      side: sideOf(textOf(data, 'S').toLowerCase()),
      price: Number(priceText),
      priceText,
      size: Number(sizeText),
      sizeText,
      isHistory: false,
      isLate: false,
      fills: null,
    });
  }

  #unifiedTicker(data: TextObject, pushed: string): void {
    const { instrument, tickers } = this.of(textOf(data, 's'));
    tickers.value++;
    this.host.emit({
      kind: 'ticker',
      ...head(this.host, this.venue, instrument, pushed === '' ? null : timeOf(pushed)),
      bid: tickerNumber(data, 'b'),
      bidSize: tickerNumber(data, 'B'),
      ask: tickerNumber(data, 'a'),
      askSize: tickerNumber(data, 'A'),
      last: tickerNumber(data, 'l'),
      ...{ volume: null, high: null, low: null },
    });
  }

  #unifiedKline(data: TextObject, pushed: string): void {
    const texts: KlineRecord['texts'] = [
      numberText(data, 'o'),
      numberText(data, 'h'),
      numberText(data, 'l'),
      numberText(data, 'c'),
      numberText(data, 'v'),
    ];
    const [open, high, low, close, volume] = texts.map(Number);
    const { instrument } = this.of(textOf(data, 's'));
    this.host.emit({
      kind: 'kline',
      ...head(this.host, this.venue, instrument, pushed === '' ? null : timeOf(pushed)),
      interval: canonicalInterval(textOf(data, 'i')),
      openTime: timeOf(textOf(data, 'O')),
      ...{ open, high, low, close, volume, texts },
      quoteVolume: Number(numberText(data, 'a')),
      trades: null,
      isClosed: null,
      isHistory: false,
      isLate: false,
    });
  }
}

/** One subscription of the newer API. */
export function unifiedRequest(
  id: number,
  action: string,
  channel: string,
  venue: string,
  native: string,
  interval?: string,
): string {
  return JSON.stringify({
    id: String(id),
    action,
    channel,
    tradeType: venue.endsWith('futures') ? 'FUTURES' : 'SPOT',
    symbol: native,
    ...(channel === 'obu' ? { depth: UNIFIED_DEPTH } : {}),
    ...(interval === undefined ? {} : { interval }),
  });
}

export function sideOf(text: string): TakerSide {
  if (text !== 'buy' && text !== 'sell') throw new FrameError(`a trade whose side is ${text}`);
  return text;
}
