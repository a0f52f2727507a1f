import type { Data, Order, OrderOptions } from '../../../src/index.ts';
import type { BarsRecord, FinalRecord, OrderEventRecord, OrderRecord, TradeRecord } from './case.ts';
import { writeMoment } from './moments.ts';
import type { RunView } from './run-view.ts';

/** What an action asked of backtrader, in its words; what is absent was not given. */
export interface Asked {
  readonly price?: number | undefined;
  readonly pricelimit?: number | undefined;
  readonly trailamount?: number | undefined;
  readonly trailpercent?: number | undefined;
  /** Epoch ms UTC. */
  readonly valid?: number | undefined;
  readonly transmit?: boolean | undefined;
  readonly id?: string | undefined;
}

const EXECTYPES: Readonly<Record<Order['type'], string>> = {
  market: 'Market',
  close: 'Close',
  limit: 'Limit',
  stop: 'Stop',
  stopLimit: 'StopLimit',
  stopTrail: 'StopTrail',
  stopTrailLimit: 'StopTrailLimit',
};

/** The type of an order by backtrader's name for it. */
export function typeOf(exectype: string): NonNullable<OrderOptions['type']> {
  const found = Object.entries(EXECTYPES).find(([, name]) => name === exectype);
  if (found === undefined) throw new Error(`the exectype ${exectype} is not known`);
  return found[0] as Order['type'];
}

const capital = (text: string) => text[0].toUpperCase() + text.slice(1);

interface Placed {
  readonly ref: number;
  readonly asked: Asked;
  readonly createdAt: number;
  readonly close: number;
}

