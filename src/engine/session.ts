import type { Broker } from '../brokers/broker.ts';
import type { Ledger } from '../brokers/ledger.ts';
import { StrategyError } from '../model/errors.ts';
import type { Order, Side, TimeInForce } from '../model/order.ts';
import type { Data } from '../series/data.ts';
import type { FeedCursor } from './cursor.ts';
import { type LogEntry, RunLog } from './run-log.ts';
import type { Sizer, SizerInput } from './sizers.ts';
import { type OrderOptions, type Session, Strategy } from './strategy.ts';

const FORCES: readonly TimeInForce[] = ['GTC', 'IOC', 'FOK'];

/** The strategy's side of a run: takes its orders to the broker, and brings back what became of them. */
export class RunSession implements Session {
  readonly datas: readonly Data[];
  readonly params: object;
  readonly ledger: Ledger;
  readonly logbook: RunLog;
  /** A feed that closed a bar in the current step. */
  current: FeedCursor | undefined;
  /** True from the first bar of the run to its last. */
  running = false;
  /** True in a step whose bar came too late to open a position on. */
  late = false;
  /** Time of the step before, epoch ms UTC: a late bar's step does not go back behind it. */
  notBefore = Number.NEGATIVE_INFINITY;
  readonly #broker: Broker;
  readonly #sizer: Sizer;
  readonly #cursors: readonly FeedCursor[];
  /** The feed on which each instrument's orders are matched. */
  readonly #matching: readonly FeedCursor[];
  readonly #open: Order[] = [];
  /** Filled in anew for each question to the sizer. */
  readonly #sizerInput: { -readonly [K in keyof SizerInput]: SizerInput[K] };

  constructor(
    broker: Broker,
    sizer: Sizer,
    cursors: readonly FeedCursor[],
    params: object,
    onLog: ((entry: LogEntry) => void) | undefined,
  ) {
    this.#broker = broker;
    this.#sizer = sizer;
    this.#cursors = cursors;
    this.#matching = broker.instruments.map((_, i) => cursors.find(c => c.matches && c.instrument === i)!);
    this.datas = cursors.map(cursor => cursor.writer.data);
    this.params = params;
    this.#sizerInput = {
      side: 'buy',
      instrument: broker.instruments[0],
      price: Number.NaN,
      cash: Number.NaN,
      value: Number.NaN,
      position: Number.NaN,
    };
    this.ledger = broker.ledger;
    this.logbook = new RunLog(onLog);
  }

  /** Time of the current step, epoch ms UTC; NaN before the first. */
  get time(): number {
    if (this.current === undefined) return Number.NaN;
    const time = this.current.writer.data.bar.closeTime;
    return time < this.notBefore ? this.notBefore : time;
  }

  get openOrders(): readonly Order[] {
    return this.#open;
  }

  instrumentOf(data: Data): number {
    const index = this.datas.indexOf(data);
    if (index < 0) {
      throw new StrategyError(
        'DATA_UNKNOWN',
        'an order or position was asked for something that is no data of this run',
        {
          value: data,
          limit: this.datas.map(one => one.name),
          fix: 'use this.data or one of this.datas',
        },
      );
    }
    return this.#cursors[index].instrument;
  }

  order(side: Side, data: Data, options: OrderOptions, reduce = false): Order {
    const instrument = this.instrumentOf(data);
    if (!this.running) {
      throw new StrategyError(
        'ORDER_OUTSIDE_RUN',
        `${side}() was called before the first bar or after the last`,
        {
          value: side,
          fix: 'place orders in prenext, next or a notification',
        },
      );
    }
    checkAmounts(side, options);
    checkLimit(side, options);
    const { size = Number.NaN, quote = Number.NaN } = this.#amounts(side, instrument, options);
    // The matching feed's bar has just closed: whatever comes next on it began after this moment. After a late bar it may
    // have begun before.
    const { time } = this;
    const matching = this.#matching[instrument];
    const onBar = !this.late && (matching === this.current || matching.writer.data.bar.closeTime === time);
    const notBefore = onBar ? Number.NEGATIVE_INFINITY : time;
    const { orders } = this.#broker;
    const { tag = '', limit, timeInForce } = options;
    const id = orders.add(instrument, side, size, quote, time, notBefore, tag, reduce, limit, timeInForce);
    if (this.late && !reduce && !this.#isAgainst(side, instrument, size)) this.#refuseLate(id);
    else this.#broker.submit(id);
    const order = orders.view(id);
    this.#open.push(order);
    return order;
  }

  cancel(order: Order): void {
    if (order.alive) this.#broker.cancel(order.id, this.time);
  }

  log(message: string): void {
    this.logbook.write(this.time, String(message));
  }

  /** Spares the work of telling orders and trades to a strategy that does not listen. */
  attach(strategy: Strategy): void {
    this.ledger.trades.listened = strategy.notifyTrade !== Strategy.prototype.notifyTrade;
    this.#broker.events.listened = strategy.notifyOrder !== Strategy.prototype.notifyOrder;
  }

  /** What a feed said beside its bars, told before the next of them. */
  tellNotices(strategy: Strategy, cursor: FeedCursor): void {
    if (cursor.notices.length === 0) return;
    for (const notice of cursor.notices.splice(0)) strategy.notifyData(cursor.writer.data, notice);
  }

  /** Brings the strategy up to date: orders first, then trades. What it orders meanwhile is told at the next step. */
  deliver(strategy: Strategy): void {
    const { events, orders } = this.#broker;
    const count = events.length;
    for (let i = 0; i < count; i++) {
      const id = events.apply(i, orders);
      const order = orders.isAlive(id) ? this.#find(id) : this.#close(id);
      if (events.listened) strategy.notifyOrder(order);
    }
    events.drop(count);
    const { news } = this.ledger.trades;
    if (news.length > 0) for (const trade of news.splice(0)) strategy.notifyTrade(trade);
  }

  /** The strategy's own object for an open order; the oldest is the likeliest to change. */
  #find(id: number): Order {
    const open = this.#open;
    for (let i = 0; i < open.length; i++) if (open[i].id === id) return open[i];
    return this.#broker.orders.view(id);
  }

  /** Takes an order off the list of open ones, keeping their order. */
  #close(id: number): Order {
    const open = this.#open;
    const order = this.#find(id);
    for (let i = open.indexOf(order); i >= 0 && i < open.length - 1; i++) open[i] = open[i + 1];
    open.pop();
    return order;
  }

  /** True for a size that makes the position smaller, to nothing at most. */
  #isAgainst(side: Side, instrument: number, size: number): boolean {
    const held = this.ledger.sizes[instrument];
    return side === 'sell' ? size <= held : size <= -held;
  }

  #refuseLate(id: number): void {
    const { openTime } = this.current!.writer.data.bar;
    const problem = `the bar of ${new Date(openTime).toISOString()} came late, and no position is opened on one`;
    this.#broker.refuse(id, { code: 'LATE_BAR', message: `${problem}: wait for the next bar` });
  }

  #amounts(side: Side, instrument: number, options: OrderOptions): { size?: number; quote?: number } {
    if (options.size !== undefined || options.quote !== undefined) return options;
    const { ledger } = this;
    const input = this.#sizerInput;
    input.side = side;
    input.instrument = this.#broker.instruments[instrument];
    input.price = ledger.marks[instrument];
    input.cash = ledger.freeCash;
    input.value = ledger.value;
    input.position = ledger.sizes[instrument];
    return this.#sizer.size(input);
  }
}

