import type { BookRules } from '../../books/book-rules.ts';
import { interleavedChecksum, pythonFloat } from '../../books/checksums.ts';
import { FrameError } from '../../wire/json-cursor.ts';
import { Members } from '../../wire/members.ts';
import { microsecondsOfSeconds, microsecondsOfText } from '../../wire/times.ts';
import type { DecoderHost, Venue } from '../contract.ts';
import { InBandBooks } from '../decoding/in-band-books.ts';
import { InBandDecoder } from '../decoding/in-band-decoder.ts';
import type { Instrument } from '../instruments.ts';
import { head } from '../records/heads.ts';
import { takerSide, tickerRow, tradeRow } from '../records/rows.ts';
import { FTX_REQUESTS } from './requests.ts';

/** Names that futures and spot markets share a form with: `BTC-MOVE-2022Q1` is neither. */
const SIMPLE = /^([^-/]+)-(PERP|\d{4}|\d{8})$/;

/** FTX and its sister sites: their captures can be read, and nothing else. */
export const FTX: readonly Venue[] = [
  site('ftx', 'FTX', 'ftx.com', '2022-11-11'),
  site('ftx-us', 'FTX US', 'ftx.us', '2022-11-11'),
  site('ftx-tr', 'FTX TR', 'ftxtr.com', '2022-11-11'),
];

function site(id: string, name: string, host: string, date: string): Venue {
  return {
    id,
    name,
    channels: ['trades', 'book', 'tickers'],
    addresses: { stream: `wss://${host}`, rest: `https://${host}` },
    limits: { connects: { count: 0, withinMs: 1000 } },
    closed: `${name} closed in November 2022 (insolvency of ${date}): its captures can be replayed, live data is no more`,
    instrumentRequests: () => [],
    guess: ftxInstrument,
    plan: () => [],
    requests: FTX_REQUESTS,
    decoder: decoderHost => new FtxDecoder(id, decoderHost),
  };
}

/** `BTC/USD` → BTC-USD, `BTC-PERP` → BTC-USD-PERP, `BTC-20200327` → BTC-USD-200327, `BTC-0924` → BTC-USD-0924. */
function ftxInstrument(native: string): Instrument {
  const simple = SIMPLE.exec(native);
  if (simple !== null) {
    const [, base, term] = simple;
    return { native, symbol: `${base}-USD-${term.length === 8 ? term.slice(2) : term}` };
  }
  if (native.includes('/')) return { native, symbol: native.replace('/', '-') };
  return { native, symbol: native.replace('-', '-USD-') };
}

class FtxDecoder extends InBandDecoder {
  readonly #books: InBandBooks;

  constructor(venue: string, host: DecoderHost) {
    super(venue, host);
    const rules: BookRules = {
      venue,
      checksum: {
        rule: 'CRC32 of the top 100 levels == checksum',
        of: book => interleavedChecksum(book, 100, pythonFloat),
      },
    };
    this.#books = new InBandBooks(
      host,
      this.gaps,
      () => rules,
      () => {},
    );
  }

  get books() {
    return this.#books.feeds;
  }

  protected kept(channel: string) {
    return channel === '' || channel === 'orderbook' ? [this.#books] : [];
  }

  /** There is nobody to ask. */
  protected readAnswer(): void {}

  protected read(frame: string): void {
    const cursor = this.cursor;
    let type = '';
    let data = -1;
    cursor.open(frame);
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('channel')) this.channel = cursor.string();
      else if (cursor.is('market')) this.native = cursor.string() || undefined;
      else if (cursor.is('type')) type = cursor.string();
      else {
        // What it is may be told after it.
        if (cursor.is('data')) {
          cursor.peek();
          data = cursor.at;
        }
        cursor.skip();
      }
    }
    cursor.close();
    if (type === '') this.unknown(frame);
    else if (type !== 'partial' && type !== 'update') {
      this.host.tally.aside(type);
      if (type === 'error') this.host.refused(this.connection, frame);
    } else if (data === -1) throw new FrameError('no data');
    else if (!CHANNELS.has(this.channel)) this.host.tally.aside(this.channel);
    else {
      if (this.native === undefined) throw new FrameError('no market');
      cursor.at = data;
      if (this.channel === 'orderbook') this.#book(type === 'partial');
      else if (this.channel === 'trades') this.#trades();
      else this.#ticker();
    }
  }

  #book(isSnapshot: boolean): void {
    const cursor = this.cursor;
    const changes = this.changes;
    const { at } = cursor;
    changes.clear();
    let checksum = Number.NaN;
    let exchangeTime: number | null = null;
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('bids')) changes.bids.readLevels(cursor);
      else if (cursor.is('asks')) changes.asks.readLevels(cursor);
      else if (cursor.is('checksum')) checksum = cursor.number();
      else if (cursor.is('time')) exchangeTime = microsecondsOfSeconds(cursor.scalar() ?? '');
      else cursor.skip();
    }
    const { native } = this.#instrument();
    const { connection } = this;
    const facts = { exchangeTime, checksum, frame: cursor.text, at };
    if (isSnapshot) this.#books.snapshot(native, connection, 'orderbook', changes, facts);
    else this.#books.delta(native, connection, 'orderbook', changes, facts);
  }

  #trades(): void {
    const cursor = this.cursor;
    const instrument = this.#instrument();
    const rows: Members[] = [];
    cursor.array();
    while (cursor.item()) rows.push(Members.ofObject(cursor));
    for (const row of rows) {
      this.host.emit(
        tradeRow(head(this.host, this.venue, instrument, microsecondsOfText(row.text('time'))), {
          id: row.text('id'),
          side: takerSide(row.text('side')),
          priceText: row.decimal('price'),
          sizeText: row.decimal('size'),
        }),
      );
    }
  }

  #ticker(): void {
    const instrument = this.#instrument();
    const row = Members.ofObject(this.cursor);
    const time = row.optional('time');
    this.host.tally.of(instrument.native).counter('tickers').value++;
    this.host.emit(
      tickerRow(head(this.host, this.venue, instrument, time === null ? null : microsecondsOfSeconds(time)), {
        bid: row.optionalDecimal('bid'),
        bidSize: row.optionalDecimal('bidSize'),
        ask: row.optionalDecimal('ask'),
        askSize: row.optionalDecimal('askSize'),
        last: row.optionalDecimal('last'),
      }),
    );
  }

  /** `BTC-0924` leaves its year out: it is the next 24 September from when it was seen. */
  #instrument(): Instrument {
    const native = this.native ?? '';
    const { instruments } = this.host;
    const [, base, term = ''] = SIMPLE.exec(native) ?? [];
    if (term.length !== 4 || term === 'PERP' || instruments.has(native)) return instruments.of(native);
    const seen = new Date(this.host.receiveTime / 1000).toISOString();
    const year = Number(seen.slice(2, 4)) + (term < seen.slice(5, 7) + seen.slice(8, 10) ? 1 : 0);
    instruments.add({ native, symbol: `${base}-USD-${String(year).padStart(2, '0')}${term}` });
    return instruments.of(native);
  }
}

const CHANNELS: ReadonlySet<string> = new Set(['orderbook', 'trades', 'ticker']);
