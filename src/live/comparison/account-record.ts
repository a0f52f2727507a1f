import type { AccountInput, Command, ExchangeBroker } from '../../brokers/binance/commands.ts';
import type { JournalEntry } from '../../store/journal.ts';
import { idOf } from '../real/commands.ts';
import { type Incident, iso } from './incident.ts';

/** What happened at the exchange to an order of the strategy. */
export interface OrderTrace {
  /** Number of the entry with which it was first wanted there. */
  readonly seq: number;
  /** Orders that were placed there for it. */
  placements: number;
  /** When the first of them was about to be sent, by the exchange's clock, epoch ms UTC; NaN if none was. */
  sentAt: number;
  /** True when something was heard of it. */
  heard: boolean;
  executions: number;
  /** Time of the first execution, epoch ms UTC; NaN without one. */
  firstAt: number;
  /** When it had ended at the exchange, epoch ms UTC; NaN while it has not. */
  endedAt: number;
  /** The process that wanted it was not the one that heard how it was executed. */
  restarted: boolean;
  /** What the exchange, or this side in its stead, gave as the reason for not taking it; undefined if it was taken. */
  refusal: string | undefined;
}

/** What came of real orders beside fills, counted. */
export interface AccountCounts {
  /** Orders and lists that were wanted at the exchange, and cancels. */
  commands: number;
  executions: number;
  /** Orders at the exchange that it did not take, or that were never sent. */
  refused: number;
  halts: number;
  /** Executions and ends that were heard of only after a step that they came before. */
  lateReports: number;
}

const OPEN: ReadonlySet<string> = new Set(['NEW', 'PENDING_NEW', 'PARTIALLY_FILLED']);

/** Steps of which it is remembered when they were: reports are not later than these. */
const STEPS = 1000;

/** Watches a run with real orders that lives through its journal, and keeps what no backtest has: the exchange's part. */
export class AccountRecord {
  readonly counts: AccountCounts = { commands: 0, executions: 0, refused: 0, halts: 0, lateReports: 0 };
  readonly #broker: ExchangeBroker;
  /** Numbers of the entries with which a new process began. */
  readonly #restarts: readonly number[];
  readonly #add: (incident: Incident) => void;
  readonly #traces = new Map<number, OrderTrace>();
  /** Lists that were wanted and not sent yet: the strategy's orders in them. */
  readonly #lists = new Map<string, readonly number[]>();
  /** Orders that are to be cancelled and of which that is not known yet. */
  readonly #cancelling = new Set<number>();
  #moments: number[] = [];

  constructor(broker: ExchangeBroker, restarts: readonly number[], add: (incident: Incident) => void) {
    this.#broker = broker;
    this.#restarts = restarts;
    this.#add = add;
  }

  get halted(): ExchangeBroker['halted'] {
    return this.#broker.halted;
  }

  /** Undefined for an order of which nothing was wanted at the exchange. */
  trace(id: number): OrderTrace | undefined {
    return this.#traces.get(id);
  }

  /** True when a new process began after entry `seq`. */
  beganAfter(seq: number): boolean {
    return this.#restarts.some(restart => restart > seq);
  }

  /** Why an order was refused or has ended, in words; empty without a reason. */
  reason(id: number): string {
    return this.#broker.orders.reason(id)?.message ?? '';
  }

  observe(entry: JournalEntry, seq: number): void {
    if (entry.kind === 'command') this.#want(JSON.parse(entry.command) as Command, seq);
    else if (entry.kind === 'sent') this.#send(entry.id, entry.time);
    else if (entry.kind === 'account') this.#hear(JSON.parse(entry.input) as AccountInput, seq);
  }

