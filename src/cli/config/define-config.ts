import type { RiskLimits } from '../../brokers/binance/risk.ts';
import type { BacktraderProfile } from '../../brokers/simulated/backtrader/profile.ts';
import type { Commission } from '../../brokers/simulated/commission.ts';
import type { FundingTerms } from '../../brokers/simulated/funding.ts';
import type { IntrabarPolicy } from '../../brokers/simulated/intrabar.ts';
import type { Sizer } from '../../engine/sizers/sizer.ts';
import type { StrategyClass } from '../../engine/strategy.ts';
import type { Instrument, Market } from '../../model/instrument.ts';
import type { Interval } from '../../model/interval.ts';
import type { ParameterSet, ParameterValues } from '../../model/parameters.ts';

/** One data file, with what its content does not say. Paths are relative to the config file. */
export interface DataFile {
  readonly file: string;
  /** Default: read off the file's name. */
  readonly symbol?: string;
  /** Default: the most common distance between bars. */
  readonly interval?: Interval;
  /** What a bar's time means in this file; default `open`. */
  readonly stamps?: 'open' | 'close';
}

/** What may be said of a symbol; what is left out has no rule. */
export type InstrumentTerms = Partial<Omit<Instrument, 'symbol' | 'market'>>;

/** What `qt.config.ts` may hold: the defaults of `qt backtest` and `qt live`, which flags override. */
export interface Config<S extends StrategyClass = StrategyClass> {
  /** The strategy class itself. */
  readonly strategy?: S;
  /** Overrides of the strategy's parameters; used only for the strategy of this file, if it names one. */
  readonly params?: S extends { readonly parameters: infer P extends ParameterSet }
    ? Partial<ParameterValues<P>>
    : Readonly<Record<string, unknown>>;
  /** The first one is the strategy's `data`. */
  readonly data?: string | DataFile | readonly (string | DataFile)[];
  /** The SQLite file of bars that were imported or downloaded; default `.qt/data.sqlite` in the current directory. */
  readonly dataStore?: string;
  /** `spot` (default): no shorts. `usdm`: a linear perpetual. */
  readonly market?: Market;
  /** Start of the run: an ISO date or date-time (UTC unless it names a zone), a Date, or epoch ms. */
  readonly from?: string | number | Date;
  /** The run ends before this moment. */
  readonly to?: string | number | Date;
  /** Bars of warm-up. Default: what the indicators need before `from`, none without `from`. */
  readonly warmup?: number;
  /** Whose rules orders and account go by in a backtest; default `crypto`. A described one has its own rates. */
  readonly profile?: 'crypto' | 'backtrader' | BacktraderProfile;
  /** Starting capital in quote; default 10,000. */
  readonly cash?: number;
  /** A fraction of the traded value, text (`'0.1%'`, `'maker:0.02%,taker:0.05%'`) or a model; default 0.001. */
  readonly commission?: number | string | Commission;
  /** What the fee of a purchase on spot is taken in; default quote. */
  readonly feeIn?: 'quote' | 'base';
  /** A saved answer of Binance's `GET /api/v3/exchangeInfo`, plain or gzipped: the rules of the symbols of the data. */
  readonly exchangeInfo?: string;
  /** Rules of symbols, which win over those of `exchangeInfo`: `{ BTCUSDT: { tickSize: 0.01, lotStep: 0.00001 } }`. */
  readonly instruments?: Readonly<Record<string, InstrumentTerms>>;
  /** A fraction of the price, or text in percent; default 0. */
  readonly slippage?: number | string;
  /** Which way the price goes inside a bar; default `worst`. */
  readonly intrabar?: IntrabarPolicy;
  /** Finer bars of the data's symbols, on which orders are filled: files as in `data`. For `qt backtest` alone. */
  readonly fillData?: string | DataFile | readonly (string | DataFile)[];
  /** `usdm`: positions may be worth this many times the account; default 1. */
  readonly leverage?: number;
  /** `usdm`: the share of its positions that the account must keep, a fraction or text in percent; default 0.005. */
  readonly maintenance?: number | string;
  /** `usdm`: of a liquidated position; default 0.005. */
  readonly liquidationFee?: number | string;
  /** `usdm`: what longs pay every 8 hours, a table of times and rates, or a CSV file of `time,rate`; default none. */
  readonly funding?: string | FundingTerms;
  /** The size of orders that name none; default 'all-in'. */
  readonly sizer?: 'all-in' | `percent:${number}` | `fixed:${number}` | Sizer;
  /** Run on longer bars, made of those of the data: '1h'. */
  readonly resample?: Interval;
  /** What to do with rows that cannot be read; default `error`. */
  readonly onBadRow?: 'error' | 'skip';
  /** What `qt live` follows, and how. */
  readonly live?: LiveConfig;
  /** Where `qt data fetch` finds Binance's archives and REST; default Binance's own addresses. */
  readonly fetch?: FetchConfig;
  /** What `qt serve` gives out, and how; config.ini wins over it. */
  readonly server?: ServerConfig;
  /** What `qt collect` collects; config.ini wins over it. */
  readonly collect?: CollectConfig;
  /** Where the HTML report goes, or false for none; default `qt-report.html` in the current directory. */
  readonly report?: string | false;
}

