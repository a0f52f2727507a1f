import { NetworkError } from '../../model/errors.ts';
import { barEnd, type Interval, intervalMs } from '../../model/interval.ts';
import type { Network } from '../../net/network.ts';
import type { TimeRange } from '../../store/bars.ts';
import type { HistoryMarket } from '../../venues/binance/history.ts';
import { type Kline, MOST_KLINES, readKlines } from '../../venues/binance/kline.ts';
import { REFUSED_SYMBOL, TIME_WEIGHT } from '../../venues/binance/rest.ts';
import { ANSWERED, HttpStatusError, MarketRest } from '../live/market-rest.ts';
import { askedToWait, LONGEST_SILENCE_MS } from './archive-client.ts';
import type { HistoryNotice } from './contract.ts';
import { joined } from './plan.ts';

const ATTEMPTS = 10;
/** Where nothing has ever been answered, there is probably no network. */
const ATTEMPTS_UNREACHED = 3;
/** Statuses that are no matter of time. */
const FINAL: readonly number[] = [400, 401, 403, 404, 451];
/** Pages that are fetched one after the other before their bars are handed on. */
const SEGMENT_PAGES = 5;
/**
 * The last row of an answer is still forming unless its bar closed this long before the answer, by the exchange's own clock:
 * REST answers come from a database that lags the market.
 */
export const SETTLED_MS = 10_000;

export interface RestClientOptions {
  readonly market: HistoryMarket;
  readonly symbol: string;
  readonly interval: Interval;
  readonly network: Network;
  readonly signal: AbortSignal;
  readonly onNotice: (notice: HistoryNotice) => void;
}

/** Bars of a range, and the parts of it of which the venue told none. */
export interface RangeAnswer {
  readonly klines: readonly Kline[];
  readonly gaps: readonly TimeRange[];
}

/** One series' past by REST, within the exchange's limits. Everything rejects with a NetworkError once attempts are used up. */
export class RestClient {
  readonly #options: RestClientOptions;
  readonly #rest: MarketRest;
  #reached = false;

  constructor(options: RestClientOptions) {
    const { market, network, signal, onNotice } = options;
    this.#options = options;
    this.#rest = new MarketRest({
      endpoints: { name: market.market, rest: market.restUrl, stream: '', local: false },
      network,
      signal,
      notice: (_level, code, message) => onNotice({ code, message }),
    });
    this.#rest.allow(market.weightLimit);
  }

  /** The exchange's time, epoch ms UTC. */
  async time(): Promise<number> {
    const { timePath } = this.#options.market;
    const document = await this.#ask('the time', () => this.#rest.get(timePath, TIME_WEIGHT));
    const time = (document as { serverTime?: unknown } | null)?.serverTime;
    if (typeof time === 'number') return time;
    throw new NetworkError('ANSWER_UNREADABLE', 'the answer holds no time', { value: document });
  }

  /** Open time of the first bar in the range; undefined where there is none. */
  async first(range: TimeRange): Promise<number | undefined> {
    return (await this.#page(range, 1))[0]?.time;
  }

  /** The range in parts that are asked for one by one, and may be at the same time. */
  segments({ from, to }: TimeRange): TimeRange[] {
    const step = intervalMs(this.#options.interval) * MOST_KLINES * SEGMENT_PAGES;
    const segments: TimeRange[] = [];
    for (let at = from; at < to; at += step) segments.push({ from: at, to: Math.min(to, at + step) });
    return segments;
  }

  /** The closed bars of a range, as of `now`, the exchange's time. */
  async range({ from, to }: TimeRange, now: number): Promise<RangeAnswer> {
    const { interval } = this.#options;
    const klines: Kline[] = [];
    const gaps: TimeRange[] = [];
    for (let at = from; at < to; ) {
      const rows = await this.#page({ from: at, to }, MOST_KLINES);
      for (const row of rows) {
        if (barEnd(row.time, interval) > now - SETTLED_MS) {
          gaps.push({ from: at, to });
          return { klines, gaps: joined(gaps) };
        }
        if (row.time > at) gaps.push({ from: at, to: row.time });
        klines.push(row);
        at = barEnd(row.time, interval);
      }
      if (rows.length === 0) {
        gaps.push({ from: at, to });
        break;
      }
    }
    return { klines, gaps: joined(gaps) };
  }

  #page(range: TimeRange, limit: number): Promise<Kline[]> {
    const { market, symbol, interval } = this.#options;
    const path = market.klinesPath(symbol, interval, { ...range, limit });
    return this.#ask(`klines of ${symbol} ${interval}`, async () => {
      const rows = readKlines(await this.#rest.get(path, market.weight(limit)));
      const wrong = rows.find(row => row.time < range.from || !isBar(row));
      if (wrong !== undefined) {
        throw new NetworkError('ANSWER_UNREADABLE', 'the answer holds other klines than were asked for', {
          value: wrong,
          limit: range,
        });
      }
      return rows.filter(row => row.time < range.to);
    });
  }

  async #ask<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    const { network } = this.#options;
    let attempts = 0;
    const checkSilence = () => {
      if (this.#rest.silentUntil - network.timers.now() > LONGEST_SILENCE_MS) {
        throw askedToWait(this.#rest.silentUntil);
      }
    };
    const answer = await this.#rest.persist(
      what,
      () => {
        checkSilence();
        return attempt();
      },
      error => {
        if (ANSWERED.includes(error.code)) this.#reached = true;
        checkSilence();
        return isFinal(error) || ++attempts >= (this.#reached ? ATTEMPTS : ATTEMPTS_UNREACHED);
      },
    );
    this.#reached = true;
    return answer;
  }
}

function isFinal(error: NetworkError): boolean {
  return !error.retriable || (error instanceof HttpStatusError && FINAL.includes(error.status));
}

/** Whether the exchange refused the symbol, rather than failed. */
export function isRefusedSymbol(error: unknown): boolean {
  return error instanceof HttpStatusError && REFUSED_SYMBOL.includes(error.venueCode ?? 0);
}

function isBar({ open, high, low, close, volume }: Kline): boolean {
  return low <= Math.min(open, close) && high >= Math.max(open, close) && low >= 0 && volume >= 0;
}
