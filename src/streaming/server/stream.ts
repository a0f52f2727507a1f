import type { GapRecord, MarketRecord } from '../../model/records.ts';
import { LastRecords, LevelBook, OrderBook, Passing, type StreamState } from '../books.ts';
import type { Feed, RawRecord, StreamInfo } from '../protocol.ts';
import { Frame } from './frames.ts';

/** Whom frames of a stream go to. */
export interface FrameTaker {
  push(frame: Frame): void;
}

/** What happens to one symbol of one venue in one channel, numbered. */
export class Stream implements StreamInfo {
  readonly venue: string;
  readonly topic: string;
  readonly channel: Feed;
  readonly state: StreamState;
  readonly audiences = new Set<FrameTaker>();
  /** A gap that this server has opened, until the venue tells anew how things stand. */
  suspended: GapRecord | undefined;
  seq = 0;
  readonly #begin: string;
  #snapshot: { readonly seq: number; readonly frames: readonly Frame[] } | undefined;

  constructor(venue: string, topic: string, channel: Feed, levels: number) {
    this.venue = venue;
    this.topic = topic;
    this.channel = channel;
    this.state = stateOf(channel, levels);
    this.#begin = `{"channel":"${channel}","venue":${JSON.stringify(venue)},"topic":${JSON.stringify(topic)},"type":"`;
  }

  get isData(): boolean {
    return this.channel !== 'gaps' && this.channel !== 'metrics' && this.channel !== 'raw';
  }

  /** Takes the next record; says what is told of it, where somebody wants it. */
  next(record: MarketRecord | RawRecord, time: number): string | undefined {
    this.seq++;
    if (record.kind !== 'raw') this.state.see(record);
    return this.audiences.size === 0 ? undefined : this.#text('update"', record, time);
  }

  /** How it stands, or why that is not known; made once for all who ask before it changes. */
  snapshot(gaps: readonly GapRecord[], time: number): readonly Frame[] {
    if (this.#snapshot?.seq === this.seq) return this.#snapshot.frames;
    const open = this.suspended === undefined ? gaps : [...gaps, this.suspended];
    const records = open.length > 0 ? open : this.state.snapshot();
    const { length } = records;
    const frames = records.map(
      (record, at) => new Frame(this.#text(`snapshot","part":${at + 1},"parts":${length}`, record, time)),
    );
    this.#snapshot = { seq: this.seq, frames };
    return frames;
  }

  /** `type` with the quote behind it, and what else goes with it. */
  #text(type: string, record: MarketRecord | RawRecord, time: number): string {
    // Numbers by JSON too: the engine remembers texts that it makes of numbers otherwise, long enough for the old space.
    const rest = JSON.stringify({ seq: this.seq, time, data: record });
    return `${this.#begin}${type},${rest.slice(1)}`;
  }
}

function stateOf(channel: Feed, levels: number): StreamState {
  if (channel === 'book') return new LevelBook(levels);
  if (channel === 'l3') return new OrderBook(levels);
  if (channel === 'klines' || channel === 'tickers' || channel === 'metrics') return new LastRecords();
  return new Passing();
}