/** Addresses without a slash at the end, for a mirror or a stand-in. */
export interface FetchConfig {
  readonly archiveUrl?: string;
  readonly restUrl?: string;
}

/** The defaults of `qt live`. */
export interface LiveConfig {
  /** The first one is the strategy's `data`. */
  readonly symbols?: readonly string[];
  /** One for all symbols, or one a symbol. */
  readonly interval?: Interval | readonly Interval[];
  /** `binance` (default), `testnet`, `demo`, `local`, or a URL. */
  readonly exchange?: string;
  /** The SQLite file of the sessions; default `.qt/sessions.sqlite` in the current directory. */
  readonly store?: string;
  /** How long a step waits for a series that is behind, ms; default 1,500. */
  readonly barrierMs?: number;
  /** A bar given later than this after its close opens no position, ms; default its length. */
  readonly lateMs?: number;
  /** Limits of real trading; amounts in quote. Default: small ones, see `RiskLimits`. */
  readonly risk?: Partial<RiskLimits>;
  /** What Ctrl-C does with orders and positions; default `keep`. */
  readonly onExit?: 'keep' | 'cancel' | 'flatten';
}

/** The defaults of `qt collect`. */
export interface CollectConfig {
  readonly venue?: string | readonly string[];
  /** In any spelling. */
  readonly symbols?: string | readonly string[];
  /** Default `trades`, `book`. */
  readonly channels?: string | readonly string[];
  /** Of klines; default `1m`. */
  readonly interval?: Interval;
  /** Default `sqlite`. */
  readonly sink?: string | readonly string[];
  readonly out?: string;
  /** A folder for captures. */
  readonly capture?: string;
  /** Measure each instrument so often. */
  readonly metrics?: Interval;
}

/** The defaults of `qt serve`. The token has no place here: QT_SERVE_TOKEN, or a file. */
export interface ServerConfig extends Omit<CollectConfig, 'sink' | 'out' | 'capture'> {
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** Default 8765. */
  readonly port?: number;
  /** Captures to play. */
  readonly from?: string | readonly string[];
  readonly speed?: number;
  readonly tokenFile?: string;
  /** Serve other machines without a token. */
  readonly public?: boolean;
  readonly origins?: string | readonly string[];
  readonly compress?: boolean;
  /** `clients=1000` */
  readonly limit?: string | readonly string[];
}

/** Gives `qt.config.ts` its types: `export default defineConfig({ … })`. */
export function defineConfig<S extends StrategyClass>(config: Config<S>): Config<S> {
  return config;
}
