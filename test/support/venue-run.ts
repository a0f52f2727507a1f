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
  /** `trades BTC-USDT`, `… for good`; `granted …` once it brings something. */
  readonly refusals: string[] = [];
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
        refused: (_connection, { channel, native }, isFinal) =>
          this.refusals.push(`${channel} ${native}${isFinal ? ' for good' : ''}`),
        granted: ({ channel, native }) => this.refusals.push(`granted ${channel} ${native}`),
        publishTime: time => time,
      },
      record => this.records.push(record),
      { channels: CHANNELS, ...(metricsEvery === undefined ? {} : { metricsEvery }) },
    );
  }

  open(connection = 0, url = 'wss://venue.test/'): this {
    this.pipeline.take(++this.time, { kind: 'connect', conn: connection, url });
    return this;
  }

  close(connection = 0, reason = 'code 1006'): this {
    this.pipeline.take(++this.time, { kind: 'close', conn: connection, reason });
    return this;
  }

  /** Frames, as texts or as what JSON makes of them. */
  recv(...frames: readonly unknown[]): this {
    return this.recvOn(0, ...frames);
  }

  recvOn(connection: number, ...frames: readonly unknown[]): this {
    for (const frame of frames) {
      const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
      this.pipeline.take(++this.time, { kind: 'recv', conn: connection, text });
    }
    return this;
  }

  /** What is asked for, as a collector does. */
  send(...texts: readonly unknown[]): this {
    return this.sendOn(0, ...texts);
  }

  sendOn(connection: number, ...texts: readonly unknown[]): this {
    for (const one of texts) {
      const text = typeof one === 'string' ? one : JSON.stringify(one);
      this.pipeline.take(++this.time, { kind: 'send', conn: connection, text });
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
