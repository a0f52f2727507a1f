import type { Broker } from '../brokers/broker.ts';
import { Status } from '../brokers/orders.ts';
import { DrawdownAnalyzer } from '../engine/analyzers/drawdown.ts';
import { ReturnsAnalyzer } from '../engine/analyzers/returns.ts';
import { TradesAnalyzer } from '../engine/analyzers/trades.ts';
import { Engine, type EngineProgress, type RunStats } from '../engine/engine.ts';
import type { ParameterValue } from '../engine/parameters.ts';
import { Recorder } from '../engine/recorder.ts';
import type { LogEntry } from '../engine/run-log.ts';
import type { StrategyClass } from '../engine/strategy.ts';
import type { DataFeed } from '../feeds/feed.ts';
import type { BacktestResult, RunSettings } from './result.ts';
import { type TermsOptions, termsOf } from './terms.ts';

/** What a run on the simulated broker is made of, whether its bars are history or come about while it runs. */
export interface RunOptions extends TermsOptions {
  readonly strategy: StrategyClass;
  /** Overrides of the strategy's declared parameters. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** Keep bars and indicators for a chart; default false. */
  readonly record?: boolean | undefined;
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  readonly onProgress?: ((progress: EngineProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Engine, simulated broker and analyzers, put together. */
export class SimulatedRun {
  readonly engine: Engine;
  readonly broker: Broker;
  readonly settings: RunSettings;
  readonly #feeds: readonly DataFeed[];
  readonly #recorder: Recorder | undefined;
  readonly #analyzers = {
    returns: new ReturnsAnalyzer(),
    drawdown: new DrawdownAnalyzer(),
    trades: new TradesAnalyzer(),
  };

  constructor(feeds: readonly DataFeed[], options: RunOptions) {
    const { broker, sizer, ...terms } = termsOf(feeds, options);
    this.#feeds = feeds;
    this.broker = broker;
    this.#recorder = options.record === true ? new Recorder() : undefined;
    this.engine = new Engine({
      strategy: options.strategy,
      params: options.params ?? {},
      feeds,
      broker,
      sizer,
      analyzers: Object.values(this.#analyzers),
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
  result(stats: RunStats, elapsedMs: number): BacktestResult {
    const { broker, engine, settings } = this;
    const { account } = broker;
    const { session } = engine;
    return {
      settings,
      metrics: {
        startValue: settings.cash,
        endValue: account.value,
        returns: this.#analyzers.returns.end(),
        drawdown: this.#analyzers.drawdown.end(),
        trades: this.#analyzers.trades.end(),
        exposure: stats.exposedSteps / stats.steps,
        fees: account.fees,
        funding: account.funding,
        turnover: account.turnover,
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
      openTrades: broker.instruments.flatMap((_, i) => account.trades.openOn(i, engine.lastBars[i])),
      orders: broker.orders,
      fills: account.fills,
      log: session.logbook.entries,
      logDropped: session.logbook.dropped,
      notes: [...this.#feeds.flatMap(feed => feed.notes?.() ?? []), ...engine.notes],
      recording: this.#recorder?.datas,
    };
  }
}

function buyAndHold({ firstPrices, lastPrices }: RunStats): number {
  const growth = firstPrices.map((first, i) => lastPrices[i] / first).filter(ratio => !Number.isNaN(ratio));
  return growth.reduce((sum, ratio) => sum + ratio, 0) / growth.length - 1;
}
