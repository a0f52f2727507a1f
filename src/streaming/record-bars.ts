import { InputError } from '../model/errors.ts';
import type { Interval } from '../model/interval.ts';
import type { KlineRecord, MarketRecord, TradeRecord } from '../model/records.ts';
import { ClosedKlines } from './closed-klines.ts';
import { barOfKline, type RecordBar, TradeBars } from './trade-bars.ts';

export interface RecordBarsOptions {
  readonly interval: Interval;
  /** `auto`: klines where there are any of the interval, else trades. */
  readonly from: 'auto' | 'klines' | 'trades';
  /** Of whom; needed where there are several. */
  readonly venue?: string | undefined;
  readonly symbol?: string | undefined;
  /** Where the records come from, for messages. */
  readonly name: string;
}

/** Trades whose ids are remembered. */
const MOST_IDS = 100_000;

/** The bars of one instrument among records of any kind: its closed klines, or bars of its trades. */
export class RecordBars {
  readonly #options: RecordBarsOptions;
  readonly #klines = new ClosedKlines();
  readonly #trades: TradeBars;
  readonly #ids = new Set<string>();
  #isOfKlines: boolean;
  #isDecided = false;
  #instrument: Pick<MarketRecord, 'venue' | 'symbol' | 'native'> | undefined;
  /** The kline that is open, as it was seen last. */
  forming: KlineRecord | undefined;

  constructor(options: RecordBarsOptions) {
    this.#options = options;
    this.#trades = new TradeBars(options.interval);
    this.#isOfKlines = options.from === 'klines';
  }

  /** Whose bars they are; undefined before the first record. */
  get instrument(): Pick<MarketRecord, 'venue' | 'symbol' | 'native'> | undefined {
    return this.#instrument;
  }

  /** False while the bars are made of trades, because no kline has come. */
  get isOfKlines(): boolean {
    return this.#isOfKlines;
  }

  get trades(): TradeBars {
    return this.#trades;
  }

  /** What the bars are made of is not changed any more: a bar has been given. */
  decide(): void {
    this.#isDecided = true;
  }

  /**
   * Bars that have closed by this record, oldest first; with `late` also klines that come after younger ones. Throws
   * InputError `FEED_MIXED`.
   */
  push(record: MarketRecord, late = false): readonly RecordBar[] {
    if (record.kind === 'kline') return this.#kline(record, late);
    if (record.kind === 'trade') return this.#trade(record);
    return [];
  }

  #kline(record: KlineRecord, late: boolean): readonly RecordBar[] {
    const { from, interval } = this.#options;
    if (record.interval !== interval || from === 'trades' || !this.#isOurs(record)) return [];
    if (this.#isDecided && !this.#isOfKlines) return [];
    this.#isOfKlines = true;
    this.forming = record.isClosed === true ? undefined : record;
    const closed = this.#klines.push(record);
    if (late && closed.length === 0 && record.isClosed === true) return [barOfKline(record)];
    return closed.map(barOfKline);
  }

  #trade(record: TradeRecord): readonly RecordBar[] {
    if (this.#isOfKlines || !this.#isOurs(record)) return [];
    if (record.id !== null) {
      if (this.#ids.has(record.id)) return [];
      this.#ids.add(record.id);
      if (this.#ids.size > MOST_IDS) this.#ids.delete(this.#ids.values().next().value!);
    }
    const closed = this.#trades.push(record);
    return closed === undefined ? [] : [closed];
  }

  #isOurs(record: KlineRecord | TradeRecord): boolean {
    const { name, symbol, venue } = this.#options;
    const { native, symbol: own, venue: whose } = record;
    if (venue !== undefined && whose !== venue) return false;
    if (symbol !== undefined && !isSymbol(symbol, own) && !isSymbol(symbol, native)) return false;
    this.#instrument ??= { venue: whose, symbol: own, native };
    const { native: ours, venue: by } = this.#instrument;
    if (native === ours && whose === by) return true;
    throw new InputError('FEED_MIXED', `${name} has ${by} ${ours}, and ${whose} ${native} as well`, {
      value: `${whose} ${native}`,
      fix: `choose one: ?venue=${by}&symbol=${this.#instrument.symbol}`,
    });
  }
}

/** `BTC-USDT`, `btc/usdt` and `BTCUSDT` are one symbol. */
function isSymbol(wanted: string, given: string): boolean {
  const plain = (text: string) => text.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
  return plain(wanted) === plain(given);
}
