import type { RecordSink } from '../../collection/sinks/sink.ts';
import type { GapRecord, MarketRecord } from '../../model/records.ts';
import type { Timer, Timers } from '../../net/network.ts';
import { FEED_OF, type Feed, isMeant, type RawRecord, type Topic } from '../protocol.ts';
import { Audience, audienceKey, type Member } from './audience.ts';
import { FrameMaker } from './frames.ts';
import { concerns, ended, OpenGaps, outage } from './gaps.ts';
import type { ServerLimits } from './limits.ts';
import { Stream } from './stream.ts';

export interface HubOptions {
  readonly timers: Timers;
  /** Time, µs UTC. */
  readonly clock: () => number;
  readonly limits: ServerLimits;
}

/**
 * Records in, frames out: numbers the records of each stream, keeps what a newcomer must know of it, and makes each frame
 * once, whoever gets it.
 */
export class Hub implements RecordSink {
  readonly name = 'server';
  readonly #options: HubOptions;
  readonly #streams = new Map<string, Stream>();
  readonly #audiences = new Map<string, Audience>();
  readonly #gaps = new OpenGaps();
  readonly #frames = new FrameMaker();
  /** Venues of which everything was missing: nothing has come of them since. */
  readonly #down = new Map<string, GapRecord>();
  #ownGaps = 0;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #flush: Timer | undefined;
  /** Records that were given out, whether somebody wanted them or not. */
  published = 0;
  /** Records that belong to no stream, or to one too many. */
  refused = 0;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  get streams(): IterableIterator<Stream> {
    return this.#streams.values();
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  write(records: readonly MarketRecord[]): void {
    const time = this.#options.clock();
    for (const record of records) {
      if (record.kind === 'gap') this.#gap(record, time);
      else this.#record(record, time);
    }
  }

  /** A line of the wire. */
  raw(record: RawRecord): void {
    const stream = this.#stream(record.venue, '', 'raw');
    if (stream !== undefined) this.#next(stream, record, this.#options.clock());
  }

  /** Whoever collected a venue is gone: nothing of it is known from now on, until it tells everything anew. */
  down(venue: string, cause: string, detail: string): void {
    this.#suspend(venue, cause, detail, this.#options.clock());
  }

  close(): void {
    this.#flush?.cancel();
    this.flush();
  }

  /** Makes a member one of those who have subscribed to these topics. */
  enter(member: Member, topics: readonly Topic[], isDeflated: boolean): Audience {
    const key = audienceKey(topics, isDeflated);
    let audience = this.#audiences.get(key);
    if (audience === undefined) {
      audience = new Audience(key, topics, isDeflated);
      this.#audiences.set(key, audience);
      for (const stream of this.#streams.values()) join(audience, stream);
    }
    // What came before is not for the newcomer.
    audience.flush();
    audience.members.add(member);
    return audience;
  }

  leave(member: Member, audience: Audience): void {
    audience.flush();
    audience.members.delete(member);
    if (audience.members.size > 0) return;
    this.#audiences.delete(audience.key);
    for (const stream of audience.streams) stream.audiences.delete(audience);
  }

  /** How the streams that some of these topics mean stand, as frames. */
  snapshot(topics: readonly Topic[], isDeflated: boolean): Buffer[] {
    const time = this.#options.clock();
    const bytes: Buffer[] = [];
    for (const stream of this.#streams.values()) {
      if (!topics.some(topic => isMeant(topic, stream))) continue;
      for (const frame of stream.snapshot(this.#gaps.concerning(stream), time))
        bytes.push(isDeflated ? frame.deflated : frame.plain);
    }
    return bytes;
  }

  flush(): void {
    this.#flush = undefined;
    this.#flushedAt = this.#options.timers.now();
    for (const audience of this.#audiences.values()) audience.flush();
  }

  #record(record: Exclude<MarketRecord, GapRecord>, time: number): void {
    const stream = this.#stream(record.venue, record.symbol, FEED_OF[record.kind]);
    if (stream === undefined) return;
    const down = this.#down.get(record.venue);
    if (down !== undefined) {
      this.#down.delete(record.venue);
      const gaps = this.#stream(record.venue, '', 'gaps');
      if (gaps !== undefined) this.#resume(gaps, time);
    }
    this.#next(stream, record, time);
    if (stream.suspended !== undefined && stream.state.isWhole(record)) this.#resume(stream, time);
  }

  #gap(record: GapRecord, time: number): void {
    // Whoever was to bring the records has left some out: a book without them is another one.
    if (record.cause === 'SINK_SLOW') {
      this.#suspend(record.venue, record.cause, record.detail, time);
      return;
    }
    this.#gaps.see(record);
    this.#stream(record.venue, record.symbol, 'gaps');
    for (const stream of this.#streams.values())
      if (concerns(record, stream)) this.#next(stream, record, time);
  }

  #suspend(venue: string, cause: string, detail: string, time: number): void {
    // Numbers of the server's own, below those of venues.
    const open = outage(-++this.#ownGaps, venue, cause, detail, time);
    const taken = this.#gaps.of(venue);
    if (this.#stream(venue, '', 'gaps') === undefined) return;
    for (const stream of this.#streams.values()) {
      if (!concerns(open, stream)) continue;
      const before = stream.suspended;
      stream.suspended = open;
      stream.state.clear();
      this.#next(stream, open, time);
      if (before !== undefined) this.#next(stream, ended(before, time), time);
    }
    this.#down.set(venue, open);
    // Their end would be told by a process that is not there any more; what they were for is part of the new one.
    for (const gap of taken) this.#gap(ended(gap, time), time);
  }

  #resume(stream: Stream, time: number): void {
    const open = stream.suspended;
    if (open === undefined) return;
    stream.suspended = undefined;
    this.#next(stream, ended(open, time), time);
  }

  #next(stream: Stream, record: MarketRecord | RawRecord, time: number): void {
    this.published++;
    const text = stream.next(record, time);
    if (text !== undefined) this.#send(stream, text);
  }

  #send(stream: Stream, text: string): void {
    const frame = this.#frames.of(text);
    for (const audience of stream.audiences) audience.push(frame);
    if (this.#flush !== undefined) return;
    const { limits, timers } = this.#options;
    // The first record after a pause goes out at once, those that follow it soon go together.
    const wait = Math.max(0, this.#flushedAt + limits.flushMs - timers.now());
    this.#flush = timers.after(wait, () => this.flush());
  }

  #stream(venue: string, topic: string, channel: Feed | undefined): Stream | undefined {
    const key = `${channel} ${venue} ${topic}`;
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    if (channel === undefined || this.#streams.size >= this.#options.limits.streams) {
      this.refused++;
      return undefined;
    }
    const stream = new Stream(venue, topic, channel, this.#options.limits.levels);
    this.#streams.set(key, stream);
    for (const audience of this.#audiences.values()) join(audience, stream);
    // Whoever hears of it for the first time must hear what is wrong with it.
    if (stream.isData)
      for (const gap of this.#gaps.concerning(stream)) this.#next(stream, gap, this.#options.clock());
    return stream;
  }
}

function join(audience: Audience, stream: Stream): void {
  if (!audience.topics.some(topic => isMeant(topic, stream))) return;
  audience.streams.add(stream);
  stream.audiences.add(audience);
}
