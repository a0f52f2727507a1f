import type { BookSide } from '../../../model/records.ts';
import { OrderFeed, type OrderRules, type WireOrder } from '../../books/order-feed.ts';
import { FrameError, JsonCursor } from '../../wire/json-cursor.ts';
import {
  asNumberText,
  listOf,
  numberText,
  objectOf,
  readTexts,
  type TextObject,
  type Texts,
  textOf,
} from '../../wire/json-texts.ts';
import { microsecondsOfText } from '../../wire/times.ts';
import { Gaps } from '../continuity/gaps.ts';
import type { Decoder, DecoderHost, RestRequest, VenueAddresses } from '../contract.ts';
import { head, microseconds } from '../records/heads.ts';
import { takerSide, tickerRow, tradeRow } from '../records/rows.ts';
import { OrderChannel } from './channel.ts';

const VENUE = 'independent-reserve';
const READABLE_RULE = 'every message can be read';
/** How far one channel may be ahead of another on the same socket, µs; taken on trust. */
const OTHER_CHANNEL_LEAD = 1_000_000;

/**
 * Orders have ids, so that changes which are in a snapshot already can be applied to it once more: all that came since the
 * subscription was confirmed.
 */
const RULES: OrderRules = {
  venue: VENUE,
  join: {
    rule: 'snapshot is not older than the subscription',
    isAppliedTwice: true,
    isStale: () => false,
    joins: () => true,
  },
};

