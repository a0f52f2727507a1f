import { suggest } from '../../model/errors.ts';
import { bareTopic, isMeant, type StreamInfo, type Topic } from '../protocol.ts';
import type { Audience, Member } from './audience.ts';
import type { Hub } from './hub.ts';

/** What one client has asked for: it is a member of those who have asked for the same. */
export class Subscriptions {
  readonly #hub: Hub;
  readonly #member: Member;
  readonly #isDeflated: boolean;
  readonly #topics = new Map<string, Topic>();
  #audience: Audience | undefined;

  constructor(hub: Hub, member: Member, isDeflated: boolean) {
    this.#hub = hub;
    this.#member = member;
    this.#isDeflated = isDeflated;
  }

  get size(): number {
    return this.#topics.size;
  }

  get topics(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  has(topic: Topic): boolean {
    return this.#topics.has(keyOf(topic));
  }

  add(topic: Topic): void {
    this.#topics.set(keyOf(topic), topic);
    this.#move();
  }

  /** False where there is no such subscription; without a topic all of them end. */
  delete(topic?: Topic): boolean {
    if (topic === undefined) this.#topics.clear();
    else if (!this.#topics.delete(keyOf(topic))) return false;
    this.#move();
    return true;
  }

  /** How many streams there are of a topic. */
  streamsOf(topic: Topic): number {
    let streams = 0;
    for (const stream of this.#hub.streams) if (isMeant(topic, stream)) streams++;
    return streams;
  }

  /** Symbols of streams that a topic without any might have been meant as. */
  closestTo(topic: Topic): string[] {
    return closest(topic, [...this.#hub.streams]);
  }

  /** Gives out what waits for the members. */
  flush(): void {
    this.#audience?.flush();
  }

  end(): void {
    this.delete();
  }

  #move(): void {
    if (this.#audience !== undefined) this.#hub.leave(this.#member, this.#audience);
    this.#audience = this.size > 0 ? this.#hub.enter(this.#member, this.topics, this.#isDeflated) : undefined;
  }
}

function keyOf({ channel, topic, venue }: Topic): string {
  return JSON.stringify([venue, topic, channel]);
}

function closest({ topic }: Topic, streams: readonly StreamInfo[]): string[] {
  if (topic === undefined) return [];
  const byBare = new Map(
    streams.filter(one => one.topic !== '').map(one => [bareTopic(one.topic), one.topic]),
  );
  const near = suggest(bareTopic(topic), byBare.keys());
  return near === undefined ? [] : [byBare.get(near)!];
}
