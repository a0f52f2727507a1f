import {
  type Data,
  delay,
  div,
  type Line,
  type Order,
  type OrderOptions,
  type SignalType,
  type StrategyClass,
  signalStrategy,
  sma,
  sub,
  type Trade,
} from '../../../src/index.ts';
import type { SignalSpec } from './case.ts';
import { Given } from './given.ts';
import { Hold } from './kinds/single.ts';
import { type Setup, withSetup } from './recorded.ts';

const TYPES: Readonly<Record<string, SignalType>> = {
  SIGNAL_LONGSHORT: 'longShort',
  SIGNAL_LONG: 'long',
  SIGNAL_LONG_INV: 'longInv',
  SIGNAL_LONG_ANY: 'longAny',
  SIGNAL_SHORT: 'short',
  SIGNAL_SHORT_INV: 'shortInv',
  SIGNAL_SHORT_ANY: 'shortAny',
  SIGNAL_LONGEXIT: 'longExit',
  SIGNAL_LONGEXIT_INV: 'longExitInv',
  SIGNAL_LONGEXIT_ANY: 'longExitAny',
  SIGNAL_SHORTEXIT: 'shortExit',
  SIGNAL_SHORTEXIT_INV: 'shortExitInv',
  SIGNAL_SHORTEXIT_ANY: 'shortExitAny',
};
/** A signal that says nothing; its line makes the strategy wait all the same. */
const NONE = 'SIGNAL_NONE';

const LINES: Readonly<Record<string, (data: Data, given: Given) => Line>> = {
  CloseVsSma: (data, given) => sub(data.close, sma(data.close, given.number('period') ?? 30)),
  SmaDiff: (data, given) =>
    sub(sma(data.close, given.number('fast') ?? 5), sma(data.close, given.number('slow') ?? 20)),
  RocNeg: (data, given) => sub(div(data.close, delay(data.close, given.number('period') ?? 5)), 1),
};

/** What a case's config says about its signals. */
export interface SignalTerms {
  readonly accumulate: boolean;
  readonly concurrent: boolean;
}

/** The strategy that signals make, with the records of a run. */
export function signalsOf(
  specs: readonly SignalSpec[],
  { recording, view, accumulate, concurrent }: Omit<Setup, 'given'> & SignalTerms,
): StrategyClass {
  const signals = specs
    .filter(({ type }) => type !== NONE)
    .map(spec => ({ type: signalType(spec.type), line: (data: Data) => lineOf(spec, data) }));
  const silent = specs.filter(({ type }) => type === NONE);
  if (signals.length === 0) {
    class Silent extends Hold {
      readonly lines = silent.map(spec => lineOf(spec, this.data));
    }
    return withSetup(Silent, { recording, view, given: {} });
  }
  return class Signals extends signalStrategy({ signals, accumulate, concurrent }) {
    readonly lines = silent.map(spec => lineOf(spec, this.data));

    override init(): void {
      view.attachStrategy(this);
    }

    override prenext(): void {
      recording.step();
    }

    override next(): void {
      recording.step();
      super.next();
    }

    override notifyOrder(order: Order): void {
      recording.order(order);
    }

    override notifyTrade(trade: Trade): void {
      recording.trade(view.tradeRecord(trade));
    }

    override buy(options: OrderOptions = {}): Order {
      return this.#placed(super.buy(options), options);
    }

    override sell(options: OrderOptions = {}): Order {
      return this.#placed(super.sell(options), options);
    }

    override close(options: OrderOptions = {}): Order | undefined {
      const order = super.close(options);
      return order === undefined ? undefined : this.#placed(order, options);
    }

    #placed(order: Order, { data = this.data }: OrderOptions): Order {
      if (order.size !== 0) recording.placed(order, data, {});
      return order;
    }
  };
}

function signalType(name: string): SignalType {
  const type = TYPES[name];
  if (type === undefined) throw new Error(`the signal ${name} is not known`);
  return type;
}

function lineOf({ indicator, params }: SignalSpec, data: Data): Line {
  const make = LINES[indicator];
  if (make === undefined) throw new Error(`the indicator ${indicator} of a signal is not known`);
  const given = new Given(`the indicator ${indicator}`, params);
  const line = make(data, given);
  given.done();
  return line;
}
