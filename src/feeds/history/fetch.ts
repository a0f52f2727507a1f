import type { Bars } from '../../model/bars.ts';
import { InputError, NetworkError } from '../../model/errors.ts';
import { type Interval, intervalMs } from '../../model/interval.ts';
import { missingOf, seriesKey } from '../../store/bar-series.ts';
import type { TimeRange } from '../../store/bars.ts';
import type { Archive } from '../../venues/binance/history.ts';
import { binanceBarStart, checkBinanceInterval } from '../../venues/binance/intervals.ts';
import { klineBars } from '../../venues/binance/kline.ts';
import { archiveBars } from './archive-bars.ts';
import { ArchiveClient } from './archive-client.ts';
import type { HistoryNotice, HistoryOptions, HistoryReport } from './contract.ts';
import { inOrder } from './in-order.ts';
import { archivesFor, joined } from './plan.ts';
import { isRefusedSymbol, RestClient, SETTLED_MS } from './rest-client.ts';
import { Tally } from './tally.ts';
import { utc, VenueGaps } from './venue-gaps.ts';

/** Archives that are downloaded at the same time. */
const ARCHIVES_AT_ONCE = 3;
/** Parts of a range that REST is asked for at the same time. */
const SEGMENTS_AT_ONCE = 4;
/** After so many archives in a row that could not be had, REST is asked for all others. */
const MOST_FAILURES = 2;

/**
 * Brings what a store lacks of a range: whole months and days from the venue's archives, the rest by REST. What has come is
 * in the store, whatever happens then; running it again goes on. Throws `SYMBOL_UNKNOWN`, `INTERVAL_UNSUPPORTED`,
 * `FETCH_INCOMPLETE` when something could not be had, and the signal's reason.
 */
export async function fetchHistory(options: HistoryOptions): Promise<HistoryReport> {
  const ending = new AbortController();
  const { signal } = options;
  const abort = () => ending.abort(signal!.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await new HistoryFetch(options, ending.signal).run();
  } finally {
    signal?.removeEventListener('abort', abort);
    // What is still under way after a failure is of no use.
    ending.abort();
  }
}

class HistoryFetch {
  readonly #options: HistoryOptions;
  readonly #signal: AbortSignal;
  readonly #interval: Interval;
  readonly #rest: RestClient;
  readonly #archives: ArchiveClient;
  /** The venue's time, epoch ms UTC. */
  #now = Number.NaN;
  #range: TimeRange = { from: 0, to: 0 };
  /** Ranges of archives that were read. */
  readonly #read: TimeRange[] = [];
  /** Why an archive that exists could not be had. */
  #failure: NetworkError | undefined;
  #failures = 0;
  /** False for a symbol that REST does not know (any more). */
  #known = true;
  /** Why REST cannot be asked. */
  /** Archives that failed while their server was never reached. */
  #unreached = 0;
  #restFailure: NetworkError | undefined;
  readonly #tally: Tally;
  readonly #gaps: VenueGaps;

