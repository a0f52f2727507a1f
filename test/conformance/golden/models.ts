import {
  backtraderProfile,
  barPercentFiller,
  barPointPercentFiller,
  fixedBarSlippage,
  fixedSizeFiller,
  percentBarSlippage,
} from '../../../src/index.ts';
import type { ConfigSpec, NamedSpec, Values } from './case.ts';
import { Given } from './given.ts';

type Profile = Parameters<typeof backtraderProfile>[0] & object;
type Commission = Extract<NonNullable<Profile['commission']>, readonly unknown[]>[number];

/** What a case's config says beside the broker's rules. */
export interface Settings {
  readonly cash: number;
  readonly profile: ReturnType<typeof backtraderProfile>;
  /** Signals may add to a position, and order while an order is open. */
  readonly accumulate: boolean;
  readonly concurrent: boolean;
}

/** The rules of the broker, and the cash, as the config of a case gives them. */
export function settingsOf(config: ConfigSpec): Settings {
  const given = new Given('config', config);
  const cash = given.number('cash') ?? 10_000;
  given.take('commission');
  given.take('slippage');
  given.take('filler');
  // How backtrader itself computes; its results are the same, or it crashes in one of the two ways.
  given.flag('runonce');
  given.flag('preload');
  const cheatOnOpen = given.flag('cheat_on_open') ?? false;
  const brokerCoo = given.flag('broker_coo') ?? true;
  const profile = backtraderProfile({
    commission: (config.commission ?? []).map(commissionOf),
    slippage: config.slippage == null ? undefined : slippageOf(config.slippage),
    filler: config.filler == null ? undefined : fillerOf(config.filler),
    coc: given.flag('coc'),
    // Backtrader's runner turns it on for its broker, whatever the broker was told.
    coo: given.flag('coo') === true || (cheatOnOpen && brokerCoo),
    cheatOnOpen,
    checkSubmit: given.flag('checksubmit'),
    shortCash: given.flag('shortcash'),
    int2pnl: given.flag('int2pnl'),
    fundMode: given.flag('fundmode'),
    fundStart: given.number('fundstartval'),
  });
  const accumulate = given.flag('signal_accumulate') ?? given.flag('_accumulate') ?? false;
  const concurrent = given.flag('signal_concurrent') ?? given.flag('_concurrent') ?? false;
  given.done();
  return { cash, profile, accumulate, concurrent };
}

const TYPES: Readonly<Record<string, 'percent' | 'fixed'>> = { COMM_PERC: 'percent', COMM_FIXED: 'fixed' };

function commissionOf(values: Values): Commission {
  const given = new Given('commission', values);
  const commtype = given.text('commtype');
  if (commtype !== undefined && TYPES[commtype] === undefined) {
    throw new Error(`the commtype ${commtype} is not known`);
  }
  const commission: Commission = {
    symbol: given.text('name'),
    commission: given.number('commission'),
    type: commtype === undefined ? undefined : TYPES[commtype],
    percentAbsolute: given.flag('percabs'),
    stocklike: given.flag('stocklike'),
    margin: given.number('margin'),
    automargin: Number(given.take('automargin') ?? 0),
    multiplier: given.number('mult'),
    leverage: given.number('leverage'),
    interest: given.number('interest'),
    interestLong: given.flag('interest_long'),
  };
  given.done();
  return commission;
}

function slippageOf(values: Values) {
  const given = new Given('slippage', values);
  const perc = given.number('perc');
  const fixed = given.number('fixed');
  const options = {
    open: given.flag('slip_open') ?? true,
    match: given.flag('slip_match') ?? true,
    limit: given.flag('slip_limit') ?? true,
    out: given.flag('slip_out') ?? false,
  };
  given.done();
  if (perc !== undefined) return percentBarSlippage(perc, options);
  return fixedBarSlippage(fixed ?? 0, options);
}

function fillerOf({ name, params }: NamedSpec) {
  const given = new Given(`the filler ${name}`, params);
  const filler = FILLERS[name]?.(given);
  if (filler === undefined) throw new Error(`the filler ${name} is not known`);
  given.done();
  return filler;
}

const FILLERS: Readonly<Record<string, (given: Given) => ReturnType<typeof fixedSizeFiller>>> = {
  FixedSize: given => fixedSizeFiller(given.number('size')),
  FixedBarPerc: given => barPercentFiller(given.number('perc') ?? 100),
  BarPointPerc: given => {
    const step = given.number('minmov');
    const percent = given.number('perc') ?? 100;
    // Without a step the bar is not divided by its prices.
    return step === undefined ? barPercentFiller(percent) : barPointPercentFiller({ step, percent });
  },
};
