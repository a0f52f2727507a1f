import type { Run, RunOptions } from '../backtest/run.ts';
import type { IntrabarPolicy } from '../brokers/simulated/intrabar.ts';
import type { MarginOptions } from '../brokers/simulated/margin.ts';
import type { DataFeed } from '../feeds/feed.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Interval } from '../model/interval.ts';
import type { ParameterValue } from '../model/parameters.ts';

/** What a session was begun with, as its store keeps it. */
export interface SessionSettings {
  readonly strategy: string;
  readonly strategyFile: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
  /** Shown to people; the same exchange under another URL is another one. */
  readonly exchange: string;
  readonly datas: readonly {
    readonly instrument: Instrument;
    readonly interval: Interval;
    readonly stamps: 'open' | 'close';
    readonly columns: readonly string[];
    /** How long the parts are by which its bars grow; absent where bars are given once. */
    readonly growsBy?: Interval | undefined;
  }[];
  /** In quote. */
  readonly cash: number;
  readonly commission: string;
  /** What the fee of a purchase on spot is taken in. */
  readonly feeIn: 'quote' | 'base';
  readonly slippage: string;
  /** Which way the price goes inside a bar. Sessions of older versions do not say. */
  readonly intrabar?: IntrabarPolicy;
  /** Leverage, maintenance margin, fees and funding of perpetuals; empty on spot. */
  readonly margin?: string;
  /** The same as it was given. */
  readonly marginTerms?: MarginOptions;
  readonly sizer: string;
  /** The exact numbers behind the labels, where it was numbers that were given. */
  readonly rates: { readonly commission?: number; readonly slippage?: number };
}

export function settingsOf(
  run: Run,
  feeds: readonly DataFeed[],
  {
    strategyFile = '',
    exchange = 'binance',
    ...given
  }: Pick<RunOptions, 'commission' | 'slippage' | keyof MarginOptions> & {
    readonly strategyFile?: string | undefined;
    readonly exchange?: string | undefined;
  },
): SessionSettings {
  const { strategy, params, cash, commission, feeIn, slippage, sizer } = run.settings;
  const { intrabar, margin } = run.settings;
  const { leverage, maintenance, liquidationFee, funding } = given;
  return {
    strategy,
    strategyFile,
    params,
    exchange,
    datas: feeds.map(({ instrument, interval, stamps, columns, growsBy }) => ({
      ...{ instrument, interval, stamps, columns },
      ...(growsBy === undefined ? {} : { growsBy }),
    })),
    cash,
    commission,
    feeIn,
    slippage,
    ...(intrabar === '' ? {} : { intrabar }),
    margin,
    marginTerms: { leverage, maintenance, liquidationFee, funding },
    sizer,
    rates: {
      ...(typeof given.commission === 'number' ? { commission: given.commission } : {}),
      ...(typeof given.slippage === 'number' ? { slippage: given.slippage } : {}),
    },
  };
}

/** Equal for sessions of which the later one is the earlier one going on. */
export function identityOf({ strategy, exchange, datas }: SessionSettings): string {
  return JSON.stringify([
    strategy,
    exchange,
    datas.map(({ instrument, interval, growsBy }) => [
      ...[instrument.symbol, interval],
      ...(growsBy === undefined ? [] : [growsBy]),
    ]),
  ]);
}

/** What is different, in words: `fast 10 → 12`. */
export function changesOf(before: SessionSettings, now: SessionSettings): string[] {
  const flat = (settings: SessionSettings) => {
    const { params, cash, commission, feeIn, slippage, sizer, intrabar = 'worst', margin = '' } = settings;
    const account: Record<string, unknown> = { cash, commission, feeIn, slippage, intrabar, margin, sizer };
    // A parameter may be called as a term of the account is.
    const named = Object.entries(params).map(([name, value]) => [
      Object.hasOwn(account, name) ? `parameter ${name}` : name,
      value,
    ]);
    return { ...Object.fromEntries(named), ...account };
  };
  const [was, is]: Record<string, unknown>[] = [flat(before), flat(now)];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter(key => was[key] !== is[key])
    .map(key => `${key} ${was[key] ?? 'unset'} → ${is[key] ?? 'unset'}`);
}
