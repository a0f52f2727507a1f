import type { Command } from './commands.ts';
import { Decimal } from './decimal.ts';
import { Notices } from './notices.ts';
import type { TradingSymbol } from './port.ts';
import type { Part, Placement, RealOrder } from './real-orders.ts';
import { SentOrders } from './sent-orders.ts';

/** Where a session at a real exchange stands: shared by what decides, what sends and what takes reports. */
export class TradingState {
  readonly terms: readonly TradingSymbol[];
  /** What is in force or waits for its parent, in the order in which it was placed. */
  readonly alive: Placement[] = [];
  /** The orders of {@link alive}, by their ids. */
  readonly orders = new Map<number, RealOrder>();
  readonly sent = new SentOrders<Part>();
  readonly notices = new Notices();
  /** Latest moment that was told, epoch ms UTC: of a step, or of a report. */
  now = Number.NEGATIVE_INFINITY;
  /** Last price of each instrument: its last close, or that of a later execution; NaN before the first. */
  readonly last: Float64Array;
  /** Why only cancelling and protecting is done; undefined while it trades. */
  halted: { readonly code: string; readonly message: string } | undefined;
  /** True when something has happened, so that what is wanted has to be compared with what is there. */
  stale = false;
  readonly #lots: readonly Decimal[];
  #commands: Command[] = [];

  constructor(terms: readonly TradingSymbol[]) {
    this.terms = terms;
    this.last = new Float64Array(terms.length).fill(Number.NaN);
    this.#lots = terms.map(({ filters, basePrecision = 8 }) => {
      const step = filters.stepSize === undefined ? Decimal.ZERO : Decimal.of(filters.stepSize);
      return step.sign > 0 ? step : Decimal.unit(basePrecision);
    });
  }

  /** The step of sizes. */
  lot(instrument: number): Decimal {
    return this.#lots[instrument];
  }

  pass(time: number): void {
    if (time > this.now) this.now = time;
  }

  add(placement: Placement): void {
    this.alive.push(placement);
    for (const order of placement.members) this.orders.set(order.id, order);
    this.stale = true;
  }

  remove(placement: Placement): void {
    this.alive.splice(this.alive.indexOf(placement), 1);
    for (const order of placement.members) this.orders.delete(order.id);
    this.stale = true;
  }

  command(command: Command): void {
    this.#commands.push(command);
  }

  takeCommands(): Command[] {
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }
}
