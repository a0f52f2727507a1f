import type { Interval } from '../../model/interval.ts';
import type { TimeRange } from '../../store/bars.ts';
import { binanceBarStart } from '../../venues/binance/intervals.ts';
import type { HistoryNotice, HistoryOptions } from './contract.ts';
import { joined } from './plan.ts';

/** What the venue lacks between two bars is lacking for good so long after it, ms. */
const BETWEEN_MS = 600_000;
/** The same where no later bar shows that the venue went on. */
const AT_THE_END_MS = 86_400_000;
/** Archives come at most so late, ms. */
const PUBLISHED_MS = 7 * 86_400_000;

/** What the venue has been found not to have: noted in the store as soon as that is certain, or pending. */
export class VenueGaps {
  readonly #options: HistoryOptions;
  readonly #interval: Interval;
  readonly #tell: (notice: HistoryNotice) => void;
  readonly #empty: TimeRange[] = [];
  readonly #pending: TimeRange[] = [];

  constructor(options: HistoryOptions, interval: Interval, tell: (notice: HistoryNotice) => void) {
    this.#options = options;
    this.#interval = interval;
    this.#tell = tell;
  }

  get empty(): readonly TimeRange[] {
    return joined(this.#empty);
  }

  get pending(): readonly TimeRange[] {
    return joined(this.#pending);
  }

  /** REST has said twice that it has nothing there; `followed` by later bars or not. `now` is the venue's time. */
  lacksRest(gap: TimeRange, followed: boolean, now: number): void {
    this.#settle(gap, now - (followed ? BETWEEN_MS : AT_THE_END_MS));
  }

  /** Nothing but archives could have it, and none has. */
  lacksArchives(gap: TimeRange, now: number): void {
    this.#settle(gap, now - PUBLISHED_MS);
  }

  /** What is before `certain` is empty for good. */
  #settle({ from, to }: TimeRange, certain: number): void {
    const end = to <= certain ? to : binanceBarStart(certain, this.#interval);
    if (from < end) this.#note({ from, to: end });
    if (end < to) this.#pending.push({ from: Math.max(from, end), to });
  }

  #note(range: TimeRange): void {
    const { store, key } = this.#options;
    store.noteEmpty(key, range);
    this.#empty.push(range);
    const name = `${key.symbol} ${key.interval}`;
    const message = `${name}: the venue has no bars from ${utc(range.from)} to ${utc(range.to)}`;
    this.#tell({ code: 'VENUE_GAP', message });
  }
}

/** `2024-01-31 15:00 UTC`, for messages. */
export function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
