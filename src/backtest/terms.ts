import type { Broker } from '../brokers/broker.ts';
import type { BacktraderProfile } from '../brokers/simulated/backtrader/profile.ts';
import { SimulatedBroker } from '../brokers/simulated/broker.ts';
import { type Commission, percentCommission } from '../brokers/simulated/commission.ts';
import type { FundingTerms } from '../brokers/simulated/funding.ts';
import type { FeeAsset } from '../brokers/simulated/funds.ts';
import { checkIntrabar, type IntrabarPolicy } from '../brokers/simulated/intrabar.ts';
import { percentSlippage, type Slippage } from '../brokers/simulated/slippage.ts';
import type { Midnight } from '../engine/analyzers/analyzer.ts';
import { instrumentsOf } from '../engine/cursors.ts';
import { fixedSize } from '../engine/sizers/fixed.ts';
import { allIn } from '../engine/sizers/percent.ts';
import type { Sizer } from '../engine/sizers/sizer.ts';
import type { DataFeed } from '../feeds/feed.ts';
import type { Arrays } from '../model/array-pool.ts';
import { InputError } from '../model/errors.ts';

/** By what rules a run trades, and what with. */
export interface TermsOptions {
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
  /** The rules for orders and the account: `crypto` (default), or what `backtraderProfile()` describes. */
  readonly profile?: 'crypto' | BacktraderProfile | undefined;
  /** Decides the size of orders that name none; default all in, in the backtrader profile one unit. */
  readonly sizer?: Sizer | undefined;
}

/** The broker of a run, and what its reports say of its terms. */
export interface Terms {
  readonly broker: Broker;
  readonly cash: number;
  readonly sizer: Sizer;
  readonly commission: string;
  readonly slippage: string;
  readonly feeIn: FeeAsset;
  /** '' where the profile's rules leave no choice. */
  readonly intrabar: IntrabarPolicy | '';
  /** '' without margin. */
  readonly margin: string;
  /** What analyzers are told; see `RunStart`. */
  readonly midnight: Midnight;
}

/** Makes the broker that the run's profile wants; `arrays`: of its tables. */
export function termsOf(feeds: readonly DataFeed[], options: TermsOptions, arrays?: Arrays): Terms {
  const { cash = 10_000, profile = 'crypto' } = options;
  const instruments = instrumentsOf(feeds);
  if (profile === 'crypto') {
    const { sizer = allIn(), feeIn = 'quote' } = options;
    const commission = asModel(options.commission ?? 0.001, percentCommission);
    const slippage = asModel(options.slippage ?? 0, percentSlippage);
    const { leverage, maintenance, liquidationFee, funding } = options;
    const intrabar = checkIntrabar(options.intrabar ?? 'worst');
    const margin = { leverage, maintenance, liquidationFee, funding };
    const broker = new SimulatedBroker({
      ...{ instruments, cash, commission, slippage, feeIn, intrabar, margin, arrays },
    });
    return {
      ...{ broker, cash, sizer, feeIn, intrabar },
      commission: commission.label,
      slippage: slippage.label,
      margin: broker.margin?.label ?? '',
      midnight: 'ends',
    };
  }
  for (const name of NOT_BACKTRADERS) {
    if (options[name] === undefined) continue;
    const isModel = name === 'commission' || name === 'slippage';
    throw new InputError('PROFILE_OPTION', `${name} was given beside the backtrader profile`, {
      value: options[name],
      fix: isModel
        ? `give it to backtraderProfile({ ${name} })`
        : 'leave it out: it belongs to the crypto profile',
    });
  }
  const tradingDays = instruments.map(
    ({ symbol }) =>
      feeds.find(feed => feed.instrument.symbol === symbol && feed.tradingDay !== undefined)?.tradingDay,
  );
  const { sizer = fixedSize(1) } = options;
  const broker = profile.broker({ instruments, cash, tradingDays });
  const { commission, slippage } = profile;
  return {
    ...{ broker, cash, sizer, commission, slippage },
    feeIn: 'quote',
    intrabar: '',
    margin: '',
    midnight: 'begins',
  };
}

/** Options of the crypto profile alone. */
const NOT_BACKTRADERS = [
  'commission',
  'slippage',
  'feeIn',
  'intrabar',
  'leverage',
  'maintenance',
  'liquidationFee',
  'funding',
] as const;

function asModel<M>(given: number | M, make: (rate: number) => M): M {
  return typeof given === 'number' ? make(given) : given;
}
