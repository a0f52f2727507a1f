import { mulberry32 } from '../../../support/random-walk.ts';

/** What one seed does. */
export interface TradingPlan {
  readonly seed: number;
  readonly symbols: readonly string[];
  readonly pace: number | 'lockstep';
  /** `local`: the session knows that the exchange is a local one; `testnet`: it takes it for a real one. */
  readonly exchange: 'local' | 'testnet';
  /** Bars in which the strategy orders. */
  readonly bars: number;
  readonly fees: 'base' | 'bnb';
  readonly terms: {
    readonly step: string;
    readonly stopAtMarket: boolean;
    readonly oco: boolean;
    readonly oto: boolean;
    readonly opo: boolean;
    readonly trailing: boolean;
    readonly quote: boolean;
    readonly minNotional: number;
  };
  /** What the account holds of each base beside what the session buys, in base units: nothing, dust, or more than an order. */
  readonly spare: string;
  /** The strategy orders nothing but brackets, and leaves their exits alone. */
  readonly bracketsOnly: boolean;
  /** How often the process dies. */
  readonly crashes: number;
  readonly faults: string;
}

/** The same seed, the same plan. */
export function tradingPlan(seed: number): TradingPlan {
  const random = mulberry32(seed * 2_654_435_761);
  const below = (count: number) => Math.floor(random() * count);
  const chance = (probability: number) => random() < probability;
  const pick = <T>(...values: readonly T[]) => values[below(values.length)]!;
  const lockstep = chance(0.15);
  const pace = lockstep ? 'lockstep' : pick(1, 1, 1, 5, 20);
  const exchange = pace === 1 && chance(0.6) ? 'testnet' : 'local';
  // Of one run in ten everything but the process is well.
  const trouble = chance(0.1) ? 0 : 0.2 + random() * 0.8;
  const faults: string[] = [];
  const rate = (name: string, most: number, amount = '') => {
    const share = random() ** 2 * most * trouble;
    if (chance(0.45) && trouble > 0) faults.push(`${name}=${share.toFixed(4)}${amount}`);
  };
  const at = (name: string, amount = '') => {
    if (chance(0.25 * trouble)) faults.push(`${name}@${2 + below(35)}m${amount}`);
  };
  rate('order-lost', 0.3);
  rate('order-503', 0.3);
  rate('order-503-not', 0.25);
  rate('order-late', 0.25, ':0..4s');
  rate('order-never', 0.2);
  rate('order-unseen', 0.5, `:500..${1000 + below(8000)}`);
  rate('order-429', 0.2, ':1s..8s');
  rate('order-race', 0.6);
  rate('order-partial', 0.6);
  rate('order-stuck', 0.2);
  rate('order-expired', 0.1);
  rate('report-drop', 0.5);
  rate('report-duplicate', 0.6);
  rate('report-reorder', 0.6);
  rate('report-delay', 0.6, `:200..${500 + below(20_000)}`);
  rate('account-cut', 0.05);
  rate('account-halfopen', 0.02);
  rate('account-1021', 0.5);
  rate('account-2015', 0.3);
  at('account-cut');
  at('account-halfopen');
  if (!lockstep) at('cancel-only', `:${1 + below(6)}m`);
  rate('drop', 0.3);
  rate('duplicate', 0.3);
  rate('delay', 0.3, ':200..9000');
  rate('reorder', 0.3);
  rate('missing-close', 0.5);
  rate('cut', 0.004);
  rate('halfopen', 0.001);
  rate('reject-connect', 0.5);
  rate('rest-slow', 0.5, ':100..9000');
  rate('rest-hang', 0.1);
  rate('rest-broken', 0.2);
  rate('rest-5xx', 0.25);
  rate('rest-429', 0.05, ':1000..9000');
  at('rest-418', ':90s');
  at('cut');
  at('halfopen');
  at('shutdown');
  const oto = chance(0.8);
  return {
    seed,
    symbols: chance(0.35) ? ['BTCUSDT', 'ETHUSDT'] : ['BTCUSDT'],
    pace,
    exchange,
    bars: pace === 20 ? 90 : 40,
    fees: chance(0.25) ? 'bnb' : 'base',
    terms: {
      step: pick('0.001', '0.01', '0.00001'),
      stopAtMarket: chance(0.7),
      oco: chance(0.85),
      oto,
      opo: oto && chance(0.5),
      trailing: chance(0.6),
      quote: chance(0.8),
      minNotional: pick(1, 5, 10),
    },
    crashes: chance(0.45) ? 1 + below(5) : 0,
    spare: pick('0', '0', '0.05', '4'),
    bracketsOnly: chance(0.5),
    faults: faults.join(','),
  };
}