  /** A step was made on the bar that closed at `moment`, epoch ms UTC. */
  step(moment: number): void {
    this.#moments.push(moment);
    if (this.#moments.length > 2 * STEPS) this.#moments = this.#moments.slice(-STEPS);
    const { orders } = this.#broker;
    for (const id of this.#cancelling) {
      if (!orders.isAlive(id)) this.#cancelling.delete(id);
      // One that trails is cancelled to be placed anew, and the strategy sees nothing of it.
      else if (!orders.type(id).startsWith('stopTrail')) {
        const detail = `order ${id} was to be cancelled, and was there still at ${iso(moment)}`;
        this.#add({ cause: 'late report', time: moment, detail });
      }
    }
  }

  #want(command: Command, seq: number): void {
    this.counts.commands++;
    const { kind } = command;
    if (kind === 'cancel') this.#cancelOf([command.clientOrderId]);
    if (kind === 'cancel' || kind === 'cancelList') return;
    const placed = kind === 'place' ? [command.order] : command.list.orders;
    const ids = placed.flatMap(({ clientOrderId }) => this.#broker.orderOf(clientOrderId) ?? []);
    for (const id of ids) this.#traceOf(id, seq).placements++;
    if (kind === 'placeList') this.#lists.set(idOf(command), ids);
  }

  #cancelOf(clientOrderIds: readonly string[]): void {
    for (const one of clientOrderIds) {
      const id = this.#broker.orderOf(one);
      if (id !== undefined) this.#cancelling.add(id);
    }
  }

  #send(exchangeId: string, time: number): void {
    const own = this.#broker.orderOf(exchangeId);
    const ids = own === undefined ? (this.#lists.get(exchangeId) ?? []) : [own];
    this.#lists.delete(exchangeId);
    for (const id of ids) {
      const trace = this.#traces.get(id);
      if (trace !== undefined && Number.isNaN(trace.sentAt)) trace.sentAt = time;
    }
  }

  #hear(input: AccountInput, seq: number): void {
    if (input.kind === 'halt') this.counts.halts++;
    else if (input.kind === 'refused') {
      this.counts.refused += input.clientOrderIds.length;
      for (const one of input.clientOrderIds) {
        const trace = this.#traceOfExchange(one);
        if (trace === undefined) continue;
        trace.heard = true;
        trace.refusal = input.message;
      }
    } else if (input.kind === 'order') this.#report(input, seq);
  }

  #report({ order, trades }: Extract<AccountInput, { kind: 'order' }>, seq: number): void {
    const trace = this.#traceOfExchange(order.clientOrderId);
    if (trace === undefined) return;
    trace.heard = true;
    if (!OPEN.has(order.status)) trace.endedAt = order.time;
    let told = order.time;
    for (const { time } of trades) {
      this.counts.executions++;
      trace.executions++;
      if (Number.isNaN(trace.firstAt) || time < trace.firstAt) trace.firstAt = time;
      if (Number.isNaN(told) || time < told) told = time;
    }
    if (trades.length > 0) {
      trace.restarted ||= this.#restarts.some(restart => trace.seq < restart && restart <= seq);
    }
    this.#late(order.clientOrderId, told);
  }

  /** Steps that were made without knowing what had happened before them. */
  #late(clientOrderId: string, told: number): void {
    const last = this.#moments.at(-1);
    if (last === undefined || !(told < last)) return;
    this.counts.lateReports++;
    const id = this.#broker.orderOf(clientOrderId);
    for (let i = this.#moments.length - 1; i >= 0 && this.#moments[i] > told; i--) {
      const moment = this.#moments[i];
      const detail = `what became of order ${id} at ${iso(told)} was not known at ${iso(moment)}`;
      this.#add({ cause: 'late report', time: moment, detail });
    }
  }

  #traceOfExchange(clientOrderId: string): OrderTrace | undefined {
    const id = this.#broker.orderOf(clientOrderId);
    return id === undefined ? undefined : this.#traces.get(id);
  }

  #traceOf(id: number, seq: number): OrderTrace {
    let trace = this.#traces.get(id);
    if (trace !== undefined) return trace;
    trace = {
      ...{ seq, placements: 0, sentAt: Number.NaN, heard: false, executions: 0, firstAt: Number.NaN },
      endedAt: Number.NaN,
      ...{ restarted: false, refusal: undefined },
    };
    this.#traces.set(id, trace);
    return trace;
  }
}
