import type { Broker } from '../brokers/broker.ts';
import { Status } from '../brokers/orders.ts';
import type { AnalyzerResults, AnalyzerSet } from '../engine/analyzers/analyzer.ts';
import { compareWith } from '../engine/analyzers/benchmark.ts';
import { DrawdownAnalyzer } from '../engine/analyzers/drawdown.ts';
import { longestFlat } from '../engine/analyzers/flat-time.ts';
import { type BenchmarkSource, type PeriodSeries, ReturnsAnalyzer } from '../engine/analyzers/returns.ts';
import { riskOf } from '../engine/analyzers/risk.ts';
import { TradesAnalyzer } from '../engine/analyzers/trades.ts';
import { Engine } from '../engine/engine.ts';
import { type Observer, ObserverRecording } from '../engine/observers/observer.ts';
import { Recorder } from '../engine/recorder.ts';
import type { LogEntry } from '../engine/run-log.ts';
import type { EngineProgress, RunStats } from '../engine/run-stats.ts';
import type { StrategyClass } from '../engine/strategy.ts';
import type { DataFeed } from '../feeds/feed.ts';
import type { Arrays } from '../model/array-pool.ts';
import { InputError } from '../model/errors.ts';
import type { ParameterValue } from '../model/parameters.ts';
import type { BacktestResult, RunSettings } from './result.ts';
import { resultFrames } from './result-frames.ts';
import { type Terms, type TermsOptions, termsOf } from './terms.ts';

