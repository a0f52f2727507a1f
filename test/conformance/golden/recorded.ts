import {
  type Bracket,
  type Data,
  type Order,
  type OrderOptions,
  type StrategyClass,
  strategy,
  type Trade,
} from '../../../src/index.ts';
import type { Values } from './case.ts';
import type { Asked, Recording } from './recording.ts';
import type { RunView } from './run-view.ts';

/** What a strategy of a case gets beside its datas. */
export interface Setup {
  readonly recording: Recording;
  readonly view: RunView;
  /** The parameters that the case gives. */
  readonly given: Values;
}

/** The base of the strategies that cases name: records each step before it acts, each order and each trade. */
export abstract class Recorded<V extends Values = Values> extends strategy() {
  /** Parameters and their values when a case says nothing about them. */
  static readonly defaults: Values = {};
  static setup: Setup;
  readonly recording: Recording;
  readonly view: RunView;
  readonly values: V;

  constructor(session: ConstructorParameters<StrategyClass>[0]) {
    super(session);
    const { setup, defaults } = new.target as unknown as typeof Recorded;
    for (const name of Object.keys(setup.given)) {
      if (!(name in defaults))
        throw new Error(
          `the strategy has no parameter ${name}; it has ${Object.keys(defaults).join(', ') || 'none'}`,
        );
    }
    this.recording = setup.recording;
    this.view = setup.view;
    this.values = { ...defaults, ...setup.given } as V;
    this.view.attachStrategy(this);
  }

  /** What the strategy does in a step, once its lines have values. */
  logic(): void {}
  /** What it does in a step before. */
  early(): void {}
  /** What it does about a change of an order. */
  changed(_order: Order): void {}

  override prenext(): void {
    this.recording.step();
    this.early();
  }

  override next(): void {
    this.recording.step();
    this.logic();
  }

  override notifyOrder(order: Order): void {
    this.recording.order(order);
    this.changed(order);
  }

  override notifyTrade(trade: Trade): void {
    this.recording.trade(this.view.tradeRecord(trade));
  }

  place(side: 'buy' | 'sell', options: OrderOptions = {}, asked: Asked = {}): Order | undefined {
    const { data = this.data } = options;
    const order = side === 'buy' ? this.buy(options) : this.sell(options);
    if (order.size === 0) return undefined;
    this.recording.placed(order, data, asked);
    return order;
  }

  placeClose(options: OrderOptions = {}, asked: Asked = {}): Order | undefined {
    const { data = this.data, ...rest } = options;
    const order = this.close({ ...rest, data });
    if (order !== undefined) this.recording.placed(order, data, asked);
    return order;
  }

  /** `limitValid`, …: the same for all legs. */
  recordBracket(
    bracket: Bracket,
    data: Data,
    entry: Asked,
    stopLoss: Asked,
    takeProfit: Asked,
  ): (Order | undefined)[] {
    const orders = [bracket.entry, bracket.stopLoss, bracket.takeProfit];
    const asked = [entry, stopLoss, takeProfit];
    const last = orders.findLastIndex(order => order !== undefined);
    for (const [i, order] of orders.entries()) {
      if (order !== undefined) this.recording.placed(order, data, { ...asked[i], transmit: i === last });
    }
    return orders;
  }

  placeTarget(
    kind: 'size' | 'value' | 'percent',
    target: number,
    data: Data = this.data,
    asked: Asked = {},
  ): Order | undefined {
    const close = data.bar.close;
    const order =
      kind === 'size'
        ? this.orderTargetSize(target, { data })
        : kind === 'value'
          ? this.orderTargetValue(target, { data })
          : this.orderTargetPercent(target, { data });
    // Backtrader notes the price by which it turned an amount into a size.
    const sized = kind !== 'size' && target !== 0;
    if (order !== undefined)
      this.recording.placed(order, data, { ...asked, price: sized ? close : undefined });
    return order;
  }
}

export type RecordedClass = (new (
  session: ConstructorParameters<StrategyClass>[0],
) => Recorded) & {
  readonly defaults: Values;
};

/** The class of a kind, with what one run of a case gives it. */
export function withSetup(Kind: RecordedClass, setup: Setup): StrategyClass {
  const Base = Kind as unknown as StrategyClass;
  abstract class One extends Base {
    static readonly setup = setup;
  }
  Object.defineProperty(One, 'name', { value: Kind.name });
  return One as unknown as StrategyClass;
}
