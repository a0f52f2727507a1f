import { type DataFeed, fixedSize, instrument, memoryFeed, type Sizer, type StrategyClass } from 'qt-trader';
import type { Profile } from '../../src/brokers/broker.ts';
import { SimulatedBroker } from '../../src/brokers/simulated/broker.ts';
import { percentCommission } from '../../src/brokers/simulated/commission.ts';
import { instrumentsOf } from '../../src/engine/cursors.ts';
import { Engine } from '../../src/engine/engine.ts';
import { type Columns, closes } from './bars.ts';

/** The simulated broker with the units of backtrader's stocks: whole ones, and shorts of any size. */
export class WholeUnits extends SimulatedBroker {
  override readonly profile: Profile = 'backtrader';

  override sizeFor(_instrument: number, amount: number, price: number): number {
    return Math.trunc(amount / price);
  }
}

export interface EngineRunOptions {
  readonly cash?: number;
  readonly commission?: number;
  readonly sizer?: Sizer;
  readonly whole?: boolean;
  /** Another broker than the simulated one. */
  readonly broker?: typeof SimulatedBroker;
  readonly market?: 'spot' | 'usdm';
}

/** Runs a strategy over bars on a broker that a test may look into. */
export async function engineRun(
  strategy: StrategyClass,
  bars: readonly number[] | Columns | DataFeed,
  options: EngineRunOptions = {},
): Promise<{ broker: SimulatedBroker; engine: Engine }> {
  const { market = 'spot', cash = 1000, commission = 0, whole = false } = options;
  const feed =
    'events' in bars
      ? bars
      : memoryFeed('time' in bars ? bars : closes(bars), { instrument: instrument('BTCUSDT', { market }) });
  const feeds = [feed];
  const Kind = options.broker ?? (whole ? WholeUnits : SimulatedBroker);
  const broker = new Kind({
    instruments: instrumentsOf(feeds),
    cash,
    commission: percentCommission(commission),
  });
  const engine = new Engine({ strategy, feeds, broker, sizer: options.sizer ?? fixedSize(1), analyzers: [] });
  await engine.run();
  return { broker, engine };
}
