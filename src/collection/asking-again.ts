import { BackOff } from '../net/back-off.ts';
import type { Network, Timer } from '../net/network.ts';
import type { AskedStream } from '../venues/market-data/planning/request-words.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const SOON = { first: SECOND, most: 60 * SECOND };
/** Of what can never be granted, unless the venue changes its mind: 5 to 10 minutes. */
const RARELY = { first: 5 * MINUTE, most: 5 * MINUTE };
const RARELY_FROM = 5 * MINUTE;

export interface AskingAgainOptions {
  readonly network: Pick<Network, 'random' | 'timers'>;
  /** Asks for a stream on a connection, if that stands still. */
  ask(connection: number, stream: AskedStream): void;
}

/** A stream that was refused, and when it is asked for again. */
interface Entry {
  readonly soon: BackOff;
  readonly rarely: BackOff;
  timer: Timer | undefined;
}

/** Streams that a venue refused, each asked for again after a pause that grows; at most one request of each waits. */
export class AskingAgain {
  readonly #options: AskingAgainOptions;
  readonly #entries = new Map<string, Entry>();
  /** Requests so far. */
  asked = 0;

  constructor(options: AskingAgainOptions) {
    this.#options = options;
  }

  /** Streams that are refused at the moment. */
  get refused(): number {
    return this.#entries.size;
  }

  add(connection: number, stream: AskedStream, isFinal: boolean): void {
    const { ask, network } = this.#options;
    const { random, timers } = network;
    const name = nameOf(stream);
    const entry = this.#entries.get(name) ?? {
      soon: new BackOff({ ...SOON, random }),
      rarely: new BackOff({ ...RARELY, random }),
      timer: undefined,
    };
    this.#entries.set(name, entry);
    entry.timer?.cancel();
    const pause = isFinal ? RARELY_FROM + entry.rarely.next() : entry.soon.next();
    entry.timer = timers.after(pause, () => {
      entry.timer = undefined;
      this.asked++;
      ask(connection, stream);
    });
  }

  granted(stream: AskedStream): void {
    const name = nameOf(stream);
    this.#entries.get(name)?.timer?.cancel();
    this.#entries.delete(name);
  }

  close(): void {
    for (const { timer } of this.#entries.values()) timer?.cancel();
    this.#entries.clear();
  }
}

function nameOf({ channel, interval, native }: AskedStream): string {
  return `${channel} ${native} ${interval ?? ''}`;
}
