import { InputError, NetworkError } from '../../model/errors.ts';
import { ConnectBudget } from '../../net/connect-budget.ts';
import type { Timer } from '../../net/network.ts';
import { checkBinanceInterval } from '../../venues/binance/intervals.ts';
import { STREAM_LIMITS } from '../../venues/binance/streams.ts';
import type { LiveKlines, LiveKlinesOptions, LiveNotice, LiveStatus, Series } from './contract.ts';
import { Lockstep } from './lockstep.ts';
import { MarketRest } from './market-rest.ts';
import { type Opening, openMarket } from './opening.ts';
import { KlineSeries, type SeriesHost } from './series.ts';
import { Streams } from './streams.ts';

/** The clock is compared with the exchange's this often, ms. */
const MEASURE_MS = 600_000;
/** When something looks off, not more often than this, ms. */
const MEASURE_AGAIN_MS = 60_000;
/** How far a frame's time may be from what our clock says, market ms. */
const OFF_MS = 5000;
/** Our own attempts leave room for others behind the same address. */
const CONNECT_SHARE = 0.8;

/**
 * Opens klines of one or more series at an exchange that speaks Binance's API. Throws `INTERVAL_UNSUPPORTED`,
 * `SYMBOL_UNKNOWN`, `SERIES_MISSING`, `SERIES_TWICE`; with `once` also `EXCHANGE_UNREACHABLE`. Connections are made
 * when the first feed is read; in lockstep, when all are.
 */
