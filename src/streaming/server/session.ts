import { QtError } from '../../model/errors.ts';
import { CLOSE, type EventMessage, type RequestId, type StreamInfo, type Topic } from '../protocol.ts';
import type { Member } from './audience.ts';
import type { Counters } from './counters.ts';
import { Frame } from './frames.ts';
import type { Hub } from './hub.ts';
import type { ServerLimits } from './limits.ts';
import { type ClientLink, Outgoing } from './outgoing.ts';
import { RequestGuard } from './request-rate.ts';
import { idOf, parseRequest, type ServerRequest } from './requests.ts';
import { Subscriptions } from './subscriptions.ts';

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

/** One client: what it says, and what it is answered. */
export class Session implements Member {
  readonly #options: SessionOptions;
  readonly #guard: RequestGuard;
  readonly #outgoing: Outgoing;
  readonly #topics: Subscriptions;
  readonly #began: number;
  #isKnown: boolean;
  #isClosed = false;
  /** When it was last heard, ms. */
  heardAt: number;

  constructor(options: SessionOptions) {
    const { hub, isDeflated, isToken, limits, now } = options;
    this.#options = options;
    this.#began = now();
    this.heardAt = this.#began;
    this.#isKnown = isToken === undefined;
    this.#guard = new RequestGuard(limits, this.#began);
    this.#outgoing = new Outgoing(options);
    this.#topics = new Subscriptions(hub, this, isDeflated);
  }

  get subscriptions(): number {
    return this.#topics.size;
  }

  get backlog(): number {
    return this.#options.link.buffered;
  }

  get isBehind(): boolean {
    return this.#outgoing.isBehind;
  }

  deliver(bytes: Buffer, records: number): boolean {
    return !this.#isClosed && this.#outgoing.records(bytes, records);
  }

  /** Everything that was written has gone out. */
  drained(): void {
    this.#outgoing.drained();
    if (!this.isBehind || this.#isClosed) return;
    // What waits for the others is in the snapshots as well: it must not come after them.
    this.#topics.flush();
    this.#say({ event: 'lost', records: this.#outgoing.caughtUp(), time: this.#options.clock() });
    // A stream that several subscriptions mean is told once.
    this.#show(this.#topics.topics);
  }

  /** Looks after the time; called about once a second. */
  tick(): void {
    const { counters, limits, now } = this.#options;
    if (this.#isClosed) return;
    const time = now();
    if (this.#outgoing.isTooSlow(time)) {
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
    return !this.#isClosed && this.#mayAsk() && !this.#outgoing.isFull;
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.end();
    this.#options.link.close(code, reason);
  }

  /** Is no member of anything any more. */
  end(): void {
    this.#isClosed = true;
    this.#topics.end();
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
        this.#topics.flush();
        this.#say({
          event: 'snapshot',
          ...id,
          ...request.topic,
          streams: this.#topics.streamsOf(request.topic),
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
          subscriptions: this.#topics.topics,
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
    const { limits, server } = this.#options;
    if (!this.#topics.has(topic) && this.#topics.size >= limits.subscriptions) {
      this.#error('SUBSCRIPTIONS_TOO_MANY', `at most ${limits.subscriptions} at a time`, id.id);
      return;
    }
    this.#topics.add(topic);
    const streams = this.#topics.streamsOf(topic);
    const closest = streams > 0 ? [] : this.#topics.closestTo(topic);
    this.#say({
      ...{ event: 'subscribed', ...id, ...topic, streams },
      ...(closest.length > 0 ? { closest } : {}),
      server,
    });
    this.#show([topic]);
  }

  #unsubscribe(topic: Topic | undefined, id: { readonly id?: RequestId }): void {
    const { server } = this.#options;
    if (!this.#topics.delete(topic)) {
      this.#error(
        'SUBSCRIPTION_MISSING',
        'there is no such subscription: "list" shows those that there are',
        id.id,
      );
      return;
    }
    this.#say({
      event: 'unsubscribed',
      ...id,
      ...topic,
      streams: this.#topics.streamsOf(topic ?? {}),
      server,
    });
  }

  #show(topics: readonly Topic[]): void {
    const { hub, isDeflated } = this.#options;
    this.#outgoing.snapshot(() => hub.snapshot(topics, isDeflated));
  }

  #mayAsk(): boolean {
    const { counters, limits, now } = this.#options;
    this.heardAt = now();
    const admission = this.#guard.ask(this.heardAt);
    if (admission === 'taken') return true;
    counters.limited++;
    if (admission === 'expelled') {
      counters.expelled++;
      this.close(CLOSE.misbehaved, 'too many requests');
    } else if (admission === 'warned') {
      const { requestBurst, requestsPerSecond } = limits;
      this.#error('RATE_LIMITED', `at most ${requestsPerSecond} requests a second, ${requestBurst} at once`);
    }
    return false;
  }

  #error(code: string, message: string, id?: RequestId): void {
    this.#say({ event: 'error', ...(id === undefined ? {} : { id }), code, message });
  }

  #say(message: EventMessage): void {
    if (!this.#isClosed) this.#outgoing.answer(new Frame(JSON.stringify(message)).plain);
  }
}

function info({ channel, seq, topic, venue }: StreamInfo): StreamInfo {
  return { venue, topic, channel, seq };
}
