import { NetworkError } from '../../model/errors.ts';
import type { OrderRecord } from '../../model/records.ts';
import { ConnectBudget } from '../../net/connect-budget.ts';
import { KeptConnection, type Link } from '../../net/kept-connection.ts';
import type { DataMessage, EventMessage, StreamInfo, Topic } from '../protocol.ts';
import type { RecordClientOptions } from './options.ts';
import { notConnected, Questions } from './questions.ts';
import { nameOf, StreamCopies } from './stream-copies.ts';
import type { BookCopy } from './stream-copy.ts';

const SECOND = 1000;
const BACK_OFF = { first: SECOND / 2, most: 30 * SECOND };
/** Until all subscriptions must be confirmed, ms, and more for each of them. */
const READY_MS = 10 * SECOND;
const PACE_MS = 25;
/** The server asks every 20 s whether we are there. */
const SILENCE_MS = 60 * SECOND;
const STABLE_MS = 10 * SECOND;
const CONNECTS = { count: 30, withinMs: 60 * SECOND };
/** Sockets do not grow old here. */
const NEVER_MS = 2 ** 31 - 1;
/**
 * A client of `qt serve` that stays one: it reconnects with growing pauses, subscribes again, notices by the sequence of
 * each stream what it has missed, and has books told anew.
 */
export class RecordClient {
  readonly #options: RecordClientOptions;
  readonly #connection: KeptConnection;
  readonly #topics = new Map<string, Topic>();
  readonly #streams: StreamCopies;
  readonly #questions: Questions;
  /** What a new socket begins with, and which of it is not confirmed yet. */
  #requests: readonly string[] = [];
  readonly #awaited = new Set<string>();
  /** Subscriptions that the server has. */
  readonly #confirmed = new Map<string, Topic>();
  #server: string | undefined;
  #isOpen = false;
  #isClosed = false;
  /** Records that never came, as far as sequences tell. */
  lost = 0;

