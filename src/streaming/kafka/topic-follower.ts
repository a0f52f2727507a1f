import type { DataFeed, FeedEvent, FeedRequest } from '../../feeds/feed.ts';
import { intervalMs } from '../../model/interval.ts';
import { BackOff } from '../../net/back-off.ts';
import { sleep } from '../../net/sleep.ts';
import { RecordBars } from '../record-bars.ts';
import type { RecordBar } from '../trade-bars.ts';
import { type Beginning, beginningOf } from './beginning.ts';
import { isPassing } from './connection.ts';
import type { KafkaFeedTerms } from './feed.ts';
import type { KafkaLiveOptions } from './live-options.ts';
import { KafkaReader } from './reader.ts';
import { BAR_COLUMNS, barsOfTopic, columnsOf, TopicRecords } from './topic-history.ts';

const BACK_OFF = { first: 500, most: 10_000 };

/** One topic as a feed: its past once, then its bars as they come; brokers that go away are waited for. */
export class TopicFollower {
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
    return new TopicFollower(terms, options, closing, await beginningOf(terms, options));
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
