import { type MarketRecord, METRICS, type MetricsRecord, type MetricValues } from '../../model/records.ts';
import type { BookState } from '../market-data/contract.ts';
import { BookEvents } from './book-events.ts';
import { bookMetrics } from './book-metrics.ts';
import { Latency } from './latency.ts';
import { OrderFlow } from './order-flow.ts';
import { TradeWindow } from './trade-window.ts';

const NO_BOOK = Object.fromEntries(METRICS.map(name => [name, null])) as unknown as MetricValues;

/** From receive time to receive time, µs UTC, and whether nothing was missing. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly isWhole: boolean;
}

/** Measures one instrument by its records, window after window. Costs no more than the instrument's book. */
export class InstrumentMetrics {
  readonly #trades = new TradeWindow();
  readonly #flow = new OrderFlow();
  readonly #events = new BookEvents();
  readonly #receive = new Latency();
  readonly #publish = new Latency();
  readonly #head: { readonly venue: string; readonly symbol: string; readonly native: string };
  #books = 0;
  #exchangeTime: number | null = null;
  #sequence: string | null = null;

  constructor({ native, symbol, venue }: MarketRecord) {
    this.#head = { venue, symbol, native };
  }

  /** `state` is the instrument's book after the frame of the record, if it is a book's. */
  see(record: MarketRecord, state: BookState | undefined): void {
    if ((record.kind === 'trade' || record.kind === 'kline') && (record.isHistory || record.isLate)) return;
    this.#timed(record);
    if (record.kind === 'trade') this.#trades.add(record.price, record.size, record.side);
    if (state === undefined || (record.kind !== 'book' && record.kind !== 'order')) return;
    this.#books++;
    this.#sequence = record.sequence;
    if (record.kind === 'order') this.#events.order(record);
    else this.#events.book(record, state.book);
    if (state.isValid) this.#flow.see(state.book);
    else this.#flow.restart();
  }

  /** The book is not what it was: what follows is not compared with it. */
  interrupt(): void {
    this.#flow.restart();
  }

  /** The record of the window that ends, with the book as it stands. */
  take({ from, isWhole, to }: Window, state: BookState | undefined): MetricsRecord {
    const trades = this.#trades.take();
    const seconds = (to - from) / 1e6;
    const [receive, publish] = [this.#receive.take(), this.#publish.take()];
    const isValid = state === undefined ? null : state.isValid;
    const figures: Partial<Record<keyof MetricValues, number>> = {
      ...(state !== undefined && isValid ? bookMetrics(state.book) : {}),
      ...trades,
      orderFlowImbalance: this.#flow.take(),
      ...this.#events.take(),
      tradesPerSecond: trades.trades / seconds,
      bookRecordsPerSecond: this.#books / seconds,
      receiveLatencyMean: receive.mean,
      receiveLatencyMost: receive.most,
      publishLatencyMean: publish.mean,
      publishLatencyMost: publish.most,
    };
    const [exchangeTime, sequence] = [this.#exchangeTime, this.#sequence];
    this.#books = 0;
    this.#exchangeTime = null;
    this.#sequence = null;
    return {
      ...{ kind: 'metrics', ...this.#head, exchangeTime, receiveTime: to, publishTime: 0, sequence },
      ...{ from, to, isValid, isWhole },
      ...told(figures),
    };
  }

  #timed({ exchangeTime, publishTime, receiveTime }: MarketRecord): void {
    this.#publish.add(publishTime - receiveTime);
    if (exchangeTime === null) return;
    this.#receive.add(receiveTime - exchangeTime);
    this.#exchangeTime = exchangeTime;
  }
}

/** All metrics in their order; null for what is no number. */
function told(figures: Partial<Record<keyof MetricValues, number>>): MetricValues {
  const values: Record<keyof MetricValues, number | null> = { ...NO_BOOK };
  for (const name of METRICS) {
    const value = figures[name];
    if (value !== undefined && Number.isFinite(value)) values[name] = value;
  }
  return values;
}
