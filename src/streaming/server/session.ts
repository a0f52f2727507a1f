import { QtError, suggest } from '../../model/errors.ts';
import {
  bareTopic,
  CLOSE,
  type EventMessage,
  isMeant,
  type RequestId,
  type StreamInfo,
  type Topic,
} from '../protocol.ts';
import type { Audience, Member } from './audience.ts';
import type { Counters } from './counters.ts';
import { Frame } from './frames.ts';
import type { Hub } from './hub.ts';
import type { ServerLimits } from './limits.ts';
import { RequestRate } from './request-rate.ts';
import { idOf, parseRequest, type ServerRequest } from './requests.ts';

/** A client's connection, as far as a session knows of it. */
export interface ClientLink {
  /** Whole frames. */
  write(bytes: Buffer): void;
  /** Bytes that were written and wait for the client. */
  readonly buffered: number;
  close(code: number, reason: string): void;
  /** Without a word, where the client would not hear it. */
  terminate(): void;
}

export interface SessionOptions {
  readonly hub: Hub;
  readonly link: ClientLink;
  readonly limits: ServerLimits;
  readonly counters: Counters;
  /** The server's name of this run. */
  readonly server: string;
  readonly isDeflated: boolean;
  /** ms, for limits. */
  readonly now: () => number;
  /** µs UTC. */
  readonly clock: () => number;
  /** Undefined where anybody may come in, or has shown already that they may. */
  readonly isToken: ((token: string) => boolean) | undefined;
}

/** One client: what it has asked for, and whether it keeps up with it. */
export class Session implements Member {
  readonly #options: SessionOptions;
  readonly #rate: RequestRate;
  readonly #topics = new Map<string, Topic>();
  readonly #began: number;
  #audience: Audience | undefined;
  #isKnown: boolean;
  #isClosed = false;
  /** Since when it is behind, ms; undefined while it is not. */
  #behindSince: number | undefined;
  #missed = 0;
  /** Bytes of snapshots, which may wait beyond the limit. */
  #allowance = 0;
  #refusals = 0;
  #toldOfRate = Number.NEGATIVE_INFINITY;
  /** When it was last heard, ms. */
  heardAt: number;

  constructor(options: SessionOptions) {
    const { isToken, limits, now } = options;
    this.#options = options;
    this.#began = now();
    this.heardAt = this.#began;
    this.#isKnown = isToken === undefined;
    this.#rate = new RequestRate(limits.requestsPerSecond, limits.requestBurst, this.#began);
  }

  get subscriptions(): number {
    return this.#topics.size;
  }

  get backlog(): number {
    return this.#options.link.buffered;
  }

  get isBehind(): boolean {
    return this.#behindSince !== undefined;
  }

  deliver(bytes: Buffer, records: number): void {
    const { counters, link, now } = this.#options;
    if (this.#isClosed) return;
    if (this.#behindSince === undefined && this.#isOver()) {
      this.#behindSince = now();
      counters.lagged++;
    }
    if (this.#behindSince !== undefined) {
      this.#missed += records;
      counters.skipped += records;
      return;
    }
    counters.delivered += records;
    counters.bytes += bytes.length;
    link.write(bytes);
  }

  /** Everything that was written has gone out. */
  drained(): void {
    this.#allowance = 0;
    if (this.#behindSince === undefined || this.#isClosed) return;
    // What waits for the others is in the snapshots as well: it must not come after them.
    this.#audience?.flush();
    this.#behindSince = undefined;
    const records = this.#missed;
    this.#missed = 0;
    this.#say({ event: 'lost', records, time: this.#options.clock() });
    // A stream that several subscriptions mean is told once.
    this.#show([...this.#topics.values()]);
  }

  /** Looks after the time; called about once a second. */
  tick(): void {
    const { counters, limits, now } = this.#options;
    if (this.#isClosed) return;
    const time = now();
    if (this.#behindSince !== undefined && time - this.#behindSince >= limits.slowMs) {
      counters.slow++;
      this.close(CLOSE.slow, 'too slow');
    } else if (time - this.heardAt >= limits.silenceMs) {
      counters.expelled++;
      this.end();
      this.#options.link.terminate();
    } else if (!this.#isKnown && time - this.#began >= limits.authenticationMs) {
      counters.rejected++;
      this.close(CLOSE.unauthorised, 'no token');
    }
  }

  /** A text of the client's. */
  receive(text: string): void {
    if (this.#isClosed || !this.#mayAsk()) return;
    try {
      const request = parseRequest(text);
      if (!this.#isKnown && request.op !== 'auth' && request.op !== 'exit')
        this.#error('UNAUTHORISED', 'send {"op":"auth","token":"…"} first', request.id);
      else this.#answer(request);
    } catch (error) {
      this.#options.counters.malformed++;
      // Whatever one client sends: the others are not to suffer for it.
      if (error instanceof QtError) this.#error(error.code, error.message, idOf(text));
      else this.#error('REQUEST_FAILED', 'the server could not make anything of it', idOf(text));
    }
  }

  /** It is still there. */
  heard(): void {
    this.heardAt = this.#options.now();
  }

  /** Counts something that was asked without words, a ping; false if it is not to be answered. */
  mayAsk(): boolean {
    return !this.#isClosed && this.#mayAsk() && !this.#isFull();
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.end();
    this.#options.link.close(code, reason);
  }

  /** Is no member of anything any more. */
  end(): void {
    this.#isClosed = true;
    if (this.#audience !== undefined) this.#options.hub.leave(this, this.#audience);
    this.#audience = undefined;
    this.#topics.clear();
  }

  #answer(request: ServerRequest): void {
    const { clock, isToken, server } = this.#options;
    const id = request.id === undefined ? {} : { id: request.id };
    switch (request.op) {
      case 'subscribe':
        this.#subscribe(request.topic, id);
        return;
      case 'snapshot':
        // What waits is older than what is told now.
        this.#audience?.flush();
        this.#say({
          event: 'snapshot',
          ...id,
          ...request.topic,
          streams: this.#meant(request.topic),
          server,
        });
        this.#show([request.topic]);
        return;
      case 'unsubscribe':
        this.#unsubscribe(request.topic, id);
        return;
      case 'auth':
        if (!this.#isKnown && isToken?.(request.token) !== true) {
          this.#options.counters.rejected++;
          this.#error('UNAUTHORISED', 'that is not the token', request.id);
          this.close(CLOSE.unauthorised, 'wrong token');
          return;
        }
        this.#isKnown = true;
        this.#say({ event: 'authenticated', ...id, time: clock() });
        return;
      case 'list':
        this.#say({
          event: 'list',
          ...id,
          server,
          streams: [...this.#options.hub.streams].map(info),
          subscriptions: [...this.#topics.values()],
        });
        return;
      case 'ping':
        this.#say({ event: 'pong', ...id, time: clock() });
        return;
      case 'exit':
        this.close(CLOSE.done, 'bye');
    }
  }

  #subscribe(topic: Topic, id: { readonly id?: RequestId }): void {
    const { hub, limits, server } = this.#options;
    const key = JSON.stringify([topic.venue, topic.topic, topic.channel]);
    if (!this.#topics.has(key) && this.#topics.size >= limits.subscriptions) {
      this.#error('SUBSCRIPTIONS_TOO_MANY', `at most ${limits.subscriptions} at a time`, id.id);
      return;
    }
    this.#topics.set(key, topic);
    this.#move();
    const streams = this.#meant(topic);
    const closest = streams > 0 ? [] : closestTo(topic, [...hub.streams]);
    this.#say({
      ...{ event: 'subscribed', ...id, ...topic, streams },
      ...(closest.length > 0 ? { closest } : {}),
      server,
    });
    this.#show([topic]);
  }

