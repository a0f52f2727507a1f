import type { BacktraderBroker } from '../../../src/brokers/simulated/backtrader/broker.ts';
import type { Data, Order, Strategy, Trade } from '../../../src/index.ts';
import type { ExecutionRecord, FinalRecord, OrderEventRecord, TradeRecord } from './case.ts';
import type { InputFeed } from './feeds.ts';
import { writeMoment } from './moments.ts';

type Executed = Pick<
  OrderEventRecord,
  'exec_dt' | 'exec_size' | 'exec_price' | 'comm' | 'exec_value' | 'pnl' | 'rem' | 'bits'
>;

/** The executions of one order. Several notifications are made at once: what has been told of them is behind them. */
interface Filled {
  readonly bits: ExecutionRecord[];
  /** How many of them have been told, and what they come to. */
  count: number;
  filled: number;
  value: number;
  pnl: number;
  time: string | null;
}

const ENDED = new Set<Order['status']>(['canceled', 'expired', 'margin', 'rejected']);

/** What is read of a run while it goes on: by its strategy where it can, else from the broker's books. */
export class RunView {
  readonly #feeds: readonly InputFeed[];
  #strategy!: Strategy;
  #broker!: BacktraderBroker;
  readonly #filled = new Map<number, Filled>();
  #fills = 0;
  /** When a trade was last closed, by its number: one that opens again still says so. */
  readonly #closed = new Map<number, Pick<TradeRecord, 'barclose' | 'dtclose'>>();

  constructor(feeds: readonly InputFeed[]) {
    this.#feeds = feeds;
  }

  attachStrategy(strategy: Strategy): void {
    this.#strategy = strategy;
  }

  attachBroker(broker: BacktraderBroker): void {
    this.#broker = broker;
  }

  get datas(): readonly Data[] {
    return this.#strategy.datas;
  }

  get time(): number {
    return this.#strategy.time;
  }

  /** The time that a step is recorded with: the latest stamp among the datas, which may lie in the future. */
  get stamp(): number {
    const [first, ...others] = this.datas.filter(({ length }) => length > 0).map(({ bar }) => bar.closeTime);
    return others.length === 0 ? first : Math.max(first, ...others);
  }

  get cash(): number {
    return this.#strategy.cash;
  }

  get value(): number {
    return this.#strategy.value;
  }

  /** Bars of all datas so far. */
  get bars(): number {
    return this.datas.reduce((sum, { length }) => sum + length, 0);
  }

  sizeOf(data: Data): number {
    return this.#strategy.positionOf(data).size;
  }

  /** The close of a data's first bar, also where it has not come yet. */
  firstCloseOf(data: Data): number {
    return this.#feeds[this.datas.indexOf(data)].bars.close[0];
  }

  dataOf(instrument: number): Data {
    return this.datas[instrument];
  }

  /**
   * The number under which backtrader's records have a data. They look it up by comparing, and comparing two datas
   * there compares their current closes: it is the first with this one's close.
   */
  recordedIndex(data: Data): number {
    return this.datas.findIndex(one => one === data || one.bar.close === data.bar.close);
  }

  /** What the order has come to, as of the notification that is being made. */
  executed(order: Order): Executed {
    this.#collect();
    const { filled, status } = order;
    const sign = order.side === 'buy' ? 1 : -1;
    const told = this.#filledOf(order.id);
    const isNew = filled !== told.filled;
    if (isNew) {
      const bit = told.bits[told.count++];
      told.filled = filled;
      told.value += bit.closedvalue + bit.openedvalue;
      told.pnl += bit.pnl;
      told.time = bit.dt;
    } else if (ENDED.has(status)) told.time = writeMoment(this.#broker.endedAt(order.id));
    return {
      exec_dt: told.time,
      exec_size: filled === 0 ? 0 : sign * filled,
      exec_price: filled === 0 ? 0 : order.price,
      comm: order.fees,
      exec_value: told.value,
      pnl: told.pnl,
      rem: sign * (order.size - filled),
      ...(isNew ? { bits: [told.bits[told.count - 1]] } : {}),
    };
  }

  #filledOf(id: number): Filled {
    let filled = this.#filled.get(id);
    if (filled === undefined) {
      filled = { bits: [], count: 0, filled: 0, value: 0, pnl: 0, time: null };
      this.#filled.set(id, filled);
    }
    return filled;
  }

  /** Reads the fills that were made since the last time. */
  #collect(): void {
    const { fills, executions } = this.#broker.account;
    for (; this.#fills < fills.length; this.#fills++) {
      const row = this.#fills;
      const one = executions.at(row);
      this.#filledOf(fills.orderId(row)).bits.push({
        dt: writeMoment(fills.time(row)),
        size: fills.size(row),
        price: fills.price(row),
        closed: one.closed,
        opened: one.opened,
        closedvalue: one.closedValue,
        openedvalue: one.openedValue,
        closedcomm: one.closedFee,
        openedcomm: one.openedFee,
        pnl: one.pnl,
        psize: one.positionSize,
        pprice: one.positionPrice,
      });
    }
  }

  tradeRecord(trade: Trade): Omit<TradeRecord, 'bar'> {
    const data = this.datas.find(({ instrument }) => instrument.symbol === trade.symbol)!;
    const { id, open } = trade;
    if (!open) this.#closed.set(id, { barclose: data.length, dtclose: writeMoment(trade.exitTime) });
    const long = trade.side === 'long';
    const size = long ? trade.size : -trade.size;
    return {
      ref: id,
      data: this.recordedIndex(data),
      tradeid: trade.tradeId,
      status: open ? 'Open' : 'Closed',
      size: open ? size : 0,
      price: trade.averagePrice,
      value: open ? this.#broker.worthOf(this.datas.indexOf(data), size, trade.averagePrice) : 0,
      commission: trade.fees,
      pnl: trade.pnl,
      pnlcomm: trade.net,
      baropen: open ? data.length : data.length - trade.bars,
      dtopen: writeMoment(trade.entryTime),
      ...(this.#closed.get(id) ?? { barclose: 0, dtclose: null }),
      barlen: open ? 0 : trade.bars,
      long,
    };
  }

  get final(): FinalRecord {
    const { datas } = this;
    return {
      cash: this.cash,
      value: this.value,
      positions: datas.map(data => {
        const { size, price } = this.#strategy.positionOf(data);
        return { size, price: size === 0 ? 0 : price };
      }),
    };
  }
}
