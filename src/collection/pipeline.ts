import type { Channel, MarketRecord } from '../model/records.ts';
import { Refusals, type RefusalWorld } from '../venues/market-data/continuity/refusals.ts';
import type {
  Decoder,
  DecoderHost,
  RestRequest,
  Venue,
  VenueAddresses,
} from '../venues/market-data/contract.ts';
import { Instruments } from '../venues/market-data/instruments.ts';
import { Tally } from '../venues/market-data/tally.ts';
import type { CaptureEvent } from './capture-writer.ts';
import { MetricsClock } from './metrics-clock.ts';

/** What the world does for a pipeline; a replay does none of it. */
export interface PipelineWorld extends RefusalWorld {
  fetch(request: RestRequest): void;
  send(connection: number, text: string): void;
  reconnect(connection: number, reason: string): void;
  notice(level: 'info' | 'warning', code: string, message: string): void;
  /** Microseconds UTC, read once the records of a frame are made. */
  publishTime(receiveTime: number): number;
}

export interface PipelineOptions {
  readonly channels: readonly Channel[];
  readonly addresses?: VenueAddresses;
  /** Metrics of each instrument so often, µs; none unless given. */
  readonly metricsEvery?: number;
}

/** One venue's frames in, records out. Sockets and captures drive it alike. */
export class Pipeline implements DecoderHost {
  readonly addresses: VenueAddresses;
  readonly instruments: Instruments;
  readonly tally = new Tally();
  readonly decoder: Decoder;
  readonly #world: PipelineWorld;
  readonly #wanted: ReadonlySet<Channel>;
  readonly #out: (record: MarketRecord) => void;
  readonly #metrics: MetricsClock | undefined;
  readonly #refusals: Refusals;
  #made: MarketRecord[] = [];
  receiveTime = 0;

  constructor(
    venue: Venue,
    world: PipelineWorld,
    out: (record: MarketRecord) => void,
    options: PipelineOptions,
  ) {
    this.addresses = options.addresses ?? venue.addresses;
    this.instruments = new Instruments(native => venue.guess(native));
    this.#world = world;
    this.#wanted = new Set(options.channels);
    this.#out = out;
    this.decoder = venue.decoder(this);
    this.#refusals = new Refusals(venue, this, world);
    if (options.metricsEvery !== undefined) {
      this.#metrics = new MetricsClock(this.decoder, options.metricsEvery);
    }
  }

  /** Takes what happened at `time`, µs UTC. `bytes` is the content of a binary frame, where it is known already. */
  take(time: number, event: CaptureEvent, bytes?: Uint8Array): void {
    if (event.kind === 'recv') {
      const { conn } = event;
      if ('text' in event) this.feed(time, decoder => decoder.text(conn, event.text), conn);
      else this.feed(time, decoder => decoder.binary(conn, bytes ?? Buffer.from(event.b64, 'base64')), conn);
    } else this.feed(time, decoder => this.#happened(decoder, event));
  }

  #happened(decoder: Decoder, event: Exclude<CaptureEvent, { kind: 'recv' }>): void {
    if (event.kind === 'http') {
      const method = event.method === 'POST' ? 'POST' : 'GET';
      decoder.answer({ method, url: event.url }, event.status, event.text);
    } else if (event.kind === 'connect') {
      this.#refusals.opened(event.conn, event.url);
      decoder.opened(event.conn, event.url);
    } else if (event.kind === 'send') {
      this.#refusals.sent(event.conn, event.text);
      decoder.sent(event.conn, event.text);
    } else {
      decoder.closed(event.conn, event.reason);
      this.#refusals.closed(event.conn);
    }
  }

  /**
   * Lets the decoder see something that came at `time`, µs UTC, and hands on what it made of it. `connection` is that of a
   * frame, -1 for anything else.
   */
  feed(time: number, see: (decoder: Decoder) => void, connection = -1): void {
    this.receiveTime = time;
    // Of what was there before this.
    this.#metrics?.advance(time, record => this.#made.push(record));
    see(this.decoder);
    const made = this.#made;
    if (made.length === 0) return;
    if (connection !== -1 && !this.#refusals.isIdle) this.#granted(made, connection);
    this.#made = [];
    const publishTime = this.#world.publishTime(time);
    for (const record of made) {
      record.publishTime = publishTime;
      this.#metrics?.see(record);
      this.#out(record);
    }
  }

  #granted(made: readonly MarketRecord[], connection: number): void {
    const { length } = made;
    for (let at = 0; at < length; at++) this.#refusals.see(made[at], connection);
  }

  refused(connection: number, frame: string): void {
    this.#refusals.refused(connection, frame);
  }

  isRefused(connection: number, channel: Channel, native: string): boolean {
    return this.#refusals.isRefused(connection, channel, native);
  }

  wants(channel: Channel): boolean {
    return this.#wanted.has(channel);
  }

  emit(record: MarketRecord): void {
    this.#made.push(record);
  }

  fetch(request: RestRequest): void {
    this.#world.fetch(request);
  }

  send(connection: number, text: string): void {
    this.#world.send(connection, text);
  }

  reconnect(connection: number, reason: string): void {
    this.#world.reconnect(connection, reason);
  }

  notice(level: 'info' | 'warning', code: string, message: string): void {
    this.#world.notice(level, code, message);
  }
}
