import { InputError, NetworkError } from '../model/errors.ts';
import type { Channel, MarketRecord } from '../model/records.ts';
import { BackOff } from '../net/back-off.ts';
import type { Network } from '../net/network.ts';
import { sleep } from '../net/sleep.ts';
import type { RestRequest, Subscription, Venue, VenueAddresses } from '../venues/market-data/contract.ts';
import type { WireTap } from './capture-writer.ts';
import { Collector } from './collector.ts';
import { type MarketView, marketView } from './market-view.ts';
import { resolveSymbols, type Unresolved } from './resolve.ts';
import type { SinkQueue } from './sinks/sink-queue.ts';

const SECOND = 1000;
const TIMEOUT_MS = 20 * SECOND;
/** Attempts at a list of instruments. */
const MOST_ATTEMPTS = 6;
const BACK_OFF = { first: SECOND, most: 20 * SECOND };

export interface CollectionOptions {
  readonly venue: Venue;
  readonly network: Network;
  /** Time, µs UTC. */
  readonly clock: () => number;
  /** In any spelling. */
  readonly symbols: readonly string[];
  readonly channels: readonly Channel[];
  /** Of klines. */
  readonly interval: string;
  readonly addresses?: VenueAddresses;
  readonly capture?: WireTap;
  /** Metrics of each instrument so often, µs; none unless given. */
  readonly metricsEvery?: number;
  readonly sinks: readonly SinkQueue[];
  readonly signal: AbortSignal;
  onRecord?(record: MarketRecord): void;
  onNotice(level: 'info' | 'warning', code: string, message: string): void;
}

/** How a collection stands; counts since its start. */
export interface CollectionState {
  readonly venue: string;
  readonly connections: readonly { readonly state: string; readonly reconnects: number }[];
  readonly symbols: number;
  readonly frames: number;
  readonly trades: number;
  readonly books: number;
  readonly klines: number;
  readonly tickers: number;
  /** Records of gaps: one when it opens, one when it closes. */
  readonly gaps: number;
  /** Books that are not to be used at the moment. */
  readonly invalid: number;
  /** Streams that the venue refuses at the moment. */
  readonly refused: number;
  /** Receive time less exchange time of the last record that has one, ms. */
  readonly lagMs: number | null;
  readonly waiting: number;
  readonly dropped: number;
}

/** One venue from its lists of instruments to the sinks. */
export class Collection {
  readonly market: MarketView;
  readonly #options: CollectionOptions;
  readonly #collector: Collector;
  readonly #counts = { trade: 0, book: 0, order: 0, kline: 0, ticker: 0, gap: 0, metrics: 0 };
  #lag: number | null = null;
  #symbols = 0;
  /** Why the last answer could not be read, if it could not. */
  #unreadable: string | undefined;

