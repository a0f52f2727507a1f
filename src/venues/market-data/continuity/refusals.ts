import type { Channel, MarketRecord } from '../../../model/records.ts';
import { FrameError } from '../../wire/json-cursor.ts';
import type { DecoderHost, Venue } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import type { Asked, AskedStream, Refusal } from '../planning/request-words.ts';
import { Gaps } from './gaps.ts';

/** Requests of one connection that can be told by their ids. */
const MOST_IDS = 1000;
/** Streams that are known to be refused; of more there is a notice only. */
const MOST_REFUSED = 10_000;
const RULE = 'the venue grants what is asked for';

/** What the world does about a stream that was refused; a replay does none of it. */
export interface RefusalWorld {
  /** `isFinal` where the same request can never be granted. */
  refused(connection: number, stream: AskedStream, isFinal: boolean): void;
  /** It has brought something after all. */
  granted(stream: AskedStream): void;
}

/** What was asked for on one connection. */
interface Requests {
  readonly byId: Map<string, readonly AskedStream[]>;
  /** Streams that have brought nothing yet. */
  readonly waiting: Map<string, AskedStream>;
}

/** A stream that was refused. */
interface Refused {
  readonly stream: AskedStream;
  /** On which; -1 once that is gone. */
  connection: number;
  /** It has been asked for again since. */
  isAsked: boolean;
}

/**
 * Streams that a venue does not grant: a gap from the refusal until the stream brings something. All of it follows from
 * what was sent and what came, so that a replay tells the same.
 */
export class Refusals {
  readonly #venue: Venue;
  readonly #host: DecoderHost;
  readonly #world: RefusalWorld;
  readonly #gaps: Gaps;
  readonly #requests = new Map<number, Requests>();
  readonly #refused = new Map<string, Refused>();
  /** Streams of which something is awaited; while there are none, records need not be looked at. */
  #awaited = 0;

  constructor(venue: Venue, host: DecoderHost, world: RefusalWorld) {
    this.#venue = venue;
    this.#host = host;
    this.#world = world;
    this.#gaps = new Gaps(host, venue.id);
  }

  /** Records need not be shown to `see`. */
  get isIdle(): boolean {
    return this.#awaited === 0;
  }

