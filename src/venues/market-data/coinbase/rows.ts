import type { TakerSide } from '../../../model/records.ts';
import { FrameError, type JsonCursor } from '../../wire/json-cursor.ts';
import { Members } from '../../wire/members.ts';
import { microsecondsOfText } from '../../wire/times.ts';
import type { Gaps } from '../continuity/gaps.ts';
import { Interruptions } from '../continuity/interruptions.ts';
import type { PastRow } from '../continuity/range-recovery.ts';
import type { DecoderHost, PastRequests, RestRequest } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { head } from '../records/heads.ts';
import { klineRow, tickerRow, tradeRow } from '../records/rows.ts';

export const INTERVAL = '5m';
const LATE = { isHistory: false, isLate: true } as const;

/** Trades, tickers and klines of Coinbase. */
export class CoinbaseRows {
  readonly #host: DecoderHost;
  readonly #venue: string;
  readonly interruptions: Interruptions;
  /** Streams and the connections that each comes on; two while one replaces the other. */
  readonly #carriers = new Map<
    string,
    {
      readonly channel: 'trades' | 'klines';
      readonly instrument: Instrument;
      readonly connections: Set<number>;
    }
  >();

  constructor(host: DecoderHost, gaps: Gaps, venue: string, past: PastRequests) {
    this.#host = host;
    this.#venue = venue;
    this.interruptions = new Interruptions(host, gaps, venue, past);
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
      this.interruptions.begin(channel, instrument, channel === 'klines' ? INTERVAL : '', found);
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
    const known = this.interruptions.of('trades', instrument, '');
    const duplicates = this.#host.tally.of(instrument.native).counter('duplicateTrades');
    const { last } = known;
    // The last one comes first.
    const sorted = rows.map(tradeKey).sort((one, other) => one.key - other.key);
    for (const { row } of sorted) {
      const id = row.text('trade_id');
      const isMissed = !Number.isNaN(last) && Number(id) > last;
      if (!known.ids.isNew(id)) {
        if (!isWhole) duplicates.value++;
        continue;
      }
      if (isWhole && !Number.isNaN(last) && !isMissed) continue;
      this.#trade(instrument, row, sequence, { isHistory: isWhole && !isMissed, isLate: false });
    }
    if (isWhole) this.interruptions.resumed(known, sorted[0]);
    for (const { key, time } of sorted) this.interruptions.told(known, key, time);
  }

  #trade(
    instrument: Instrument,
    row: Members,
    sequence: string | null,
    flags: { readonly isHistory: boolean; readonly isLate: boolean },
  ): void {
    const time = microsecondsOfText(row.text('time'));
    this.#host.emit(
      tradeRow(head(this.#host, this.#venue, instrument, time, sequence), {
        ...{ id: row.text('trade_id'), side: takerOf(row.text('side')), priceText: row.decimal('price') },
        ...{ sizeText: row.decimal('size'), ...flags },
      }),
    );
  }

  /** Trades of the past that were asked for. The cursor is at their list. */
  pastTrades(cursor: JsonCursor, request: RestRequest, instrument: Instrument): void {
    const known = this.interruptions.of('trades', instrument, '');
    const rows: Members[] = [];
    cursor.array();
    while (cursor.item()) rows.push(Members.ofObject(cursor));
    this.interruptions.answered(request, known, rows.map(tradeKey), ({ row }) => {
      if (known.ids.isNew(row.text('trade_id'))) this.#trade(instrument, row, null, LATE);
    });
  }

  #klines(
    instrument: Instrument,
    rows: readonly Members[],
    isWhole: boolean,
    exchangeTime: number | null,
    sequence: string | null,
  ): void {
    const known = this.interruptions.of('klines', instrument, INTERVAL);
    const { isInterrupted, last } = known;
    const sorted = rows.map(klineKey).sort((one, other) => one.key - other.key);
    for (const { key, row } of sorted) {
      const isHistory = isWhole && !(isInterrupted && key >= last);
      this.#kline(instrument, row, exchangeTime, sequence, { isHistory, isLate: false });
    }
    if (isWhole) this.interruptions.resumed(known, sorted[0]);
    for (const { key, time } of sorted) this.interruptions.told(known, key, time);
  }

  #kline(
    instrument: Instrument,
    row: Members,
    exchangeTime: number | null,
    sequence: string | null,
    flags: { readonly isHistory: boolean; readonly isLate: boolean },
  ): void {
    const [open, high, low, close, volume] = ['open', 'high', 'low', 'close', 'volume'].map(name =>
      row.decimal(name),
    );
    const openTime = row.number('start') * 1e6;
    this.#host.emit(
      klineRow(head(this.#host, this.#venue, instrument, exchangeTime, sequence), {
        ...{ interval: INTERVAL, openTime, texts: [open, high, low, close, volume], ...flags },
      }),
    );
  }

  /** Klines of the past that were asked for. The cursor is at their list. */
  pastKlines(cursor: JsonCursor, request: RestRequest, instrument: Instrument): void {
    const known = this.interruptions.of('klines', instrument, INTERVAL);
    const rows: Members[] = [];
    cursor.array();
    while (cursor.item()) rows.push(Members.ofObject(cursor));
    this.interruptions.answered(request, known, rows.map(klineKey), ({ row }) =>
      this.#kline(instrument, row, null, null, LATE),
    );
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

interface KeyedRow extends PastRow {
  readonly row: Members;
}

function tradeKey(row: Members): KeyedRow {
  return { key: row.number('trade_id'), time: microsecondsOfText(row.text('time')), row };
}

function klineKey(row: Members): KeyedRow {
  const time = row.number('start') * 1e6;
  return { key: time, time, row };
}
