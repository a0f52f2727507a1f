import type { DataFeed, FeedEvent } from '../../src/feeds/feed.ts';

/** A live feed that says what it is told to. */
export interface PushedFeed extends DataFeed {
  push(...events: FeedEvent[]): void;
  /** Throws `error` after what was pushed. */
  fail(error: unknown): void;
  /** True from the first question to the end. */
  readonly isOpen: boolean;
  /** Called when an event has been taken, as the next one is asked for. */
  onTaken: () => void;
  /** A new feed of the same series. */
  again(): PushedFeed;
}

export function pushedFeed(terms: Pick<DataFeed, 'instrument' | 'interval'>): PushedFeed {
  const queue: FeedEvent[] = [];
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};
  let isOpen = false;
  return {
    ...terms,
    stamps: 'open',
    columns: [],
    onTaken: () => {},
    get isOpen() {
      return isOpen;
    },
    push(...events) {
      queue.push(...events);
      wake();
    },
    fail(error) {
      failure = { error };
      wake();
    },
    again: () => pushedFeed(terms),
    async *events({ signal }): AsyncGenerator<FeedEvent> {
      isOpen = true;
      signal.addEventListener('abort', () => wake(), { once: true });
      try {
        while (!signal.aborted) {
          const event = queue.shift();
          if (event !== undefined) {
            yield event;
            this.onTaken();
          } else if (failure !== undefined) throw failure.error;
          else {
            await new Promise<void>(resolve => {
              wake = resolve;
            });
          }
        }
      } finally {
        isOpen = false;
      }
    },
  };
}
