import { Run, type StrategyOptions } from '../../backtest/run.ts';
import { BinanceBroker } from '../../brokers/binance/broker.ts';
import type { ExchangeBroker } from '../../brokers/binance/commands.ts';
import type { CommissionRates, TradingSymbol } from '../../brokers/binance/port.ts';
import type { RiskLimits } from '../../brokers/binance/risk.ts';
import { instrumentsOf } from '../../engine/cursors.ts';
import { allIn } from '../../engine/sizers/percent.ts';
import type { Sizer } from '../../engine/sizers/sizer.ts';
import type { DataFeed } from '../../feeds/feed.ts';
import type { Instrument } from '../../model/instrument.ts';

/** What a broker for real orders is made of. */
export interface RealBrokerTerms {
  readonly instruments: readonly Instrument[];
  /** The session's capital, in quote. */
  readonly cash: number;
  /** In the order of the instruments. */
  readonly symbols: readonly TradingSymbol[];
  readonly commissions: readonly CommissionRates[];
  /** What the ids of orders are made from. */
  readonly sessionKey: string;
  readonly limits: Partial<RiskLimits>;
}

/** The same terms have to make the same broker: a session goes on, and is looked at, with one that was made anew. */
export type MakeRealBroker = (terms: RealBrokerTerms) => ExchangeBroker;

/** The dearest fees of a session's symbols, as fractions, and what those of purchases are taken in. */
export function feesOf(commissions: readonly CommissionRates[]): {
  readonly maker: number;
  readonly taker: number;
  readonly in: 'base' | 'other';
} {
  const most = (rate: 'maker' | 'taker') => Math.max(...commissions.map(one => Number(one[rate])));
  const inBnb = commissions.some(one => one.inBnb);
  return { maker: most('maker'), taker: most('taker'), in: inBnb ? 'other' : 'base' };
}

/** The broker of real sessions. Fees are taken to be the highest of the session's symbols. */
export const binanceBroker: MakeRealBroker = ({ commissions, sessionKey, limits, ...terms }) =>
  new BinanceBroker({ ...terms, session: sessionKey, fees: feesOf(commissions), limits });

export interface RealRunTerms extends Omit<RealBrokerTerms, 'instruments'> {
  readonly sizer?: Sizer | undefined;
  readonly broker?: MakeRealBroker | undefined;
}

/** A run whose orders are for an exchange. Nobody is asked: it wants what follows from what it is told. */
export function realRun(
  feeds: readonly DataFeed[],
  options: StrategyOptions,
  { sizer = allIn(), broker: make = binanceBroker, ...terms }: RealRunTerms,
): { readonly run: Run; readonly broker: ExchangeBroker } {
  const broker = make({ instruments: instrumentsOf(feeds), ...terms });
  const rates = new Set(terms.commissions.map(({ maker, taker }) => `maker ${maker}, taker ${taker}`));
  const run = new Run(feeds, options, {
    ...{ broker, cash: terms.cash, sizer },
    commission: [...rates].join('; '),
    slippage: "the market's",
    feeIn: 'quote',
    intrabar: '',
    margin: '',
    midnight: 'ends',
  });
  return { run, broker };
}
