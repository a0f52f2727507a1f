import { NumberColumn } from '../../model/columns.ts';
import type { Order } from '../../model/order.ts';
import type { Trade } from '../../model/trade.ts';
import type { Analyzer, RunStart } from '../analyzers/analyzer.ts';

/** What an observer saw: named lines with one value a step, NaN where there is none. */
export interface Observation {
  readonly name: string;
  readonly lines: Readonly<Record<string, Float64Array>>;
}

/**
 * Writes down a few values after each step, for a chart or a table. Its lines run beside the equity curve: value i of each
 * belongs to step i.
 */
export interface Observer {
  readonly name: string;
  /** Called before the first step; returns the names of the lines. */
  begin(start: RunStart): readonly string[];
  /** Called after each step; see `Analyzer.step`. Writes one value a line to `values`, which holds NaN. */
  step(values: Float64Array, time: number, ready: boolean): void;
  order?(order: Order): void;
  trade?(trade: Trade): void;
}

/** Runs an observer beside the analyzers, and keeps its lines. */
export class ObserverRecording implements Analyzer<Observation> {
  readonly #observer: Observer;
  readonly order?: (order: Order) => void;
  readonly trade?: (trade: Trade) => void;
  #names: readonly string[] = [];
  #columns: readonly NumberColumn[] = [];
  #values = new Float64Array(0);

  constructor(observer: Observer) {
    this.#observer = observer;
    if (observer.order !== undefined) this.order = observer.order.bind(observer);
    if (observer.trade !== undefined) this.trade = observer.trade.bind(observer);
  }

  begin(start: RunStart): void {
    this.#names = this.#observer.begin(start);
    this.#columns = this.#names.map(() => new NumberColumn());
    this.#values = new Float64Array(this.#names.length);
  }

  step(time: number, ready: boolean): void {
    const values = this.#values.fill(Number.NaN);
    this.#observer.step(values, time, ready);
    for (const [i, column] of this.#columns.entries()) column.push(values[i]);
  }

  end(): Observation {
    const lines = this.#names.map((name, i) => [name, this.#columns[i].view()] as const);
    return { name: this.#observer.name, lines: Object.fromEntries(lines) };
  }
}
