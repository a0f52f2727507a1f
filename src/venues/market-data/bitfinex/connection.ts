import type { Channel } from '../../../model/records.ts';
import type { BookFeed } from '../../books/book-feed.ts';
import type { OrderFeed } from '../../books/order-feed.ts';
import { type TextObject, textOf, textOrNull } from '../../wire/json-texts.ts';
import type { DecoderHost } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import type { Check } from '../tally.ts';
import { intervalNamed } from './symbols.ts';

export const SEQUENCE_RULE = 'seq == previous seq + 1 on the connection (heartbeats included)';
const NUMBERED = 65536;
const BULK = 536870912;
/** Channels that were left, of which messages may still be on their way. */
const MOST_LEFT = 100;

/** What one number of a connection stands for. */
export interface OwnChannel {
  readonly name: 'ticker' | 'trades' | 'book' | 'candles';
  readonly instrument: Instrument;
  /** Of candles. */
  readonly interval: string;
  /** A book of single orders. */
  readonly isRaw: boolean;
  /** What asked for it, to ask again. */
  readonly request: string;
  book: BookFeed | undefined;
  orders: OrderFeed | undefined;
  /** Its first message, which is a whole book, has come. */
  hasBegun: boolean;
}

/** One socket: its numbered channels, and the sequence of its messages. */
export class BitfinexConnection {
  readonly number: number;
  readonly channels = new Map<string, OwnChannel>();
  readonly #host: DecoderHost;
  readonly #links: Check;
  /** Channels that are being left, and what asks for them again. */
  readonly #left = new Map<string, { readonly channel: OwnChannel; request: string }>();
  flags = 0;
  /** Of the last message; NaN for none. */
  last = Number.NaN;
  /** Of the message that is being read; NaN where it has none. */
  sequence = Number.NaN;
  wholeAt = Number.NaN;
  /** It is about to be replaced. */
  isAbandoned = false;
  /** All its messages with data have been numbered, from 1 on. */
  isFromStart = false;
  #hasData = false;

  constructor(number: number, host: DecoderHost) {
    this.number = number;
    this.#host = host;
    this.#links = host.tally.of('').check('connectionLinks');
    host.tally.rules.set('connectionLinks', SEQUENCE_RULE);
  }

  get sequenceText(): string | null {
    return Number.isNaN(this.sequence) ? null : String(this.sequence);
  }

  /** A list of changes may come after the whole book. */
  get sendsBulk(): boolean {
    return (this.flags & BULK) !== 0;
  }

  /** What the venue confirms to send. */
  configured(flags: number): void {
    this.flags = flags;
    this.isFromStart = !this.#hasData && (flags & NUMBERED) !== 0;
  }

  /** Whether the message that is being read follows the last one. */
  isNext(): boolean {
    const { last, sequence } = this;
    this.#hasData = true;
    if (Number.isNaN(sequence)) return true;
    if (Number.isNaN(last) && this.isFromStart && sequence !== 1) {
      this.last = 0;
      return this.isNext();
    }
    if (!Number.isNaN(last)) {
      this.#links.checked++;
      if (sequence !== last + 1) return false;
      this.#links.passed++;
    }
    this.last = sequence;
    this.wholeAt = this.#host.receiveTime;
    return true;
  }

  /** Undefined for a channel of a kind that is not known. */
  subscribed(message: TextObject): OwnChannel | undefined {
    const name = textOf(message, 'channel');
    if (name !== 'ticker' && name !== 'trades' && name !== 'book' && name !== 'candles') return undefined;
    // `trade:1m:tDOGE:USD`
    const [, own = '', native = ''] = /^trade:([^:]+):(.+)$/.exec(textOrNull(message, 'key') ?? '') ?? [];
    const symbol = name === 'candles' ? native : textOf(message, 'symbol');
    if (!symbol.startsWith('t')) return undefined;
    const channel: OwnChannel = {
      name,
      instrument: this.#host.instruments.of(symbol),
      interval: intervalNamed(own),
      isRaw: textOrNull(message, 'prec') === 'R0',
      request: requestOf(message),
      book: undefined,
      orders: undefined,
      hasBegun: false,
    };
    this.channels.set(textOf(message, 'chanId'), channel);
    return channel;
  }

  unsubscribed(id: string): void {
    this.channels.delete(id);
    const left = this.#left.get(id);
    if (left === undefined) return;
    if (left.request !== '') this.#host.send(this.number, left.request);
    left.request = '';
  }

  /** The channel that is being left, or has been; undefined for one that never was. */
  leaving(id: string): OwnChannel | undefined {
    return this.#left.get(id)?.channel;
  }

  /** Leaves the channel of a book, to ask for it again once that is confirmed. */
  again(native: string, kind: Channel): void {
    if (this.isAbandoned) return;
    for (const [id, channel] of this.channels) {
      if (channel.name !== 'book' || channel.instrument.native !== native) continue;
      if (channel.isRaw !== (kind === 'l3')) continue;
      this.channels.delete(id);
      this.#left.set(id, { channel, request: channel.request });
      if (this.#left.size > MOST_LEFT) this.#left.delete(this.#left.keys().next().value!);
      this.#host.send(this.number, `{"event":"unsubscribe","chanId":${id}}`);
    }
  }
}

function requestOf(message: TextObject): string {
  const kept = ['channel', 'symbol', 'prec', 'freq', 'len'].filter(key => message[key] !== undefined);
  return JSON.stringify({ event: 'subscribe', ...Object.fromEntries(kept.map(key => [key, message[key]])) });
}
