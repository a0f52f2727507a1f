import type { GapRecord, KlineRecord, MarketRecord, TickerRecord } from '../../../src/model/records.ts';
import { rowWords } from './kline-words.ts';
import { intervalName, klineOf, klinesOf, lengthOf, type MarketKline, type MarketTicker } from './klines.ts';
import { bare, priceText, sizeText } from './market.ts';
import type { VenueProtocol } from './protocol.ts';
import type { SimulatedMarket } from './simulated-market.ts';

/** A frame is on its way for so long at most, µs. */
const ON_THE_WAY = 500_000;

const textOf = ({ close, high, low, open, volume }: MarketKline) =>
  [priceText(open), priceText(high), priceText(low), priceText(close), sizeText(volume)].map(bare).join(' ');
const quoteOf = (bid: string | null, ask: string | null, last: string | null) =>
  [bid, ask, last].map(text => (text === null ? '' : bare(text))).join(' ');

/** Klines and tickers against the truth: every state is one that was, every kline ends as it did, or a gap tells of it. */
export class RowJudge {
  readonly #protocol: VenueProtocol;
  readonly #market: SimulatedMarket;
  readonly #tell: (text: string) => void;
  /** The last state of each kline that was recorded, by symbol and open time. */
  readonly #last = new Map<string, string>();
  readonly #closed = new Map<string, number>();
  readonly #lastClosed = new Map<string, number>();
  readonly #gaps = new Map<number, GapRecord>();
  readonly #quotes = new Map<string, MarketTicker[]>();
  klines = 0;
  tickers = 0;
  /** Klines that ended otherwise than they are recorded. */
  wrongEnds = 0;

  constructor(protocol: VenueProtocol, market: SimulatedMarket, tell: (text: string) => void) {
    this.#protocol = protocol;
    this.#market = market;
    this.#tell = tell;
  }

  /** A ticker that the venue has told. */
  quoted(ticker: MarketTicker): void {
    const all = this.#quotes.get(ticker.symbol) ?? [];
    this.#quotes.set(ticker.symbol, all);
    all.push(ticker);
  }

  record(record: MarketRecord): void {
    if (record.kind === 'gap') this.#gaps.set(record.gap, record);
    else if (record.kind === 'kline') this.#kline(record);
    else if (record.kind === 'ticker') this.#ticker(record);
  }

  #ticker(record: TickerRecord): void {
    this.tickers++;
    if (rowWords(this.#protocol) === undefined) return;
    const { ask, bid, last, symbol } = record;
    const told = this.#quotes.get(symbol) ?? [];
    const isTrue = told.some(one => {
      const own = [one.bid[0], one.ask[0], one.last].map(ticks => bare(priceText(ticks)));
      return quoteOf(bid, ask, last) === quoteOf(bid && own[0], ask && own[1], last && own[2]);
    });
    if (!isTrue) this.#tell(`no such ticker: ${JSON.stringify(record)}`);
  }

  #kline(record: KlineRecord): void {
    this.klines++;
    const { interval, isClosed, isLate, openTime, symbol, texts } = record;
    const own = texts.map(bare).join(' ');
    const state = this.#stateOf(symbol, openTime / 1000, Number(texts[4]));
    if (interval !== intervalName(this.#protocol) || state === undefined || textOf(state) !== own) {
      this.#tell(`no such kline: ${JSON.stringify(record)}; ${state && textOf(state)}`);
    }
    const name = `${symbol} ${openTime}`;
    this.#last.set(name, own);
    if (isClosed !== true || record.isHistory) return;
    this.#closed.set(name, (this.#closed.get(name) ?? 0) + 1);
    const before = this.#lastClosed.get(symbol) ?? Number.NEGATIVE_INFINITY;
    if (!isLate && openTime < before) this.#tell(`kline ${name} closed after a younger one`);
    if (!isLate) this.#lastClosed.set(symbol, openTime);
  }

  /** The kline as it was when it had so much volume. */
  #stateOf(symbol: string, openTime: number, volume: number): MarketKline | undefined {
    const length = lengthOf(this.#protocol);
    const { trades } = this.#market.of(symbol);
    const own = trades.filter(({ time }) => time >= openTime && time < openTime + length);
    let [sum, count] = [0, 0];
    const lots = Math.round(volume * 1000);
    while (count < own.length && sum < lots) sum += own[count++].size;
    return count === 0 || sum !== lots
      ? undefined
      : klineOf(symbol, openTime, length, own.slice(0, count), 0);
  }

  /** To be called once no more will come. */
  end(now: number): void {
    const length = lengthOf(this.#protocol);
    for (const [name, times] of this.#closed)
      if (times > 1) this.#tell(`kline ${name} closed ${times} times`);
    for (const symbol of this.#protocol.symbols) {
      const all = klinesOf(this.#market.of(symbol), length, now);
      const isRecorded = ({ openTime }: MarketKline) => this.#last.has(`${symbol} ${openTime * 1000}`);
      const [first, last] = [all.findIndex(isRecorded), all.findLastIndex(isRecorded)];
      if (first === -1) this.#tell(`${symbol}: no kline at all`);
      for (const kline of all.slice(first, last)) {
        if (this.#last.get(`${symbol} ${kline.openTime * 1000}`) === textOf(kline)) continue;
        this.wrongEnds++;
        if (!this.#isTold(symbol, kline)) {
          const own = this.#last.get(`${symbol} ${kline.openTime * 1000}`);
          this.#tell(
            `${symbol}: kline ${kline.openTime} is ${own}, not ${textOf(kline)}, and no gap tells of it`,
          );
        }
      }
    }
  }

  #isTold(symbol: string, { length, openTime }: MarketKline): boolean {
    const [from, to] = [openTime * 1000, (openTime + length) * 1000 + ON_THE_WAY];
    for (const gap of this.#gaps.values()) {
      if ((gap.symbol !== '' && gap.symbol !== symbol) || gap.isFilled === true) continue;
      if (gap.channel !== null && gap.channel !== 'klines') continue;
      if (gap.from <= to && (gap.to ?? Number.POSITIVE_INFINITY) >= from) return true;
    }
    return false;
  }
}
