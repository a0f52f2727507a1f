import { Status } from '../brokers/orders.ts';
import { SimulatedBroker } from '../brokers/simulated/broker.ts';
import { type Commission, percentCommission } from '../brokers/simulated/commission.ts';
import type { FundingTerms } from '../brokers/simulated/funding.ts';
import type { FeeAsset } from '../brokers/simulated/funds.ts';
import { checkIntrabar, type IntrabarPolicy } from '../brokers/simulated/intrabar.ts';
import { percentSlippage, type Slippage } from '../brokers/simulated/slippage.ts';
import { DrawdownAnalyzer } from '../engine/analyzers/drawdown.ts';
import { ReturnsAnalyzer } from '../engine/analyzers/returns.ts';
import { TradesAnalyzer } from '../engine/analyzers/trades.ts';
import { Engine, type EngineProgress, instrumentsOf, type RunStats } from '../engine/engine.ts';
import type { ParameterValue } from '../engine/parameters.ts';
import { Recorder } from '../engine/recorder.ts';
import type { LogEntry } from '../engine/run-log.ts';
import { allIn } from '../engine/sizers/percent.ts';
import type { Sizer } from '../engine/sizers/sizer.ts';
import type { StrategyClass } from '../engine/strategy.ts';
import type { DataFeed } from '../feeds/feed.ts';
import type { Trade } from '../model/trade.ts';
import type { BacktestResult, RunSettings } from './result.ts';

/** What a run on the simulated broker is made of, whether its bars are history or come about while it runs. */
export interface RunOptions {
  readonly strategy: StrategyClass;
  /** Overrides of the strategy's declared parameters. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** Starting capital in quote; default 10,000. */
  readonly cash?: number | undefined;
  /** A fraction of the traded value, or a model; default 0.001. */
  readonly commission?: number | Commission | undefined;
  /** What the fee of a purchase on spot is taken in; default quote. */
  readonly feeIn?: FeeAsset | undefined;
  /** A fraction of the price, or a model; default 0. */
  readonly slippage?: number | Slippage | undefined;
  /** Which way the price is taken to go inside a bar; default `worst`. */
  readonly intrabar?: IntrabarPolicy | undefined;
  /** Of perpetuals: positions may be worth this many times the account; default 1. */
  readonly leverage?: number | undefined;
  /** Of perpetuals: the share of the positions' value that the account must keep; default 0.005. */
  readonly maintenance?: number | undefined;
  /** Of a liquidated position's value; default 0.005. */
  readonly liquidationFee?: number | undefined;
  /** Of perpetuals: a rate for every 8 hours, or a table of rates; default none. */
  readonly funding?: FundingTerms | undefined;
  /** Decides the size of orders that name none; default all in. */
  readonly sizer?: Sizer | undefined;
  /** Keep bars and indicators for a chart; default false. */
  readonly record?: boolean | undefined;
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  readonly onProgress?: ((progress: EngineProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Engine, simulated broker and analyzers, put together. */
export class SimulatedRun {
  readonly engine: Engine;
  readonly broker: SimulatedBroker;
  readonly settings: RunSettings;
  readonly #feeds: readonly DataFeed[];
  readonly #recorder: Recorder | undefined;
  readonly #analyzers = {
    returns: new ReturnsAnalyzer(),
    drawdown: new DrawdownAnalyzer(),
    trades: new TradesAnalyzer(),
  };

  constructor(feeds: readonly DataFeed[], options: RunOptions, fillFeeds: readonly DataFeed[] = []) {
    const { cash = 10_000, sizer = allIn(), feeIn = 'quote', leverage, maintenance } = options;
    const { liquidationFee, funding } = options;
    const intrabar = checkIntrabar(options.intrabar ?? 'worst');
    const commission = asModel(options.commission ?? 0.001, percentCommission);
    const slippage = asModel(options.slippage ?? 0, percentSlippage);
    this.#feeds = feeds;
    this.broker = new SimulatedBroker({
      instruments: instrumentsOf(feeds),
      cash,
      commission,
      slippage,
      feeIn,
      intrabar,
      margin: { leverage, maintenance, liquidationFee, funding },
    });
    this.#recorder = options.record === true ? new Recorder() : undefined;
    this.engine = new Engine({
      strategy: options.strategy,
      params: options.params ?? {},
      feeds,
      fillFeeds,
      broker: this.broker,
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
      cash,
      commission: commission.label,
      feeIn,
      slippage: slippage.label,
      intrabar,
      margin: this.broker.margin?.label ?? '',
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
      openTrades: broker.instruments
        .map((_, i) => account.trades.openOn(i, engine.lastBars[i]))
        .filter((trade): trade is Trade => trade !== undefined),
      orders: broker.orders,
      fills: account.fills,
      log: session.logbook.entries,
      logDropped: session.logbook.dropped,
      notes: [...this.#feeds.flatMap(feed => feed.notes?.() ?? []), ...engine.notes],
      recording: this.#recorder?.datas,
    };
  }
}

function asModel<M>(given: number | M, make: (rate: number) => M): M {
  return typeof given === 'number' ? make(given) : given;
}

function buyAndHold({ firstPrices, lastPrices }: RunStats): number {
  const growth = firstPrices.map((first, i) => lastPrices[i] / first).filter(ratio => !Number.isNaN(ratio));
  return growth.reduce((sum, ratio) => sum + ratio, 0) / growth.length - 1;
}