/** What a run is made of, whatever broker executes its orders. */
export interface StrategyOptions<A extends AnalyzerSet = AnalyzerSet> {
  readonly strategy: StrategyClass;
  /** Overrides of the strategy's declared parameters. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** Watch the run; what each returns is found under its name in the result's `analyzers`. */
  readonly analyzers?: A | undefined;
  /** Write down a few values after each step; their lines are the result's `observers`, in this order. */
  readonly observers?: readonly Observer[] | undefined;
  /** Keep bars and indicators for a chart; default false. */
  readonly record?: boolean | undefined;
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  readonly onProgress?: ((progress: EngineProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a run on the simulated broker is made of, whether its bars are history or come about while it runs. */
export interface RunOptions<A extends AnalyzerSet = AnalyzerSet> extends StrategyOptions<A>, TermsOptions {}

/** Data that the strategy does not see. */
export interface FurtherData {
  readonly benchmark?: BenchmarkSource | undefined;
  /** On which orders are matched. */
  readonly fillFeeds?: readonly DataFeed[];
  /** False for a run of which only figures are wanted: its equity curve is empty. */
  readonly keepEquity?: boolean;
  /** Of a run of which nobody keeps more than figures: what its tables and lines are made of. */
  readonly arrays?: Arrays | undefined;
}

/** Engine, analyzers and the broker of the terms, put together. */
export class Run<A extends AnalyzerSet = AnalyzerSet> {
  readonly engine: Engine;
  readonly broker: Broker;
  readonly settings: RunSettings;
  readonly #feeds: readonly DataFeed[];
  readonly #recorder: Recorder | undefined;
  readonly #analyzers;
  readonly #benchmark: string;

  readonly #extra: A;
  readonly #observers: readonly ObserverRecording[];

  constructor(
    feeds: readonly DataFeed[],
    options: StrategyOptions<A>,
    { broker, sizer, midnight, ...terms }: Terms,
    { benchmark, fillFeeds = [], keepEquity, arrays }: FurtherData = {},
  ) {
    this.#benchmark = benchmark?.name ?? 'buy & hold';
    this.#analyzers = {
      returns: new ReturnsAnalyzer(benchmark),
      drawdown: new DrawdownAnalyzer(),
      trades: new TradesAnalyzer(),
    };
    claim([...Object.values(options.analyzers ?? {}), ...(options.observers ?? [])]);
    this.#extra = options.analyzers ?? ({} as A);
    this.#observers = (options.observers ?? []).map(observer => new ObserverRecording(observer));
    this.#feeds = feeds;
    this.broker = broker;
    this.#recorder = options.record === true ? new Recorder() : undefined;
    this.engine = new Engine({
      strategy: options.strategy,
      params: options.params ?? {},
      feeds,
      fillFeeds,
      keepEquity,
      arrays,
      broker,
      sizer,
      analyzers: [...Object.values(this.#analyzers), ...Object.values(this.#extra), ...this.#observers],
      midnight,
      recorder: this.#recorder,
      onLog: options.onLog,
      onProgress: options.onProgress,
      signal: options.signal,
    });
    this.settings = {
      strategy: options.strategy.name,
      params: { ...this.engine.session.params } as Record<string, ParameterValue>,
      datas: feeds.map(({ instrument, interval }) => ({ instrument, interval })),
      ...terms,
      sizer: sizer.label,
    };
  }

  /** Everything about the run, once the engine has finished. */
  result(stats: RunStats, elapsedMs: number): BacktestResult<A> {
    const { broker, engine, settings } = this;
    const { account } = broker;
    const { session } = engine;
    const drawdown = this.#analyzers.drawdown.end();
    const returns = this.#analyzers.returns.end();
    const { series } = this.#analyzers.returns;
    const openTrades = broker.instruments.flatMap((_, i) => account.trades.openOn(i, engine.lastBars[i]));
    const openEntries = openTrades.map(trade => trade.entryTime);
    return {
      ...resultFrames,
      settings,
      metrics: {
        startValue: settings.cash,
        endValue: account.value,
        returns,
        drawdown,
        risk: riskOf(series, returns.cagr, drawdown.max),
        benchmark: compareWith(this.#benchmark, series),
        trades: this.#analyzers.trades.end(),
        exposure: stats.exposedSteps / stats.steps,
        fees: account.fees,
        funding: account.funding,
        turnover: account.turnover,
        annualTurnover: annualTurnover(account.turnover, series, stats),
        longestFlatMs: longestFlat(account.trades, openEntries, stats.from, stats.to),
        buyAndHold: buyAndHold(stats),
        orders: {
          total: broker.orders.length,
          completed: broker.orders.count(Status.completed),
          refused: broker.orders.refusals(),
          open: broker.orders.countAlive(),
          liquidations: broker.liquidations,
          pathDependent: broker.pathDependent,
        },
      },
      stats: { ...stats, elapsedMs },
      equity: engine.equity,
      trades: account.trades,
      positions: broker.instruments.map(({ symbol }, i) => ({
        symbol,
        size: account.sizes[i],
        price: account.averages[i],
      })),
      openTrades,
      orders: broker.orders,
      fills: account.fills,
      log: session.logbook.entries,
      logDropped: session.logbook.dropped,
      notes: [...this.#feeds.flatMap(feed => feed.notes?.() ?? []), ...engine.notes],
      recording: this.#recorder?.datas,
      analyzers: resultsOf(this.#extra),
      observers: this.#observers.map(observer => observer.end()),
    };
  }
}

/** A run on the simulated broker. */
export class SimulatedRun<A extends AnalyzerSet = AnalyzerSet> extends Run<A> {
  constructor(feeds: readonly DataFeed[], options: RunOptions<A>, further: FurtherData = {}) {
    super(feeds, options, termsOf(feeds, options, further.arrays), further);
  }
}

/** Analyzers and observers keep what they saw: in a second run they would go on with it. */
const used = new WeakSet<object>();

function claim(watchers: readonly object[]): void {
  for (const watcher of watchers) {
    if (used.has(watcher)) {
      throw new InputError('ANALYZER_USED', 'an analyzer or observer was given that a run has had already', {
        value: watcher.constructor.name,
        fix: 'make a new one for each run',
      });
    }
    used.add(watcher);
  }
}

function resultsOf<A extends AnalyzerSet>(analyzers: A): AnalyzerResults<A> {
  const results = Object.entries(analyzers).map(([name, analyzer]) => [name, analyzer.end()] as const);
  return Object.fromEntries(results) as AnalyzerResults<A>;
}

const DAY = 86_400_000;

/** Turnover a year of 365 days over the mean value at the ends of the periods. */
function annualTurnover(turnover: number, { values }: PeriodSeries, { from, to }: RunStats): number {
  const elapsed = to - from;
  if (!(elapsed >= DAY)) return Number.NaN;
  let sum = 0;
  for (const value of values.subarray(1)) sum += value;
  return (turnover / (sum / (values.length - 1))) * ((365 * DAY) / elapsed);
}

function buyAndHold({ firstPrices, lastPrices }: RunStats): number {
  const growth = firstPrices.map((first, i) => lastPrices[i] / first).filter(ratio => !Number.isNaN(ratio));
  return growth.reduce((sum, ratio) => sum + ratio, 0) / growth.length - 1;
}
