import type { TradingDay } from '../../../feeds/feed.ts';
import type { Instrument } from '../../../model/instrument.ts';
import type { Filler } from '../filler.ts';
import type { BarSlippage } from '../slippage.ts';
import { BacktraderBroker } from './broker.ts';
import { type CommissionOptions, CommissionTerms } from './terms.ts';

export interface BacktraderProfileOptions {
  /** The terms of all instruments, or of some: the last that names an instrument, or none, holds. Default: free. */
  readonly commission?: CommissionOptions | readonly CommissionOptions[] | undefined;
  /** Default: none. */
  readonly slippage?: BarSlippage | undefined;
  /** How much of an order a bar fills; default: all of it. */
  readonly filler?: Filler | undefined;
  /** Cheat on close: market orders are filled at the close of the bar on which they were placed; default false. */
  readonly coc?: boolean | undefined;
  /** Cheat on open: market orders may fill on the bar on which they were placed; default {@link cheatOnOpen}. */
  readonly coo?: boolean | undefined;
  /** The strategy's `nextOpen` is called before the broker matches a bar; default false. */
  readonly cheatOnOpen?: boolean | undefined;
  /** Orders are accepted only if the cash would bear them at the prices they were placed with; default true. */
  readonly checkSubmit?: boolean | undefined;
  /** What a short sale of a stock brings is cash at once, and what it is worth negative; default true. */
  readonly shortCash?: boolean | undefined;
  /** Interest is taken off the result of the trade that closes next, too; default true. */
  readonly int2pnl?: boolean | undefined;
  /** Told to analyzers: returns are measured on the value of a share of the fund; default false. */
  readonly fundMode?: boolean | undefined;
  /** What a share of the fund is worth at the start, in quote; default 100. */
  readonly fundStart?: number | undefined;
}

/** What a broker is made for. */
export interface BrokerSetup {
  readonly instruments: readonly Instrument[];
  /** In quote. */
  readonly cash: number;
  /** When the trading day of each instrument begins and ends; undefined for around the clock. */
  readonly tradingDays: readonly (TradingDay | undefined)[];
}

/** A broker that trades by backtrader's rules, described; see docs/fills-backtrader.md. */
export interface BacktraderProfile {
  readonly name: 'backtrader';
  /** Shown in reports. */
  readonly commission: string;
  readonly slippage: string;
  readonly fundMode: boolean;
  broker(setup: BrokerSetup): BacktraderBroker;
}

/** backtrader's rules for orders and the account, in place of those of the `crypto` profile. */
export function backtraderProfile(options: BacktraderProfileOptions = {}): BacktraderProfile {
  const given = ([] as CommissionOptions[]).concat(options.commission ?? []);
  const terms = given.map(one => new CommissionTerms(one));
  const free = new CommissionTerms({});
  const termsOf = (symbol: string) =>
    terms.findLast((_, i) => given[i].symbol === symbol) ??
    terms.findLast((_, i) => given[i].symbol === undefined) ??
    free;
  const { slippage, filler, cheatOnOpen = false, fundMode = false } = options;
  return {
    name: 'backtrader',
    commission: terms.length === 0 ? free.label : terms.map(one => one.label).join('; '),
    slippage: slippage?.label ?? 'none',
    fundMode,
    broker: ({ instruments, cash, tradingDays }) =>
      new BacktraderBroker({
        instruments,
        cash,
        sessionEnds: tradingDays.map(day => day?.end ?? LAST_MOMENT),
        terms: instruments.map(one => termsOf(one.symbol)),
        slippage,
        filler,
        cheatOnClose: options.coc ?? false,
        cheatOnOpen: options.coo ?? cheatOnOpen,
        cheatsOnOpen: cheatOnOpen,
        checkSubmit: options.checkSubmit ?? true,
        shortCash: options.shortCash ?? true,
        interestToResult: options.int2pnl ?? true,
        fundStart: options.fundStart ?? 100,
        fundMode,
      }),
  };
}

/** The end of a day around the clock, ms after midnight: the last that a bar of the day can be stamped with. */
const LAST_MOMENT = 86_399_999.99;
