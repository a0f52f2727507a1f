import type { Topic } from '../protocol.ts';
import type { Frame } from './frames.ts';
import { Outbox } from './outbox.ts';
import type { Stream } from './stream.ts';

/** Who is given what an audience has subscribed to. */
export interface Member {
  /** Whole frames of so many records. True where the bytes wait for the client; else they are not looked at any more. */
  deliver(bytes: Buffer, records: number): boolean;
}

/** Frames that make one write are copied together; more at once would hold up the event loop, bytes. */
const MOST_BYTES = 512 * 1024;

/**
 * Clients that have subscribed to the same. What they are to be given is put together once for all of them, and goes out
 * in one write each.
 */
export class Audience {
  readonly key: string;
  readonly topics: readonly Topic[];
  readonly isDeflated: boolean;
  readonly members = new Set<Member>();
  readonly streams = new Set<Stream>();
  readonly #outbox = new Outbox();
  #waiting = 0;

  constructor(key: string, topics: readonly Topic[], isDeflated: boolean) {
    this.key = key;
    this.topics = topics;
    this.isDeflated = isDeflated;
  }

  /** Records that wait to go out. */
  get waiting(): number {
    return this.#waiting;
  }

  push(frame: Frame): void {
    this.#outbox.add(this.isDeflated ? frame.deflated : frame.plain);
    this.#waiting++;
    if (this.#outbox.length >= MOST_BYTES) this.flush();
  }

  /** Gives out what waits. */
  flush(): void {
    const count = this.#waiting;
    if (count === 0) return;
    const bytes = this.#outbox.take();
    this.#waiting = 0;
    let isHeld = false;
    for (const member of this.members) if (member.deliver(bytes, count)) isHeld = true;
    this.#outbox.release(isHeld);
  }
}

/** The same for the same topics in any order. */
export function audienceKey(topics: readonly Topic[], isDeflated: boolean): string {
  const names = topics.map(({ channel, topic, venue }) => JSON.stringify([venue, topic, channel]));
  return `${isDeflated ? 'deflated' : 'plain'} ${names.sort().join(' ')}`;
}