export class IndependentReserveDecoder implements Decoder {
  readonly books = new Map<string, OrderFeed>();
  readonly orderBooks = this.books;
  readonly #host: DecoderHost;
  readonly #gaps: Gaps;
  readonly #cursor = new JsonCursor();
  readonly #channels = new Map<string, OrderChannel>();
  /** Pairs of which trades are wanted, by base. */
  readonly #tradePairs = new Map<string, Set<string>>();
  readonly #currencies: { primary: readonly string[]; secondary: readonly string[] } = {
    primary: [],
    secondary: [],
  };

  /** The pair whose snapshot is at hand, so that it need not be asked for. */
  #answered = '';

  constructor(host: DecoderHost) {
    this.#host = host;
    this.#gaps = new Gaps(host, VENUE);
  }

  opened(): void {}

  closed(connection: number, reason: string): void {
    for (const channel of this.#channels.values()) {
      if (!channel.connections.delete(connection) || channel.connections.size > 0) continue;
      channel.lose('DISCONNECTED', 'the connection stands', reason);
    }
  }

  /** What is asked for says which pairs are wanted, where it names them. */
  sent(_connection: number, text: string): void {
    for (const [, base, quote] of text.matchAll(/"ticker-([a-z0-9]+)-([a-z]+)"/gi)) this.#follow(base, quote);
  }

  text(connection: number, frame: string): void {
    try {
      this.#cursor.open(frame);
      const message = objectOf(readTexts(this.#cursor), 'a frame');
      this.#cursor.close();
      this.#read(connection, frame, message);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#gaps.unreadable(frame, error.message);
      this.#suspect(connection, frame, error.message);
    }
  }

  /** Changes of a book may have been in a frame that cannot be read. Of trades the next nonce tells. */
  #suspect(connection: number, frame: string, detail: string): void {
    const name = /"Channel":"([^"]+)"/.exec(frame)?.[1].toLowerCase();
    for (const channel of this.#channels.values()) {
      if (!channel.isOfOrders || !channel.isLive || !channel.connections.has(connection)) continue;
      if (name === undefined || name === channel.name) channel.lose('UNREADABLE', READABLE_RULE, detail);
    }
  }

  binary(): void {
    this.#gaps.unreadable('', 'a binary frame', 'frame is text');
  }

  answer(request: RestRequest, status: number, text: string): void {
    if (status !== 200) return;
    const { host, pathname, searchParams } = new URL(request.url);
    const base = searchParams.get('primaryCurrencyCode')?.toLowerCase() ?? '';
    const quote = searchParams.get('secondaryCurrencyCode')?.toLowerCase() ?? '';
    try {
      this.#cursor.open(text);
      const answer = readTexts(this.#cursor);
      this.#cursor.close();
      if (pathname.endsWith('/GetAllOrders')) this.#orders(base, quote, objectOf(answer, 'an answer'));
      else if (pathname.endsWith('/GetMarketSummary')) {
        this.#follow(base, quote);
        this.#summary(`${base}-${quote}`, objectOf(answer, 'an answer'));
      } else if (pathname.endsWith('/GetValidPrimaryCurrencyCodes')) this.#listed('primary', answer);
      else if (pathname.endsWith('/GetValidSecondaryCurrencyCodes')) this.#listed('secondary', answer);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#host.notice('warning', 'ANSWER_UNREADABLE', `${host}${pathname}: ${error.message}`);
    }
  }

  #read(connection: number, frame: string, message: TextObject): void {
    const event = textOf(message, 'Event');
    const time = message.Time === undefined ? Number.NaN : microseconds(Number(numberText(message, 'Time')));
    if (event === 'Heartbeat' || event === 'Subscriptions' || event === 'Error') {
      this.#host.tally.aside(event);
      if (event === 'Subscriptions') this.#subscribed(connection, listOf(message.Data, 'Data'), time);
      if (event === 'Error') this.#host.refused(connection, frame);
    } else if (message.Channel === undefined) this.#unknown(frame);
    else {
      const channel = this.#channel(textOf(message, 'Channel').toLowerCase());
      const known = ['NewOrder', 'OrderChanged', 'OrderCanceled', 'Trade'].includes(event);
      if (!channel.isNext(connection, numberText(message, 'Nonce'), time)) return;
      try {
        if (!known) this.#unknown(frame);
        else if (event === 'Trade') this.#trade(channel, objectOf(message.Data, 'Data'), time);
        else channel.event(event, objectOf(message.Data, 'Data'), time);
      } catch (error) {
        // Its nonce has been used, so that nothing else will tell that what it brought is missing.
        if (error instanceof FrameError) channel.lose('UNREADABLE', READABLE_RULE, error.message);
        throw error;
      }
    }
    if (Number.isNaN(time)) return;
    const own = message.Channel === undefined ? undefined : textOf(message, 'Channel').toLowerCase();
    for (const channel of this.#channels.values()) {
      if (own === channel.name) channel.seen(time);
      else channel.seenOn(connection, own === undefined ? time : time - OTHER_CHANNEL_LEAD);
    }
  }

  #unknown(frame: string): void {
    this.#host.tally.aside('unknown');
    this.#host.notice('warning', 'FRAME_UNKNOWN', `${VENUE}: ${frame.slice(0, 100)}`);
  }

  #subscribed(connection: number, names: readonly Texts[], time: number): void {
    for (const name of names) {
      if (typeof name === 'string') this.#channel(name.toLowerCase()).subscribed(connection, time);
    }
  }

  #channel(name: string): OrderChannel {
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      channel = new OrderChannel(this.#host, this.#gaps, name);
      this.#channels.set(name, channel);
    }
    return channel;
  }

  #follow(base: string, quote: string): void {
    const quotes = this.#tradePairs.get(base.toLowerCase()) ?? new Set();
    quotes.add(quote.toLowerCase());
    this.#tradePairs.set(base.toLowerCase(), quotes);
  }

  /** A price of today's protocol is one in each currency; one a pair in that of before 2023. */
  #trade(channel: OrderChannel, data: TextObject, time: number): void {
    const { base, quote: own } = channel;
    const quotes = own === undefined ? (this.#tradePairs.get(base) ?? []) : [own];
    const exchangeTime = data.TradeDate === undefined ? time : microsecondsOfText(textOf(data, 'TradeDate'));
    for (const quote of quotes) {
      const priceText = channel.priceIn(quote, data.Price);
      if (priceText === undefined) continue;
      const instrument = this.#host.instruments.of(`${base}-${quote}`);
      this.#host.emit(
        tradeRow(head(this.#host, VENUE, instrument, exchangeTime, channel.nonceText), {
          id: textOf(data, 'TradeGuid'),
          side: data.Side === undefined ? null : takerSide(textOf(data, 'Side')),
          priceText,
          sizeText: numberText(data, 'Volume'),
        }),
      );
    }
  }

  #orders(base: string, quote: string, answer: TextObject): void {
    const native = `${base}-${quote}`;
    const created = microsecondsOfText(textOf(answer, 'CreatedTimestampUtc'));
    const orders = [
      ...rowsOf('bid', listOf(answer.BuyOrders, 'BuyOrders')),
      ...rowsOf('ask', listOf(answer.SellOrders, 'SellOrders')),
    ];
    // Counted for the pair; the changes are counted for their stream.
    this.#host.tally.of(native).counter('bookSnapshots').value++;
    const own = this.#channels.get(`orderbook-${native}`);
    const channel = own ?? this.#channel(`orderbook-${base}`);
    this.#answered = native;
    const feed = this.#feed(channel, native, quote);
    this.#answered = '';
    if (!channel.covers(quote, created)) {
      // What changed between the two is nowhere: another one.
      if (channel.isLive) this.#ask(native);
      return;
    }
    // The book stands, and would lose what came since the snapshot was made.
    if (feed.isValid) return;
    feed.snapshot(orders, Number.NaN, created, { settlesAt: created });
    channel.settle(feed);
  }

  #feed(channel: OrderChannel, native: string, quote: string): OrderFeed {
    let feed = this.books.get(native);
    if (feed === undefined) {
      const { symbol } = this.#host.instruments.of(native);
      const stream = { native: channel.name, symbol };
      const instrument = this.#host.instruments.of(native);
      // While nothing comes, a snapshot could not be joined to anything.
      const need = () => {
        if (channel.isLive && this.#answered !== native) this.#ask(native);
      };
      feed = new OrderFeed(this.#host, this.#gaps, RULES, instrument, need, stream);
      this.books.set(native, feed);
      channel.add(quote, feed);
    }
    return feed;
  }

  #ask(native: string): void {
    this.#host.fetch({ method: 'GET', url: urlOf(this.#host.addresses, 'GetAllOrders', native) });
  }

  #summary(native: string, answer: TextObject): void {
    const number = (key: string) => {
      const value = answer[key];
      return value === undefined || value === null ? null : asNumberText(value, key);
    };
    const time = answer.CreatedTimestampUtc;
    this.#host.tally.of(native).counter('tickers').value++;
    this.#host.emit(
      tickerRow(
        head(
          this.#host,
          VENUE,
          this.#host.instruments.of(native),
          typeof time === 'string' ? microsecondsOfText(time) : null,
        ),
        {
          bid: number('CurrentHighestBidPrice'),
          ask: number('CurrentLowestOfferPrice'),
          last: number('LastPrice'),
          volume: number('DayVolumeXbt'),
          high: number('DayHighestPrice'),
          low: number('DayLowestPrice'),
        },
      ),
    );
  }

  #listed(kind: 'primary' | 'secondary', answer: Texts): void {
    this.#currencies[kind] = listOf(answer, 'an answer').filter(code => typeof code === 'string');
    const { primary, secondary } = this.#currencies;
    for (const base of primary) {
      for (const quote of secondary) this.#host.instruments.of(`${base}-${quote}`.toLowerCase());
    }
  }
}

function rowsOf(side: BookSide, rows: readonly Texts[]): WireOrder[] {
  return rows.map(row => {
    const order = objectOf(row, 'an order');
    return {
      id: textOf(order, 'Guid'),
      side,
      priceText: numberText(order, 'Price'),
      sizeText: numberText(order, 'Volume'),
    };
  });
}

/** The address of what the venue tells of one pair. */
export function urlOf(addresses: VenueAddresses, method: string, native: string): string {
  const [base, quote] = native.split('-');
  return `${addresses.rest}/Public/${method}?primaryCurrencyCode=${base}&secondaryCurrencyCode=${quote}`;
}