  /** Whether a stream was refused on a connection that stands, and has not been asked for again since. */
  isRefused(connection: number, channel: Channel, native: string): boolean {
    if (this.#refused.size === 0) return false;
    for (const { connection: own, isAsked, stream } of this.#refused.values()) {
      if (own === connection && !isAsked && stream.channel === channel && stream.native === native)
        return true;
    }
    return false;
  }

  opened(connection: number, url: string): void {
    this.#ask(connection, () => this.#venue.requests?.askedBy?.(url));
  }

  sent(connection: number, text: string): void {
    this.#ask(connection, () => this.#venue.requests?.asked(text));
  }

  closed(connection: number): void {
    this.#awaited -= this.#requests.get(connection)?.waiting.size ?? 0;
    this.#requests.delete(connection);
    for (const refused of this.#refused.values()) {
      if (refused.connection === connection) refused.connection = -1;
    }
  }

  /** A record that came of a frame of a connection. */
  see(record: MarketRecord, connection: number): void {
    if (record.kind === 'gap' || record.kind === 'metrics') return;
    const channel = CHANNEL_OF[record.kind];
    const { requests } = this.#venue;
    const native = requests?.askedAs?.(channel, this.#host.instruments.of(record.native)) ?? record.native;
    const name = nameOf(channel, native, record.kind === 'kline' ? record.interval : undefined);
    if (this.#requests.get(connection)?.waiting.delete(name)) this.#awaited--;
    const refused = this.#refused.get(name);
    if (refused === undefined || (refused.connection !== connection && refused.connection !== -1)) return;
    this.#refused.delete(name);
    this.#awaited--;
    this.#world.granted(refused.stream);
    // One gap stands for the klines of all intervals.
    for (const { stream } of this.#refused.values()) {
      if (stream.channel === channel && stream.native === native) return;
    }
    this.#gaps.close(channel, this.#instrumentOf(refused.stream));
  }

  /** The venue refuses what was asked for on a connection; `frame` is its answer. */
  refused(connection: number, frame: string): void {
    const refusal = this.#read(() => this.#venue.requests?.refusal(frame));
    const streams = refusal === undefined ? [] : this.#meant(connection, refusal);
    if (refusal === undefined || streams.length === 0 || this.#refused.size >= MOST_REFUSED) {
      this.#host.notice('warning', 'REQUEST_REFUSED', `${this.#venue.id}: ${frame.slice(0, 200)}`);
      return;
    }
    const detail = refusal.detail.slice(0, 200);
    // Which of several is to blame is known where not all of them are named.
    const isSure = streams.length === 1;
    const isNamed = (one: AskedStream) => names(refusal, one);
    const someAreNamed = !isSure && !streams.every(isNamed);
    const fresh: AskedStream[] = [];
    for (const stream of streams) {
      const isFinal = refusal.isFinal && (isSure || (someAreNamed && isNamed(stream)));
      if (this.#refuse(connection, stream, detail)) fresh.push(stream);
      this.#world.refused(connection, stream, isFinal);
    }
    if (fresh.length === 0) return;
    const [{ channel, native }] = fresh;
    const others = fresh.length === 1 ? '' : ` and ${fresh.length - 1} more`;
    const when = refusal.isFinal ? 'asked again every few minutes' : 'asked again';
    const what = `${channel} of ${native}${others}`;
    this.#host.notice(
      'warning',
      'SUBSCRIPTION_REFUSED',
      `${this.#venue.name} refuses ${what}: ${detail}; ${when}`,
    );
  }

  /** Whether it had not been refused before. */
  #refuse(connection: number, stream: AskedStream, detail: string): boolean {
    const { channel, interval, native } = stream;
    const name = nameOf(channel, native, interval);
    if (this.#requests.get(connection)?.waiting.delete(name)) this.#awaited--;
    this.#host.tally.of(native).counter('refusals').value++;
    const known = this.#refused.get(name);
    if (known !== undefined) {
      known.connection = connection;
      known.isAsked = false;
      return false;
    }
    this.#refused.set(name, { stream, connection, isAsked: false });
    this.#awaited++;
    const instrument = this.#instrumentOf(stream);
    const found = { channel, instrument, cause: 'REFUSED', rule: RULE, detail, from: Number.NaN };
    if (this.#host.wants(channel)) this.#gaps.open(found);
    return true;
  }

  /** Whose refusal it is. */
  #meant(connection: number, refusal: Refusal): readonly AskedStream[] {
    const { id, native, streams } = refusal;
    const requests = this.#requests.get(connection);
    const asked = id === undefined ? undefined : requests?.byId.get(id);
    if (id === undefined && streams.length > 0) return streams;
    if (asked?.length === 1) return asked;
    const all = asked ?? (id === undefined ? [...(requests?.waiting.values() ?? [])] : []);
    if (this.#venue.requests?.refusesWhole || (native === undefined && streams.length === 0)) return all;
    return all.filter(one => names(refusal, one));
  }

  #ask(connection: number, read: () => Asked | undefined): void {
    const asked = this.#read(read);
    if (asked === undefined) return;
    let requests = this.#requests.get(connection);
    if (requests === undefined) {
      requests = { byId: new Map(), waiting: new Map() };
      this.#requests.set(connection, requests);
    }
    const { byId, waiting } = requests;
    this.#awaited -= waiting.size;
    for (const one of asked.streams) {
      const name = nameOf(one.channel, one.native, one.interval);
      waiting.set(name, one);
      const refused = this.#refused.get(name);
      if (refused?.connection === connection) refused.isAsked = true;
    }
    this.#awaited += waiting.size;
    if (asked.id === undefined) return;
    byId.delete(asked.id);
    byId.set(asked.id, asked.streams);
    if (byId.size > MOST_IDS) byId.delete(byId.keys().next().value!);
  }

  /** Texts that are none of the venue's ask for nothing. */
  #read<Value>(read: () => Value | undefined): Value | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof FrameError) return undefined;
      throw error;
    }
  }

  #instrumentOf({ native, symbol }: AskedStream): Instrument {
    return symbol === undefined ? this.#host.instruments.of(native) : { native, symbol };
  }
}

function names({ native, streams }: Refusal, { channel, interval, native: own }: AskedStream): boolean {
  if (native === own) return true;
  const name = nameOf(channel, own, interval);
  return streams.some(one => nameOf(one.channel, one.native, one.interval) === name);
}

function nameOf(channel: Channel, native: string, interval: string | undefined): string {
  return `${channel} ${native} ${interval ?? ''}`;
}

const CHANNEL_OF = {
  ...({ trade: 'trades', book: 'book', order: 'l3', kline: 'klines', ticker: 'tickers' } as const),
};
