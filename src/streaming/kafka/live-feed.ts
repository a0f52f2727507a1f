import type { DataFeed, FeedEvent, FeedRequest } from '../../feeds/feed.ts';
import type { LiveKlines, LiveNotice, LiveStatus } from '../../feeds/live/contract.ts';
import { QtError } from '../../model/errors.ts';
import type { Instrument } from '../../model/instrument.ts';
import { intervalMs } from '../../model/interval.ts';
import { BackOff } from '../../net/back-off.ts';
import type { Network } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import { RecordBars } from '../record-bars.ts';
import type { RecordBar } from '../trade-bars.ts';
import { isPassing } from './connection.ts';
import { instrumentOf, type KafkaFeedTerms } from './feed.ts';
import { KafkaReader } from './reader.ts';
import { BAR_COLUMNS, barsOfTopic, columnsOf, TopicRecords } from './topic-history.ts';

const BACK_OFF = { first: 500, most: 10_000 };

export interface KafkaLiveOptions {
  readonly network: Network;
  /** A closed bar that is read longer than this after it was put into the topic is late, ms; default: its interval. */
  readonly lateMs?: number | undefined;
  /** The rules of a symbol, in place of none. */
  readonly termsOf?: ((symbol: string) => Partial<Omit<Instrument, 'symbol'>>) | undefined;
  /** Fail when the brokers cannot be reached or have no such topic at the start, instead of waiting for them. */
  readonly once?: boolean | undefined;
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((notice: LiveNotice) => void) | undefined;
}

/**
 * Topics followed live, one feed each: what is there already warms up, or is what a session missed; then bars come as they come to
 * the topic, each once. Throws `KAFKA_*`.
 */
export async function openKafkaLive(
  terms: readonly KafkaFeedTerms[],
  options: KafkaLiveOptions,
): Promise<LiveKlines> {
  const closing = new AbortController();
  const followed = await Promise.all(terms.map(one => TopicFollower.open(one, options, closing.signal)));
  return {
    feeds: followed.map(one => one.feed),
    status: (): LiveStatus => ({
      connections: followed.map(one => ({ url: one.name, state: one.isLive ? 'open' : 'connecting' })),
      series: followed.map(({ feed, isLive, last }) => ({
        symbol: feed.instrument.symbol,
        interval: feed.interval,
        state: isLive ? 'live' : 'syncing',
        last,
      })),
      time: options.network.timers.now(),
      counters: {
        frames: followed.reduce((sum, { records }) => sum + records, 0),
        ...{ duplicates: 0, revised: 0, gapsFilled: 0, dropped: 0 },
        reconnects: followed.reduce((sum, { reconnects }) => sum + reconnects, 0),
      },
    }),
    close: async () => closing.abort(),
  };
}

class TopicFollower {
  readonly name: string;
  readonly feed: DataFeed;
  readonly #terms: KafkaFeedTerms;
  readonly #options: KafkaLiveOptions;
  readonly #closing: AbortSignal;
  readonly #ends: Beginning['ends'];
  isLive = false;
  /** Open time of the last bar that was given, epoch ms UTC. */
  last = Number.NaN;
  records = 0;
  reconnects = 0;

  static async open(
    terms: KafkaFeedTerms,
    options: KafkaLiveOptions,
    closing: AbortSignal,
  ): Promise<TopicFollower> {
    return new TopicFollower(terms, options, closing, await whose(terms, options));
  }

  private constructor(
    terms: KafkaFeedTerms,
    options: KafkaLiveOptions,
    closing: AbortSignal,
    { ends, found }: Beginning,
  ) {
    this.#ends = ends;
    this.name = terms.name;
    this.#terms = terms;
    this.#options = options;
    this.#closing = closing;
    this.feed = {
      instrument: { ...found, ...options.termsOf?.(found.symbol) },
      interval: terms.interval,
      stamps: 'open',
      columns: [...BAR_COLUMNS],
      events: request => this.#events(request),
    };
  }

