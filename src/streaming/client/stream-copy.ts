import type { GapRecord, Level, OrderRecord } from '../../model/records.ts';
import { LevelBook, OrderBook, type StreamState } from '../books.ts';
import type { DataMessage, Feed } from '../protocol.ts';

/** Levels of a side that are kept at most. */
const MOST_LEVELS = 50_000;

/** A book as the server told it. */
export interface BookCopy {
  readonly venue: string;
  readonly topic: string;
  /** False while it is not the server's: something is missing. */
  readonly isValid: boolean;
  /** Of the last message that is in it. */
  readonly seq: number;
  /** Best prices first. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** What a client knows of one stream: its place in the sequence, and the book where it is one. */
export class StreamCopy {
  readonly venue: string;
  readonly topic: string;
  readonly channel: Feed;
  readonly #state: StreamState | undefined;
  readonly #gaps = new Map<string, GapRecord>();
  /** Parts of a snapshot that have come, and that there are. */
  #part = 0;
  #parts = 0;
  /** Something is missing since the last snapshot of the server's, or there was none yet. */
  #isBehind = false;
  #hasBook = false;
  /** Of the last message; undefined before the first one. */
  seq: number | undefined;

  constructor({ channel, topic, venue }: Pick<DataMessage, 'channel' | 'topic' | 'venue'>) {
    this.venue = venue;
    this.topic = topic;
    this.channel = channel;
    if (channel === 'book') this.#state = new LevelBook(MOST_LEVELS);
    else if (channel === 'l3') this.#state = new OrderBook(MOST_LEVELS);
  }

  /** Whether the server must tell anew how things stand. */
  get needsSnapshot(): boolean {
    return this.#state !== undefined && (this.#isBehind || (!this.#hasBook && this.#gaps.size === 0));
  }

  /** Whether what is known is what the server knows, and can be used. */
  get isValid(): boolean {
    return this.#hasBook && !this.#isBehind && this.#gaps.size === 0 && this.#part === this.#parts;
  }

  /** Takes a message; returns how many are missing before it, −1 for one that was there already. */
  take(message: DataMessage): number {
    const { data, seq, type } = message;
    let lost = 0;
    if (type === 'snapshot') {
      const { part = 1, parts = 1 } = message;
      if (part === 1) this.#begin();
      else if (part !== this.#part + 1 || this.seq !== seq) this.#isBehind = true;
      this.#part = part;
      this.#parts = parts;
    } else if (this.seq === undefined) {
      // What came before the first record that is heard, if there was something, is not known.
      this.#isBehind = seq > 1;
    } else {
      lost = seq - this.seq - 1;
      if (lost < 0) return -1;
      if (lost > 0 || this.#part < this.#parts) this.#isBehind = true;
    }
    this.seq = seq;
    this.#see(data);
    return lost;
  }

  /** The connection is gone: what is known grows old. */
  interrupt(): void {
    this.#isBehind = true;
  }

  book(): BookCopy | undefined {
    const { channel, seq, topic, venue } = this;
    if (channel !== 'book' || seq === undefined) return undefined;
    const [record] = this.#state!.snapshot();
    if (record?.kind !== 'book') return { venue, topic, isValid: false, seq, bids: [], asks: [] };
    return { venue, topic, isValid: this.isValid, seq, bids: record.bids, asks: record.asks };
  }

  orders(): readonly OrderRecord[] {
    const records = this.channel === 'l3' ? this.#state!.snapshot() : [];
    return records.filter(record => record.kind === 'order');
  }

  #begin(): void {
    this.#gaps.clear();
    this.#state?.clear();
    this.#isBehind = false;
    this.#hasBook = false;
  }

  #see(data: DataMessage['data']): void {
    if (data.kind === 'raw') return;
    if (data.kind === 'gap') {
      const name = `${data.gap} ${data.channel} ${data.native}`;
      if (data.state === 'open') this.#gaps.set(name, data);
      else this.#gaps.delete(name);
      return;
    }
    this.#state?.see(data);
    if (this.#state?.isWhole(data) === true) this.#hasBook = true;
  }
}