  constructor(options: RecordClientOptions) {
    this.#options = options;
    const { timers } = options.network;
    this.#questions = new Questions(timers);
    this.#streams = new StreamCopies({
      timers,
      ask: ({ channel, topic, venue }) => {
        if (this.#isOpen) this.#send({ op: 'snapshot', channel, topic, venue });
      },
    });
    this.#connection = new KeptConnection({
      url: options.url,
      name: 'the server',
      network: options.network,
      budget: new ConnectBudget(CONNECTS.count, CONNECTS.withinMs),
      // Asked for anew with each request: what is subscribed to meanwhile must not shift them.
      requests: () => this.#requests,
      messageMs: PACE_MS,
      backOff: BACK_OFF,
      readyMs: READY_MS,
      silenceMs: SILENCE_MS,
      rotate: { from: NEVER_MS, to: NEVER_MS },
      overlapMs: 0,
      stableMs: STABLE_MS,
      onOpened: () => this.#open(),
      onMessage: (text, link) => this.#message(text, link),
      onUp: () => this.#up(),
      onDown: () => this.#down(),
      onNotice: (level, code, message) => options.onNotice?.(level, code, message),
    });
    this.#connection.open();
  }

  /** Whether the connection stands and all subscriptions are confirmed. */
  get isConnected(): boolean {
    return this.#isOpen;
  }

  get subscriptions(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  /** Subscribes now, and again with every new connection. */
  subscribe(topic: Topic = {}): void {
    const key = keyOf(topic);
    if (this.#topics.has(key)) return;
    this.#topics.set(key, topic);
    if (this.#isOpen) this.#send({ op: 'subscribe', id: `s${key}`, ...topic });
  }

  /** Ends one subscription, or all. */
  unsubscribe(topic?: Topic): void {
    const ended = topic === undefined ? [...this.#topics.values()] : [topic];
    for (const one of ended) {
      const key = keyOf(one);
      if (!this.#topics.delete(key) || !this.#isOpen) continue;
      this.#confirmed.delete(key);
      this.#send({ op: 'unsubscribe', ...named(one) });
    }
    this.#streams.keep(this.subscriptions);
  }

  /** The streams that the server has. Rejects with NetworkError. */
  async list(): Promise<readonly StreamInfo[]> {
    const answer = await this.#ask({ op: 'list' });
    return answer.event === 'list' ? answer.streams : [];
  }

  /** How long an answer takes, ms. Rejects with NetworkError. */
  async ping(): Promise<number> {
    const { timers } = this.#options.network;
    const began = timers.now();
    await this.#ask({ op: 'ping' });
    return timers.now() - began;
  }

  /** The book of levels, if it has been subscribed to and told. */
  book(venue: string, topic: string): BookCopy | undefined {
    return this.#streams.get('book', venue, topic)?.book();
  }

  /** The book of single orders, as `clear` and `open` records; empty while it is not whole. */
  orders(venue: string, topic: string): readonly OrderRecord[] {
    const copy = this.#streams.get('l3', venue, topic);
    return copy?.isValid === true ? copy.orders() : [];
  }

  /** Resolves when no socket is left. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#streams.close();
    this.#down();
    return this.#connection.close();
  }

  /** A new socket, of which nothing is known yet. */
  #open(): void {
    const { token } = this.#options;
    const requests: { readonly id: string; readonly op: string }[] = [];
    if (token !== undefined) requests.push({ op: 'auth', id: 'auth', ...{ token } });
    for (const [key, topic] of this.#topics) requests.push({ op: 'subscribe', id: `s${key}`, ...topic });
    // Something must be answered, or nobody would know that it stands.
    if (requests.length === 0) requests.push({ op: 'ping', id: 'hello' });
    this.#requests = requests.map(request => JSON.stringify(request));
    this.#awaited.clear();
    for (const { id } of requests) this.#awaited.add(id);
    this.#confirmed.clear();
    for (const [key, topic] of this.#topics) this.#confirmed.set(key, topic);
  }

  #up(): void {
    this.#isOpen = true;
    // What was asked for, or given up, while the first requests were on their way.
    for (const [key, topic] of this.#topics)
      if (!this.#confirmed.has(key)) this.#send({ op: 'subscribe', id: `s${key}`, ...topic });
    for (const [key, topic] of this.#confirmed)
      if (!this.#topics.has(key)) this.#send({ op: 'unsubscribe', ...named(topic) });
  }

  #message(text: string, link: Link): void {
    if (this.#isClosed) return;
    let message: DataMessage | EventMessage;
    try {
      message = JSON.parse(text);
    } catch {
      link.refuse('what it says is not JSON: this is no qt serve');
      return;
    }
    if ('event' in message) this.#event(message, link);
    else if ('channel' in message && typeof message.seq === 'number') this.#data(message);
  }

  #event(message: EventMessage, link: Link): void {
    const { onNotice, onRefused } = this.#options;
    if ('server' in message) this.#known(message.server);
    if (message.event === 'lost') {
      onNotice?.('warning', 'TOO_SLOW', `${message.records} records were left out: this client is too slow`);
      return;
    }
    if (message.event === 'subscribed' && message.streams === 0) {
      const near = message.closest === undefined ? '' : `; did you mean ${message.closest.join(', ')}?`;
      const what = [message.topic, message.channel, message.venue].filter(one => one !== undefined).join(' ');
      onNotice?.('info', 'NO_STREAMS', `nothing is told of ${what || 'anything'} yet${near}`);
    }
    const id = 'id' in message && message.id !== undefined ? String(message.id) : undefined;
    if (message.event === 'error') {
      if (message.code === 'UNAUTHORISED') {
        this.close();
        onRefused?.(
          new NetworkError('UNAUTHORISED', `the server refused this client: ${message.message}`, {
            retriable: false,
            fix: 'set QT_SERVE_TOKEN to the token of the server, or give --token-file',
          }),
        );
        return;
      }
      onNotice?.('warning', message.code, message.message);
      this.#questions.reject(id, new NetworkError(message.code, message.message));
    } else this.#questions.resolve(id, message);
    if (id === undefined || !this.#awaited.delete(id) || this.#awaited.size > 0) return;
    link.ready();
  }

  /** Sequences of another run of the server have nothing to do with those of this one. */
  #known(server: string): void {
    if (this.#server !== undefined && this.#server !== server) this.#streams.clear();
    this.#server = server;
  }

  #data(message: DataMessage): void {
    const lost = this.#streams.take(message);
    if (lost < 0) return;
    if (lost > 0) {
      this.lost += lost;
      this.#options.onNotice?.('warning', 'RECORDS_LOST', `${lost} of ${nameOf(message)} never came`);
    }
    this.#options.onMessage?.(message);
  }

  #ask(request: { readonly op: 'list' | 'ping' }): Promise<EventMessage> {
    return this.#isOpen
      ? this.#questions.ask(id => this.#send({ ...request, id }))
      : Promise.reject(notConnected());
  }

  #send(request: object): void {
    this.#connection.current?.send(JSON.stringify(request));
  }

  #down(): void {
    this.#isOpen = false;
    this.#streams.interrupt();
    this.#questions.lost();
  }
}

function keyOf({ channel, topic, venue }: Topic): string {
  return JSON.stringify([venue ?? '*', topic ?? '*', channel ?? '*']);
}

/** An operation without any name would end all subscriptions. */
function named(topic: Topic): Topic {
  return keyOf(topic) === keyOf({}) ? { topic: '*' } : topic;
}