  #unsubscribe(topic: Topic | undefined, id: { readonly id?: RequestId }): void {
    const { server } = this.#options;
    if (topic === undefined) this.#topics.clear();
    else if (!this.#topics.delete(JSON.stringify([topic.venue, topic.topic, topic.channel]))) {
      this.#error(
        'SUBSCRIPTION_MISSING',
        'there is no such subscription: "list" shows those that there are',
        id.id,
      );
      return;
    }
    this.#move();
    this.#say({ event: 'unsubscribed', ...id, ...topic, streams: this.#meant(topic ?? {}), server });
  }

  /** How many streams there are of a topic. */
  #meant(topic: Topic): number {
    let streams = 0;
    for (const stream of this.#options.hub.streams) if (isMeant(topic, stream)) streams++;
    return streams;
  }

  /** Becomes a member of those who have asked for the same. */
  #move(): void {
    const { hub, isDeflated } = this.#options;
    if (this.#audience !== undefined) hub.leave(this, this.#audience);
    this.#audience = undefined;
    if (this.#topics.size > 0) this.#audience = hub.enter(this, [...this.#topics.values()], isDeflated);
  }

  /** How things stand, unless it would find no room: then it comes when the client has caught up. */
  #show(topics: readonly Topic[]): void {
    const { counters, hub, isDeflated, limits, link, now } = this.#options;
    // Snapshots may wait beyond the limit, but not on top of each other.
    if (this.isBehind || link.buffered > limits.backlogBytes) {
      if (this.#behindSince === undefined) counters.lagged++;
      this.#behindSince ??= now();
      return;
    }
    const bytes = hub.snapshot(topics, isDeflated);
    for (const part of bytes) {
      this.#allowance += part.length;
      counters.bytes += part.length;
      link.write(part);
    }
  }

  #mayAsk(): boolean {
    const { counters, limits, now } = this.#options;
    const time = now();
    this.heardAt = time;
    if (this.#rate.take(time)) return true;
    counters.limited++;
    if (++this.#refusals > limits.refusals) {
      counters.expelled++;
      this.close(CLOSE.misbehaved, 'too many requests');
    } else if (time - this.#toldOfRate >= 1000) {
      this.#toldOfRate = time;
      this.#error(
        'RATE_LIMITED',
        `at most ${limits.requestsPerSecond} requests a second, ${limits.requestBurst} at once`,
      );
    }
    return false;
  }

  #isFull(): boolean {
    return this.isBehind || this.#isOver();
  }

  /** Whether more waits for it than may. */
  #isOver(): boolean {
    const { limits, link } = this.#options;
    const { buffered } = link;
    if (buffered === 0) this.#allowance = 0;
    return buffered > limits.backlogBytes + this.#allowance;
  }

  #error(code: string, message: string, id?: RequestId): void {
    this.#say({ event: 'error', ...(id === undefined ? {} : { id }), code, message });
  }

  #say(message: EventMessage): void {
    const { counters, link } = this.#options;
    // Whoever asks and does not listen gets no answers either.
    if (this.#isClosed || this.#isFull()) return;
    const { plain } = new Frame(JSON.stringify(message));
    counters.bytes += plain.length;
    link.write(plain);
  }
}

function info({ channel, seq, topic, venue }: StreamInfo): StreamInfo {
  return { venue, topic, channel, seq };
}

/** Symbols of streams that one without any might have been meant as. */
function closestTo({ topic }: Topic, streams: readonly StreamInfo[]): string[] {
  if (topic === undefined) return [];
  const byBare = new Map(
    streams.filter(one => one.topic !== '').map(one => [bareTopic(one.topic), one.topic]),
  );
  const near = suggest(bareTopic(topic), byBare.keys());
  return near === undefined ? [] : [byBare.get(near)!];
}