  async *#events(request: FeedRequest): AsyncGenerator<FeedEvent> {
    const signal = AbortSignal.any([request.signal, this.#closing]);
    const { connection, topic } = this.#terms;
    const reader = new KafkaReader(connection, [topic]);
    try {
      const records = new TopicRecords(reader);
      await this.#patiently(() => records.open(this.#ends), signal);
      const made = new RecordBars(this.#terms);
      // A bar of trades that is open stays so: what comes next belongs to it.
      const next = async () => (await this.#patiently(() => records.next(), signal)) ?? [];
      const past = await barsOfTopic(records, made, Number.NEGATIVE_INFINITY, signal, next);
      if (signal.aborted) return;
      if (past.length > 0) made.decide();
      yield* this.#begin(past, request);
      this.isLive = true;
      yield { kind: 'status', status: 'live' };
      while (!signal.aborted) yield* this.#follow(records, made, signal);
    } finally {
      this.isLive = false;
      await reader.close();
    }
  }

  *#begin(past: readonly RecordBar[], { after, warmup }: FeedRequest): Generator<FeedEvent> {
    if (past.length > 0) this.last = past[past.length - 1].time;
    if (after === undefined) {
      const known = warmup === 0 ? [] : past.slice(-warmup);
      if (known.length > 0) yield { kind: 'bars', bars: columnsOf(known), phase: 'warmup', late: false };
      return;
    }
    this.last = Math.max(after, Number.isNaN(this.last) ? after : this.last);
    const missed = past.filter(({ time }) => time > after);
    if (missed.length > 0) yield { kind: 'bars', bars: columnsOf(missed), phase: 'run', late: true };
  }

  async *#follow(records: TopicRecords, made: RecordBars, signal: AbortSignal): AsyncGenerator<FeedEvent> {
    let came: Awaited<ReturnType<TopicRecords['next']>>;
    try {
      came = await records.next();
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
      yield { kind: 'status', status: 'disconnected' };
      await this.#wait(error as Error, signal);
      came = (await this.#patiently(() => records.next(), signal)) ?? [];
      if (!signal.aborted) yield { kind: 'status', status: 'live' };
    }
    const late = this.#options.lateMs ?? intervalMs(this.#terms.interval);
    for (const { record, time } of came) {
      this.records++;
      const { forming } = made;
      for (const bar of made.push(record)) {
        if (bar.time <= this.last) continue;
        this.last = bar.time;
        made.decide();
        const isLate = this.#options.network.timers.now() - time > late;
        yield { kind: 'bars', bars: columnsOf([bar]), phase: 'run', late: isLate };
      }
      const open = made.forming;
      if (open === undefined || open === forming) continue;
      const { close, exchangeTime, high, low, openTime, receiveTime, volume } = open;
      const bar = { time: openTime / 1000, open: open.open, high, low, close, volume };
      if (bar.time > this.last) yield { kind: 'forming', bar, time: (exchangeTime ?? receiveTime) / 1000 };
    }
  }

  /** Tries until it succeeds; undefined when told to stop. */
  async #patiently<Result>(act: () => Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
    const back = new BackOff({ ...BACK_OFF, random: this.#options.network.random });
    while (!signal.aborted) {
      try {
        return await act();
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!isPassing(error)) throw error;
        await this.#wait(error as Error, signal, back.next());
      }
    }
    return undefined;
  }

  async #wait({ message }: Error, signal: AbortSignal, pause: number = BACK_OFF.first): Promise<void> {
    const { network, onNotice } = this.#options;
    this.reconnects++;
    onNotice?.({ time: network.timers.now(), level: 'warning', code: 'KAFKA_UNREACHABLE', message });
    await sleep(network.timers, pause, signal);
  }
}

/** Whose bars a topic has, and where it ended when it was first looked at: what is before is past. */
interface Beginning {
  readonly found: Instrument;
  readonly ends: ReadonlyMap<string, number>;
}

/** Looks at the first records to learn whose they are; a topic without any is waited for. */
async function whose(terms: KafkaFeedTerms, options: KafkaLiveOptions): Promise<Beginning> {
  const { connection, name, topic } = terms;
  const { network, once = false, onNotice, signal } = options;
  let ends: ReadonlyMap<string, number> | undefined;
  const made = new RecordBars(terms);
  for (let told = false; ; told = true) {
    signal?.throwIfAborted();
    const reader = new KafkaReader(connection, [topic]);
    let problem = `${name} has no bars of ${terms.interval} yet: they are waited for`;
    try {
      const records = new TopicRecords(reader);
      await records.open();
      ends ??= records.ends;
      while (made.instrument === undefined && !records.isAtEnd) {
        for (const { record } of await records.next()) made.push(record);
      }
      if (made.instrument !== undefined) return { found: instrumentOf(made, topic), ends };
    } catch (error) {
      const isThere = !(error instanceof QtError && error.code === 'KAFKA_TOPIC_UNKNOWN');
      if (once || (isThere && !isPassing(error))) throw error;
      // A topic that comes into being is all new.
      if (!isThere) ends ??= new Map();
      problem = `${(error as Error).message}; waiting for it`;
    } finally {
      await reader.close();
    }
    if (!told)
      onNotice?.({ time: network.timers.now(), level: 'warning', code: 'KAFKA_WAITING', message: problem });
    await sleep(network.timers, BACK_OFF.first, signal);
  }
}