  constructor(options: CollectionOptions) {
    this.#options = options;
    this.#collector = new Collector({
      ...options,
      onRecord: record => this.#record(record),
      onNotice: (level, code, message) => {
        if (code === 'ANSWER_UNREADABLE') this.#unreadable = message;
        options.onNotice(level, code, message);
      },
    });
    this.market = marketView(this.#collector.pipeline.decoder);
  }

  /**
   * Collects until `signal` aborts; resolves when every sink has what came. Throws NetworkError `VENUE_UNREACHABLE` when its
   * lists cannot be had at the start, InputError `SYMBOLS_UNKNOWN` when it has none of the symbols.
   */
  async run(): Promise<void> {
    const { signal } = this.#options;
    try {
      await this.#open();
      if (signal.aborted) return;
      await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
    } finally {
      await this.#close();
    }
  }

  /** Opens the connections for those symbols that the venue has; the others are told. */
  async #open(): Promise<void> {
    const { channels, interval, signal, symbols, venue } = this.#options;
    const { instruments } = this.#collector.pipeline;
    const requests = venue.instrumentRequests(this.#collector.pipeline.addresses);
    for (const [at, request] of requests.entries()) await this.#list(request, at === requests.length - 1);
    const { found, unresolved } = resolveSymbols(instruments, symbols);
    for (const symbol of unresolved) this.#tellUnknown(symbol);
    if (found.length === 0 && !signal.aborted) {
      throw new InputError('SYMBOLS_UNKNOWN', `${venue.id} has none of the symbols ${symbols.join(', ')}`, {
        value: symbols.join(', '),
        fix: 'see the closest ones above',
      });
    }
    const served = channels.filter(channel => venue.channels.includes(channel));
    for (const channel of channels) {
      if (served.includes(channel)) continue;
      const why = venue.withheld?.[channel];
      const text = `${venue.name} serves no ${channel}${why === undefined ? '' : `: ${why}`}`;
      this.#options.onNotice('warning', 'CHANNEL_NOT_SERVED', text);
    }
    const subscriptions = found.flatMap(instrument =>
      served.map((channel): Subscription => ({ instrument, channel, interval })),
    );
    this.#symbols = found.length;
    if (subscriptions.length > 0 && !signal.aborted) this.#collector.open(subscriptions);
  }

  #tellUnknown({ closest, text }: Unresolved): void {
    const { onNotice, venue } = this.#options;
    const fix = closest.length === 0 ? 'it has none like it' : `the closest are ${closest.join(', ')}`;
    onNotice('warning', 'SYMBOL_UNKNOWN', `${venue.id} has no symbol "${text}": ${fix}`);
  }

  async #close(): Promise<void> {
    await this.#collector.close();
    await Promise.all(this.#options.sinks.map(sink => sink.close()));
    await this.#options.capture?.close();
  }

  get state(): CollectionState {
    const { connections, refused } = this.#collector.state;
    const { sinks, venue } = this.#options;
    const { book, gap, kline, order, ticker, trade } = this.#counts;
    let invalid = 0;
    for (const one of this.#collector.pipeline.decoder.books.values()) if (!one.isValid) invalid++;
    return {
      ...{ venue: venue.id, connections, symbols: this.#symbols, frames: this.#collector.frames },
      ...{ trades: trade, books: book + order, klines: kline, tickers: ticker, gaps: gap, invalid, refused },
      lagMs: this.#lag,
      waiting: Math.max(0, ...sinks.map(sink => sink.length)),
      dropped: sinks.reduce((sum, sink) => sum + sink.dropped, 0),
    };
  }

  #record(record: MarketRecord): void {
    this.#counts[record.kind]++;
    if (record.exchangeTime !== null && record.kind !== 'metrics')
      this.#lag = (record.receiveTime - record.exchangeTime) / 1000;
    for (const sink of this.#options.sinks) sink.push(record);
    this.#options.onRecord?.(record);
  }

  /** A list of instruments, which the decoder and the capture see like everything else. */
  async #list(request: RestRequest, isLast: boolean): Promise<void> {
    const { network, onNotice, signal, venue } = this.#options;
    const back = new BackOff({ ...BACK_OFF, random: network.random });
    for (;;) {
      let problem: string;
      try {
        const answer = await network.http({ ...request, timeoutMs: TIMEOUT_MS, signal });
        if (answer.status === 200) {
          this.#unreadable = undefined;
          this.#collector.see(request, answer.status, answer.body);
          const isEmpty = isLast && this.#collector.pipeline.instruments.all().next().done === true;
          if (this.#unreadable === undefined && !isEmpty) return;
          problem = this.#unreadable ?? 'no instruments in its lists';
        } else problem = `HTTP status ${answer.status}`;
      } catch (error) {
        if (signal.aborted) return;
        problem = error instanceof Error ? error.message : String(error);
      }
      const pause = back.next();
      if (back.attempts >= MOST_ATTEMPTS) {
        throw new NetworkError('VENUE_UNREACHABLE', `${venue.name}: ${problem} (${request.url})`, {
          value: request.url,
          limit: MOST_ATTEMPTS,
          fix: 'check the network, and whether the venue serves your country; then run the same command again',
        });
      }
      onNotice(
        'warning',
        'LIST_FAILED',
        `${venue.name}: ${problem}; again in ${(pause / 1000).toFixed(1)} s`,
      );
      await sleep(network.timers, pause, signal);
    }
  }
}
