import type { TakerSide } from '../../model/records.ts';
import { FrameError, type JsonCursor } from '../wire/json-cursor.ts';
import { Members } from '../wire/members.ts';
import { microsecondsOfText } from '../wire/times.ts';
import type { DecoderHost } from './contract.ts';
import type { Gaps } from './gaps.ts';
import { head } from './heads.ts';
import type { Instrument } from './instruments.ts';
import { Interruptions } from './interruptions.ts';
import { klineRow, tickerRow, tradeRow } from './rows.ts';

const INTERVAL = '5m';

/** Trades, tickers and klines of Coinbase. */
export class CoinbaseRows {
  readonly #host: DecoderHost;
  readonly #venue: string;
  readonly #interruptions: Interruptions;
  /** Streams and the connections that each comes on; two while one replaces the other. */
  readonly #carriers = new Map<
    string,
    {
      readonly channel: 'trades' | 'klines';
      readonly instrument: Instrument;
      readonly connections: Set<number>;
    }
  >();

  constructor(host: DecoderHost, gaps: Gaps, venue: string) {
    this.#host = host;
    this.#venue = venue;
    this.#interruptions = new Interruptions(host, gaps, venue);
  }

  /** Reads the list of an event. `isWhole` for one that tells of what was before the subscription. */
  read(
    cursor: JsonCursor,
    connection: number,
    channel: string,
    isWhole: boolean,
    exchangeTime: number | null,
    sequence: string | null,
  ): void {
    const byProduct = new Map<string, Members[]>();
    cursor.array();
    while (cursor.item()) {
      const row = Members.ofObject(cursor);
      const product = row.text('product_id');
      const rows = byProduct.get(product);
      if (rows === undefined) byProduct.set(product, [row]);
      else rows.push(row);
    }
    for (const [product, rows] of byProduct) {
      const instrument = this.#host.instruments.of(product);
      if (channel === 'market_trades') {
        this.#carry('trades', instrument, connection);
        this.#trades(instrument, rows, isWhole, sequence);
      } else if (channel === 'candles') {
        this.#carry('klines', instrument, connection);
        this.#klines(instrument, rows, isWhole, exchangeTime, sequence);
      } else for (const row of rows) this.#ticker(instrument, row, exchangeTime, sequence);
    }
  }

  interrupted(
    connection: number,
    found: { readonly cause: string; readonly rule: string; readonly detail: string; readonly from: number },
  ): void {
    for (const [name, { channel, connections, instrument }] of this.#carriers) {
      if (!connections.delete(connection) || connections.size > 0) continue;
      this.#carriers.delete(name);
      this.#interruptions.begin(channel, instrument, channel === 'klines' ? INTERVAL : '', found);
    }
  }

  #carry(channel: 'trades' | 'klines', instrument: Instrument, connection: number): void {
    const name = `${channel} ${instrument.native}`;
    const known = this.#carriers.get(name);
    if (known === undefined) {
      this.#carriers.set(name, { channel, instrument, connections: new Set([connection]) });
    } else known.connections.add(connection);
  }

  #trades(instrument: Instrument, rows: readonly Members[], isWhole: boolean, sequence: string | null): void {
    const known = this.#interruptions.of('trades', instrument, '');
    const duplicates = this.#host.tally.of(instrument.native).counter('duplicateTrades');
    const ids = rows.map(row => row.number('trade_id'));
    const goesBack = Number.isNaN(known.last) || Math.min(...ids) <= known.last;
    const last = known.last;
    // The last one comes first.
    for (const row of [...rows].sort((one, other) => one.number('trade_id') - other.number('trade_id'))) {
      const id = row.text('trade_id');
      const isMissed = !Number.isNaN(last) && Number(id) > last;
      if (!known.ids.isNew(id)) {
        if (!isWhole) duplicates.value++;
        continue;
      }
      if (isWhole && !Number.isNaN(last) && !isMissed) continue;
      const time = microsecondsOfText(row.text('time'));
      this.#host.emit(
        tradeRow(head(this.#host, this.#venue, instrument, time, sequence), {
          ...{ id, side: takerOf(row.text('side')), priceText: row.decimal('price') },
          ...{ sizeText: row.decimal('size'), isHistory: isWhole && !isMissed },
        }),
      );
    }
    if (isWhole) this.#interruptions.resumed('trades', instrument, known, goesBack);
    for (const id of ids) this.#interruptions.told(known, id);
  }

  #klines(
    instrument: Instrument,
    rows: readonly Members[],
    isWhole: boolean,
    exchangeTime: number | null,
    sequence: string | null,
  ): void {
    const known = this.#interruptions.of('klines', instrument, INTERVAL);
    const last = known.last;
    const starts = rows.map(row => row.number('start') * 1e6);
    const goesBack = Number.isNaN(last) || Math.min(...starts) <= last;
    for (const row of [...rows].sort((one, other) => one.number('start') - other.number('start'))) {
      const openTime = row.number('start') * 1e6;
      const [open, high, low, close, volume] = ['open', 'high', 'low', 'close', 'volume'].map(name =>
        row.decimal(name),
      );
      this.#host.emit(
        klineRow(head(this.#host, this.#venue, instrument, exchangeTime, sequence), {
          ...{ interval: INTERVAL, openTime, texts: [open, high, low, close, volume] },
          isHistory: isWhole && !(known.isInterrupted && openTime >= last),
        }),
      );
    }
    if (isWhole) this.#interruptions.resumed('klines', instrument, known, goesBack);
    for (const openTime of starts) this.#interruptions.told(known, openTime);
  }

  #ticker(instrument: Instrument, row: Members, exchangeTime: number | null, sequence: string | null): void {
    this.#host.tally.of(instrument.native).counter('tickers').value++;
    this.#host.emit(
      tickerRow(head(this.#host, this.#venue, instrument, exchangeTime, sequence), {
        ...{ bid: row.optionalDecimal('best_bid'), bidSize: row.optionalDecimal('best_bid_quantity') },
        ...{ ask: row.optionalDecimal('best_ask'), askSize: row.optionalDecimal('best_ask_quantity') },
        ...{ last: row.optionalDecimal('price'), volume: row.optionalDecimal('volume_24_h') },
        ...{ high: row.optionalDecimal('high_24_h'), low: row.optionalDecimal('low_24_h') },
      }),
    );
  }
}

/** The venue names the side of the order that rested: the other one took. */
function takerOf(makerSide: string): TakerSide {
  if (makerSide === 'BUY') return 'sell';
  if (makerSide === 'SELL') return 'buy';
  throw new FrameError(`no side: ${makerSide.slice(0, 40)}`);
}
