import { Pipeline } from '../../src/collection/pipeline.ts';
import { CHANNELS, type GapRecord, type MarketRecord } from '../../src/model/records.ts';
import type { Venue } from '../../src/venues/market-data/contract.ts';

/** A venue's decoder without a network: what it is shown, what it makes of it, and what it asks for. */
export class VenueRun {
  readonly records: MarketRecord[] = [];
  readonly sent: string[] = [];
  readonly asked: string[] = [];
  readonly reconnects: number[] = [];
  readonly notices: string[] = [];
  readonly pipeline: Pipeline;
  /** µs. */
  time = 1_700_000_000_000_000;

  /** `metricsEvery` in µs. */
  constructor(venue: Venue, metricsEvery?: number) {
    this.pipeline = new Pipeline(
      venue,
      {
        fetch: ({ url }) => this.asked.push(url),
        send: (_connection, text) => this.sent.push(text),
        reconnect: connection => this.reconnects.push(connection),
        notice: (_level, code) => this.notices.push(code),
        publishTime: time => time,
      },
      record => this.records.push(record),
      { channels: CHANNELS, ...(metricsEvery === undefined ? {} : { metricsEvery }) },
    );
  }

  open(connection = 0, url = 'wss://venue.test/'): this {
    this.pipeline.feed(++this.time, decoder => decoder.opened(connection, url));
    return this;
  }

  close(connection = 0, reason = 'code 1006'): this {
    this.pipeline.feed(++this.time, decoder => decoder.closed(connection, reason));
    return this;
  }

  /** Frames, as texts or as what JSON makes of them. */
  recv(...frames: readonly unknown[]): this {
    return this.recvOn(0, ...frames);
  }

  recvOn(connection: number, ...frames: readonly unknown[]): this {
    for (const frame of frames) {
      const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
      this.pipeline.feed(++this.time, decoder => decoder.text(connection, text));
    }
    return this;
  }

  answer(url: string, body: unknown, status = 200): this {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.pipeline.feed(++this.time, decoder => decoder.answer({ method: 'GET', url }, status, text));
    return this;
  }

  of<Kind extends MarketRecord['kind']>(kind: Kind): Extract<MarketRecord, { kind: Kind }>[] {
    return this.records.filter(record => record.kind === kind) as Extract<MarketRecord, { kind: Kind }>[];
  }

  /** `SEQUENCE open`, `SEQUENCE closed`, … of each gap, with channel and symbol. */
  get gaps(): string[] {
    return this.of('gap').map(
      ({ cause, channel, state, symbol }: GapRecord) => `${symbol} ${channel} ${cause} ${state}`,
    );
  }

  /** A book as texts; `invalid` where it must not be used. */
  book(native: string, kind: 'books' | 'orderBooks' = 'books') {
    const state = this.pipeline.decoder[kind]?.get(native);
    if (state === undefined) return undefined;
    if (!state.isValid) return 'invalid';
    const side = (levels: Iterable<readonly [string, string, ...unknown[]]>) =>
      Array.from(levels, ([price, size]) => `${price} ${size}`);
    return { bids: side(state.book.bids.levels()), asks: side(state.book.asks.levels()) };
  }

  counter(native: string, name: string): number {
    return this.pipeline.tally.of(native).counters.get(name)?.value ?? 0;
  }

  check(native: string, name: string) {
    return { ...this.pipeline.tally.of(native).checks.get(name) };
  }
}