  constructor(options: HistoryOptions, signal: AbortSignal) {
    const { key, market, network, download, folder } = options;
    this.#options = options;
    this.#signal = signal;
    this.#interval = seriesKey(key).interval;
    checkBinanceInterval(this.#interval);
    const onNotice = (notice: HistoryNotice) => this.#tell(notice);
    const common = { network, signal, onNotice };
    this.#rest = new RestClient({ ...common, market, symbol: key.symbol, interval: this.#interval });
    this.#archives = new ArchiveClient({
      ...common,
      url: market.archiveUrl,
      download,
      folder,
      onBytes: (archive, bytes, share) => this.#tally.came(archive, bytes, share),
    });
    this.#tally = new Tally(options, this.#interval);
    this.#gaps = new VenueGaps(options, this.#interval, onNotice);
  }

  async run(): Promise<HistoryReport> {
    this.#now = await this.#rest.time().catch(error => {
      this.#restFailed(error);
      return this.#options.network.timers.now();
    });
    this.#range = this.#closedRange();
    const holes = this.#holes();
    this.#tally.expect(holes);
    if (holes.length > 0) {
      const since = await this.#firstBar(holes[0]);
      await this.#readArchives('month', since);
      // Of a symbol that nobody knows, some month has something, or there is nothing.
      if (this.#known || this.#tally.counts.archives > 0) await this.#readArchives('day', since);
      if (this.#known) await this.#askRest();
      else this.#settleForgotten();
    }
    await this.#archives.clean();
    const { empty, pending } = this.#gaps;
    return { range: this.#range, ...this.#tally.counts, empty, pending };
  }

  /** From the first bar that opens at or after `from` up to the last one before `to` that has closed. */
  #closedRange(): TimeRange {
    const { from, to } = this.#options;
    const start = binanceBarStart(from, this.#interval);
    const first = start < from && this.#interval !== '3d' ? this.#nextStart(start) : from;
    const closed = binanceBarStart(this.#now - SETTLED_MS, this.#interval);
    return { from: first, to: Math.max(first, Math.min(to ?? closed, closed)) };
  }

  #nextStart(start: number): number {
    return binanceBarStart(start + intervalMs(this.#interval) * 1.5, this.#interval);
  }

  /** What has to be brought. */
  #holes(): readonly TimeRange[] {
    const { store, key, replace } = this.#options;
    const unknown = missingOf(store.coverage(key, this.#range), this.#range);
    return replace === true ? joined([...unknown, ...this.#unread(this.#range)]) : unknown;
  }

  /** What of a range no archive has been read for. */
  #unread(range: TimeRange): readonly TimeRange[] {
    return missingOf({ stretches: [], empty: joined(this.#read) }, range);
  }

  /** Open time of the first bar of the hole, so that no archives from before are asked for; NaN if it cannot be told. */
  async #firstBar(hole: TimeRange): Promise<number> {
    if (this.#restFailure !== undefined) return Number.NaN;
    try {
      return (await this.#rest.first(hole)) ?? Number.NaN;
    } catch (error) {
      if (isRefusedSymbol(error)) this.#known = false;
      else this.#restFailed(error);
      return Number.NaN;
    }
  }

  async #readArchives(period: Archive['period'], since: number): Promise<void> {
    const { key, market } = this.#options;
    const holes = this.#holes().flatMap(hole => this.#unread(hole));
    const archives = archivesFor(holes, {
      market: market.market,
      symbol: key.symbol,
      interval: this.#interval,
      period,
      now: this.#now,
    }).filter(({ to }) => !(to <= since));
    const results = inOrder(archives, ARCHIVES_AT_ONCE, async archive => ({
      archive,
      ...(await this.#get(archive)),
    }));
    for await (const { archive, file } of results) {
      this.#tally.arrived(archive);
      if (file === undefined) continue;
      try {
        await this.#tally.over(archive, true, put => this.#store(archive, file, put));
        this.#read.push(archive);
      } catch (error) {
        this.#archiveFailed(archive, error);
      } finally {
        await this.#archives.remove(file);
      }
    }
  }

  async #get(archive: Archive): Promise<{ readonly file: string | undefined }> {
    if (this.#failures >= MOST_FAILURES) return { file: undefined };
    try {
      const file = await this.#archives.get(archive);
      this.#failures = 0;
      return { file };
    } catch (error) {
      this.#failures++;
      this.#archiveFailed(archive, error);
      return { file: undefined };
    }
  }

  async #store(archive: Archive, file: string, put: (bars: Bars) => void): Promise<void> {
    const { key } = this.#options;
    const bars = archiveBars(file, archive, { symbol: key.symbol, interval: this.#interval }, this.#signal);
    for await (const chunk of bars) put(chunk);
    this.#signal.throwIfAborted();
  }

  async #askRest(): Promise<void> {
    const holes = this.#holes();
    if (holes.length === 0) return;
    if (this.#restFailure !== undefined) throw this.#incomplete(this.#restFailure);
    const gaps: TimeRange[] = [];
    try {
      const segments = holes.flatMap(hole => this.#rest.segments(hole));
      const answers = inOrder(segments, SEGMENTS_AT_ONCE, async segment => ({
        segment,
        ...(await this.#rest.range(segment, this.#now)),
      }));
      for await (const { segment, klines, gaps: lacking } of answers) {
        gaps.push(...lacking);
        this.#tellUnreached();
        await this.#tally.over(segment, false, put => {
          if (klines.length > 0) put(klineBars(klines));
        });
      }
      for (const gap of joined(gaps)) await this.#confirm(gap);
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error instanceof NetworkError ? this.#incomplete(error) : error;
    }
  }

  /** Asks once more for what the venue did not tell: one answer may be wrong, and what is noted is not asked for again. */
  async #confirm(gap: TimeRange): Promise<void> {
    const { klines, gaps } = await this.#rest.range(gap, this.#now);
    if (klines.length > 0) this.#tally.put(klineBars(klines));
    for (const empty of gaps) this.#gaps.lacksRest(empty, empty.to < this.#range.to, this.#now);
  }

  /** What REST does not know any more, the archives have or nobody. */
  #settleForgotten(): void {
    const { key, market, store } = this.#options;
    if (this.#failure !== undefined) throw this.#incomplete(this.#failure, market.archiveUrl);
    if (store.coverage(key).stretches.length === 0) {
      throw new InputError(
        'SYMBOL_UNKNOWN',
        `Binance has no symbol "${key.symbol}" on its ${market.market} market`,
        {
          value: key.symbol,
          fix: 'write it as the exchange does, such as BTCUSDT',
        },
      );
    }
    for (const hole of this.#holes()) this.#gaps.lacksArchives(hole, this.#now);
  }

  #archiveFailed(archive: Archive, error: unknown): void {
    this.#signal.throwIfAborted();
    if (!(error instanceof NetworkError)) throw error;
    this.#failure = error;
    if (!this.#archives.isReached) {
      this.#unreached++;
      return;
    }
    this.#tell({
      code: 'ARCHIVE_FAILED',
      message: `${archive.name}: ${error.message}; its bars are asked for one by one`,
    });
  }

  /** What is asked for one by one because the archives' server was never there; nothing where nothing else is either. */
  #tellUnreached(): void {
    if (this.#unreached === 0 || this.#failure === undefined) return;
    const what = this.#unreached === 1 ? 'the archive' : `${this.#unreached} archives`;
    this.#unreached = 0;
    this.#tell({
      code: 'ARCHIVE_FAILED',
      message: `${what} could not be had (${this.#failure.message}); the bars are asked for one by one`,
    });
  }

  #restFailed(error: unknown): void {
    this.#signal.throwIfAborted();
    if (!(error instanceof NetworkError)) throw error;
    this.#restFailure = error;
  }

  #incomplete(cause: NetworkError, url = this.#options.market.restUrl): NetworkError {
    const { key } = this.#options;
    const missing = this.#holes();
    const bars = Math.round(missing.reduce((sum, hole) => sum + this.#tally.bars(hole), 0));
    const name = `${key.symbol} ${key.interval}`;
    const when = `${utc(missing[0].from)} to ${utc(missing[missing.length - 1].to)}`;
    return new NetworkError(
      'FETCH_INCOMPLETE',
      `${name}: about ${bars} bars from ${when} could not be had from ${url} (${cause.message})`,
      {
        value: missing,
        limit: cause.code,
        fix: 'what came is stored; check the network or the addresses, then run the same command again, and it goes on',
        cause,
      },
    );
  }

  #tell(notice: HistoryNotice): void {
    if (!this.#signal.aborted) this.#options.onNotice?.(notice);
  }
}
