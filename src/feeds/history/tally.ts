import type { Bars } from '../../model/bars.ts';
import { type Interval, intervalMs } from '../../model/interval.ts';
import type { TimeRange } from '../../store/bars.ts';
import type { Archive } from '../../venues/binance/history.ts';
import type { HistoryOptions } from './contract.ts';

/** To download an archive is so much of the work, to read and store it the rest. */
const DOWNLOAD_SHARE = 0.7;

/** Puts bars into the store, and counts what has come and how far the work is. */
export class Tally {
  readonly counts = { added: 0, same: 0, different: 0, archives: 0 };
  readonly #options: HistoryOptions;
  readonly #length: number;
  #expected = 0;
  #done = 0;
  /** What archives count for that are on their way, in bars. */
  readonly #under = new Map<Archive, number>();
  #bytes = 0;

  constructor(options: HistoryOptions, interval: Interval) {
    this.#options = options;
    this.#length = intervalMs(interval);
  }

  expect(ranges: readonly TimeRange[]): void {
    this.#expected = sum(ranges.map(range => this.bars(range)));
  }

  /** About how many bars a range holds. */
  bars({ from, to }: TimeRange): number {
    return (to - from) / this.#length;
  }

  /** Bytes of an archive have come; `share` of it is there, NaN where its length is not known. */
  came(archive: Archive, bytes: number, share: number): void {
    this.#bytes += bytes;
    if (share <= 1) this.#under.set(archive, share * DOWNLOAD_SHARE * this.bars(archive));
    this.#tell();
  }

  /** An archive is not on its way any more. */
  arrived(archive: Archive): void {
    this.#under.delete(archive);
  }

  /** Counts a range as done once `work` has succeeded, meanwhile what it puts; of a failure nothing. */
  async over(
    range: TimeRange,
    isArchive: boolean,
    work: (put: (bars: Bars) => void) => unknown,
  ): Promise<void> {
    const before = this.#done;
    const share = isArchive ? 1 - DOWNLOAD_SHARE : 1;
    if (isArchive) this.#done += DOWNLOAD_SHARE * this.bars(range);
    try {
      await work(bars => {
        this.put(bars);
        this.#done += share * bars.length;
        this.#tell();
      });
      this.#done = before + this.bars(range);
      if (isArchive) this.counts.archives++;
    } catch (error) {
      this.#done = before;
      throw error;
    }
    this.#tell();
  }

  put(bars: Bars): void {
    const { store, key, replace } = this.#options;
    const { added, same, different } = store.put(key, bars, replace === true ? { replace } : {});
    this.counts.added += added;
    this.counts.same += same;
    this.counts.different += different;
  }

  #tell(): void {
    const done = this.#done + sum([...this.#under.values()]);
    this.#options.onProgress?.({ done, expected: this.#expected, bytes: this.#bytes });
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