function checkAmounts(side: Side, { size, quote }: OrderOptions): void {
  if (size !== undefined) checkAmount(side, 'size', size);
  if (quote !== undefined) checkAmount(side, 'quote', quote);
  if (size !== undefined && quote !== undefined) {
    throw new StrategyError('ORDER_INVALID', `${side}() was given both size and quote`, {
      value: size,
      fix: 'give size in base units or quote to spend, not both',
    });
  }
}

function checkLimit(side: Side, { limit, timeInForce }: OrderOptions): void {
  if (limit !== undefined && !(limit > 0 && limit < Number.POSITIVE_INFINITY)) {
    throw new StrategyError('ORDER_INVALID', `${side}() was given the limit ${limit}`, {
      value: limit,
      limit: 'a finite number above 0',
      fix: 'give a positive price, or none for a market order',
    });
  }
  if (timeInForce === undefined) return;
  if (!FORCES.includes(timeInForce)) {
    throw new StrategyError('ORDER_INVALID', `${side}() was given the timeInForce ${String(timeInForce)}`, {
      value: timeInForce,
      limit: FORCES,
      fix: `use ${FORCES.join(', ')}`,
    });
  }
  if (limit === undefined) {
    throw new StrategyError('ORDER_INVALID', `${side}() was given a timeInForce and no limit`, {
      value: timeInForce,
      fix: 'leave it out: a market order is filled at the first price it meets',
    });
  }
}

function checkAmount(side: Side, name: string, value: number): void {
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return;
  throw new StrategyError('ORDER_INVALID', `${side}() was given the ${name} ${value}`, {
    value,
    limit: 'a finite number of 0 or more',
    fix: `give a positive ${name}; buy or sell says the direction`,
  });
}