export async function openLiveKlines(options: LiveKlinesOptions): Promise<LiveKlines> {
  checkSeries(options.series);
  const { endpoints, network, signal } = options;
  const closing = new AbortController();
  const abort = () => closing.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const notice = (level: LiveNotice['level'], code: string, message: string) =>
    options.onNotice?.({ time: network.timers.now(), level, code, message });
  const rest = new MarketRest({ endpoints, network, signal: closing.signal, notice });
  try {
    const symbols = [...new Set(options.series.map(({ symbol }) => symbol))];
    const opening = await openMarket({ endpoints, network, rest, symbols, once: options.once ?? false });
    return new OpenKlines(options, rest, opening, notice, closing);
  } catch (error) {
    closing.abort();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function checkSeries(series: readonly Series[]): void {
  if (series.length === 0) {
    throw new InputError('SERIES_MISSING', 'no series of klines was asked for', {
      value: series,
      limit: 1,
      fix: 'name a symbol and an interval',
    });
  }
  const seen = new Set<string>();
  for (const { symbol, interval } of series) {
    checkBinanceInterval(interval);
    const name = `${symbol} ${interval}`;
    if (seen.has(name)) {
      throw new InputError('SERIES_TWICE', `${name} was asked for twice`, {
        value: name,
        fix: 'name it once',
      });
    }
    seen.add(name);
  }
}

class OpenKlines implements LiveKlines {
  readonly feeds: LiveKlines['feeds'];
  readonly #series: readonly KlineSeries[];
  readonly #streams: Streams;
  readonly #lockstep: Lockstep | undefined;
  readonly #host: SeriesHost;
  readonly #closing: AbortController;
  #begun = Number.NaN;
  #connected = false;
  #closed: Promise<void> | undefined;
  /** When the replay ended, market's time; NaN before. */
  #over = Number.NaN;
  #measuring: Timer | undefined;
  #measuredAt: number;
  #due: Timer | undefined;
  #dueAt = Number.POSITIVE_INFINITY;

  constructor(
    options: LiveKlinesOptions,
    rest: MarketRest,
    { info, instruments, clock }: Opening,
    notice: SeriesHost['notice'],
    closing: AbortController,
  ) {
    const { endpoints, network } = options;
    this.#closing = closing;
    this.#measuredAt = network.timers.now();
    let lagging = false;
    this.#host = {
      network,
      clock,
      rest,
      lockstep: info?.lockstep === true,
      forming: options.forming ?? false,
      lateMs: options.lateMs,
      past: options.past,
      counters: { frames: 0, duplicates: 0, revised: 0, reconnects: 0, gapsFilled: 0, dropped: 0 },
      notice,
      begin: () => this.#begin(),
      get lagging() {
        return lagging;
      },
      restLags: () => {
        lagging = true;
      },
      ended: () => this.#ended(),
      changed: () => this.#changed(),
      due: () => this.#schedule(),
      missed: (series, end) => this.#streams.of(series)?.missed(series, end),
      heard: time => this.#heard(time),
    };
    this.#series = options.series.map(
      ({ symbol, interval }) => new KlineSeries(this.#host, instruments.get(symbol)!, interval),
    );
    this.feeds = this.#series.map(({ feed }) => feed);
    this.#streams = new Streams({
      host: this.#host,
      address: endpoints.stream,
      series: this.#series,
      replay: info !== undefined,
      budget: new ConnectBudget(
        Math.floor(STREAM_LIMITS.connects * CONNECT_SHARE),
        STREAM_LIMITS.connectsWindowMs,
      ),
      onTick: (source, tick) => {
        clock.heard(tick.E);
        // The last of the data has closed, whatever the exchange's clock says.
        const time = tick.end ? Math.max(tick.E, info?.end ?? tick.E) : tick.E;
        for (const series of source.series) series.told(time, tick.end);
        if (tick.end) this.#over = time;
        if (this.#lockstep === undefined) this.#changed();
        else this.#lockstep.ticked(source, { ...tick, E: time });
      },
    });
    this.#lockstep = this.#host.lockstep
      ? new Lockstep(this.#series, this.#streams.connections, () => this.#finish())
      : undefined;
    if (info === undefined) this.#tellOffset();
  }

  status(): LiveStatus {
    const { clock, counters } = this.#host;
    const { connections } = this.#streams;
    const dropped = this.#series.reduce((sum, { outbox }) => sum + outbox.dropped, counters.dropped);
    const reconnects = connections.reduce((sum, connection) => sum + connection.reconnects, 0);
    return {
      connections: connections.map(({ url, state }) => ({ url, state })),
      series: this.#series.map(({ symbol, interval, state, last }) => ({ symbol, interval, state, last })),
      time: clock.now(),
      counters: { ...counters, dropped, reconnects },
    };
  }

  close(): Promise<void> {
    if (this.#closed === undefined) {
      // Ending the last series asks for this again.
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#closed = promise;
      void this.#close().then(resolve);
    }
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#measuring?.cancel();
    this.#due?.cancel();
    for (const series of this.#series) series.end();
    if (!this.#connected) return;
    await Promise.all(this.#streams.connections.map(connection => connection.close()));
  }

  #begin(): number {
    if (Number.isNaN(this.#begun)) this.#begun = this.#host.clock.now();
    // A lockstep's time must not go on before all are there to see it.
    const all = !this.#host.lockstep || this.#series.every(({ started }) => started);
    if (all && !this.#connected) {
      this.#connected = true;
      for (const connection of this.#streams.connections) connection.open();
      if (!this.#host.lockstep) this.#measureIn(MEASURE_MS);
    }
    return this.#begun;
  }

  #ended(): void {
    if (this.#series.every(({ ended }) => ended)) void this.close();
    else this.#lockstep?.check();
  }

  #changed(): void {
    if (this.#lockstep !== undefined) this.#lockstep.check();
    else if (!Number.isNaN(this.#over)) {
      for (const series of this.#series) {
        if (series.started && series.complete(this.#over)) series.finish();
      }
    }
  }

  /** The replay is over: what is waiting can still be taken. */
  #finish(): void {
    for (const series of this.#series) series.finish();
  }

  /** Sets the timer to when the first of the next bars is overdue. */
  #schedule(): void {
    const { clock, lockstep, network } = this.#host;
    if (lockstep || this.#closed !== undefined) return;
    let deadline = Number.POSITIVE_INFINITY;
    for (const series of this.#series) if (series.started) deadline = Math.min(deadline, series.deadline);
    if (deadline === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(0, clock.local(deadline - clock.now()));
    const at = network.timers.now() + wait;
    if (at >= this.#dueAt) return;
    this.#due?.cancel();
    this.#dueAt = at;
    this.#due = network.timers.after(wait, () => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#due = undefined;
      const now = clock.now();
      for (const series of this.#series) if (series.deadline <= now) series.overdue();
      this.#schedule();
    });
  }

  #measureIn(ms: number): void {
    const { clock, network, rest } = this.#host;
    this.#measuring?.cancel();
    this.#measuring = network.timers.after(ms, () => {
      // A replay that is over may have stopped its clock.
      if (!Number.isNaN(this.#over)) return;
      this.#measuredAt = network.timers.now();
      rest.measure(clock).then(
        () => this.#measured(MEASURE_MS),
        error => {
          // The next attempt may succeed; until then the clock goes on as it was.
          if (error instanceof NetworkError) this.#measured(MEASURE_AGAIN_MS);
        },
      );
    });
  }

  #measured(next: number): void {
    if (this.#closed !== undefined) return;
    this.#schedule();
    this.#measureIn(next);
  }

  /** A frame named the market's time. */
  #heard(time: number): void {
    const { clock, lockstep, network } = this.#host;
    clock.heard(time);
    if (lockstep || !Number.isNaN(this.#over)) return;
    const off = Math.abs(time - clock.now()) > OFF_MS * Math.max(1, clock.speed);
    if (!off || network.timers.now() - this.#measuredAt < MEASURE_AGAIN_MS) return;
    this.#measuredAt = network.timers.now();
    this.#measureIn(0);
  }

  #tellOffset(): void {
    const { clock, notice } = this.#host;
    const off = clock.offset / 1000;
    if (Math.abs(off) < 1) return;
    const direction = off > 0 ? 'behind' : 'ahead of';
    notice(
      'warning',
      'CLOCK_OFF',
      `this machine's clock is ${Math.abs(off).toFixed(1)} s ${direction} the exchange's`,
    );
  }
}