/** Writes down what happens in a run, as the golden results have it. */
export class Recording {
  /** What a kind of strategy records beside orders and bars. */
  readonly extra: Record<string, unknown> = {};
  readonly #stride: number;
  readonly #view: RunView;
  readonly #placed = new Map<number, Placed>();
  readonly #orders = new Map<number, OrderRecord>();
  readonly #trades: TradeRecord[] = [];
  readonly #tradeEvents: TradeRecord[] = [];
  readonly #bars: Pick<BarsRecord, 'dt' | 'cash' | 'value' | 'pos' | 'len'> = {
    dt: [],
    cash: [],
    value: [],
    pos: [],
    len: [],
  };
  readonly #index: number[] = [];
  #steps = 0;
  /** Steps in which some data had a new bar: a bar that grows adds none. */
  #length = 0;
  /** Bars of all datas at the last step, and its time. */
  #barsSeen = 0;
  #time = Number.NaN;
  #lastRecorded = true;
  readonly #sumValue = new Sum();
  readonly #sumCash = new Sum();

  /** `stride`: every how many steps one is kept. */
  constructor(view: RunView, stride: number) {
    this.#view = view;
    this.#stride = stride;
  }

  /** Steps so far, the current one included. */
  get steps(): number {
    return this.#steps;
  }

  /** True when nothing has come since the last step. */
  get #isOver(): boolean {
    return this.#time === this.#view.time;
  }

  /** Steps with a new bar, the one included that is being made. */
  get #bar(): number {
    return this.#barsSeen === this.#view.bars ? this.#length : this.#length + 1;
  }

  /** A step, before the strategy acts. */
  step(): void {
    this.#length = this.#bar;
    this.#barsSeen = this.#view.bars;
    this.#time = this.#view.time;
    const { cash, value } = this.#view;
    this.#sumCash.add(cash);
    this.#sumValue.add(value);
    this.#lastRecorded = this.#steps % this.#stride === 0;
    if (this.#lastRecorded) this.#keep();
    this.#steps++;
  }

  #keep(): void {
    const view = this.#view;
    this.#index.push(Math.max(0, this.#lastRecorded ? this.#steps : this.#steps - 1));
    this.#bars.dt.push(writeMoment(view.stamp));
    this.#bars.cash.push(view.cash);
    this.#bars.value.push(view.value);
    this.#bars.pos.push(view.datas.map(data => (data.length === 0 ? 0 : view.sizeOf(data))));
    this.#bars.len.push(view.datas.map(data => data.length));
  }

  /** An order that the strategy has just placed. */
  placed(order: Order, data: Data, asked: Asked): void {
    const { closeTime, close } = data.bar;
    const ref = this.#placed.size + 1;
    this.#placed.set(order.id, { ref, asked, createdAt: closeTime, close });
  }

  order(order: Order): void {
    // In backtrader an order for nothing is none, and nobody is told what becomes of the orders after the last bar.
    if (order.size === 0 || this.#isOver) return;
    const data = this.#view.dataOf(order.instrument);
    let record = this.#orders.get(order.id);
    if (record === undefined) {
      record = this.#describe(order, data);
      this.#orders.set(order.id, record);
    }
    const event: OrderEventRecord = {
      bar: this.#bar,
      dt: writeMoment(data.bar.closeTime),
      status: capital(order.status),
      ...this.#view.executed(order),
    };
    if (order.type === 'stopTrail' || order.type === 'stopTrailLimit') {
      event.stop_price = order.stop;
      event.limit_price = order.type === 'stopTrailLimit' ? order.limit : record.created_pricelimit;
    }
    record.events.push(event);
  }

  #describe(order: Order, data: Data): OrderRecord {
    const placed = this.#placed.get(order.id);
    if (placed === undefined) throw new Error(`order ${order.id} was not placed through the recording`);
    const { ref, asked, createdAt, close } = placed;
    const trails = order.type === 'stopTrail' || order.type === 'stopTrailLimit';
    const price = asked.price ?? asked.pricelimit ?? close;
    return {
      ref,
      data: this.#view.recordedIndex(data),
      side: order.side === 'buy' ? 'Buy' : 'Sell',
      exectype: EXECTYPES[order.type],
      size: order.side === 'buy' ? order.size : -order.size,
      price: asked.price ?? null,
      pricelimit: asked.pricelimit ?? null,
      trailamount: asked.trailamount ?? null,
      trailpercent: asked.trailpercent ?? null,
      created_dt: writeMoment(createdAt),
      created_price: trails ? order.stop : price,
      created_pricelimit: order.type === 'stopTrailLimit' ? order.limit : (asked.pricelimit ?? price),
      created_pclose: close,
      valid: this.#validOf(order, asked),
      tradeid: order.tradeId,
      parent: this.#placed.get(order.parentId)?.ref ?? null,
      transmit: asked.transmit ?? true,
      id: asked.id ?? null,
      events: [],
    };
  }

  #validOf(order: Order, asked: Asked): string | null {
    if (asked.valid !== undefined) return writeMoment(asked.valid);
    return Number.isFinite(order.validUntil) ? writeMoment(order.validUntil) : null;
  }

  trade(record: Omit<TradeRecord, 'bar'>): void {
    (record.status === 'Closed' ? this.#trades : this.#tradeEvents).push({ ...record, bar: this.#bar });
  }

  get records(): {
    orders: OrderRecord[];
    trades: TradeRecord[];
    trade_events: TradeRecord[];
    bars: BarsRecord;
    final: FinalRecord;
  } {
    const isSparse = this.#stride > 1;
    if (isSparse && !this.#lastRecorded) this.#keep();
    return {
      orders: [...this.#orders.values()],
      trades: this.#trades,
      trade_events: this.#tradeEvents,
      bars: {
        n: this.#steps,
        stride: this.#stride,
        index: isSparse ? this.#index : null,
        ...this.#bars,
        sum_value: this.#sumValue.value,
        sum_cash: this.#sumCash.value,
      },
      final: this.#view.final,
    };
  }
}

/** A sum that keeps what rounding would lose (Neumaier). */
class Sum {
  #sum = 0;
  #rest = 0;

  add(value: number): void {
    const next = this.#sum + value;
    this.#rest +=
      Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum;
    this.#sum = next;
  }

  get value(): number {
    return this.#sum + this.#rest;
  }
}
