import type { Channel, MarketRecord } from '../model/records.ts';
import type {
  Decoder,
  DecoderHost,
  RestRequest,
  Venue,
  VenueAddresses,
} from '../venues/market-data/contract.ts';
import { Instruments } from '../venues/market-data/instruments.ts';
import { Tally } from '../venues/market-data/tally.ts';
import { MetricsClock } from './metrics-clock.ts';

/** What the world does for a pipeline; a replay does none of it. */
export interface PipelineWorld {
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
    if (options.metricsEvery !== undefined) {
      this.#metrics = new MetricsClock(this.decoder, options.metricsEvery);
    }
  }

  /** Lets the decoder see something that came at `time`, µs UTC, and hands on what it made of it. */
  feed(time: number, see: (decoder: Decoder) => void): void {
    this.receiveTime = time;
    // Of what was there before this.
    this.#metrics?.advance(time, record => this.#made.push(record));
    see(this.decoder);
    const made = this.#made;
    if (made.length === 0) return;
    this.#made = [];
    const publishTime = this.#world.publishTime(time);
    for (const record of made) {
      record.publishTime = publishTime;
      this.#metrics?.see(record);
      this.#out(record);
    }
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
