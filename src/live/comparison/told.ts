import type { Analyzer } from '../../engine/analyzers/analyzer.ts';
import type { Order } from '../../model/order.ts';

/** The steps, by their moments (epoch ms UTC), at which a strategy was told of an order; NaN where it was not. */
export interface ToldAt {
  /** That it had been executed, in part or in whole. */
  readonly executed: number;
  /** That it had ended, however. */
  readonly ended: number;
}

const NEVER: ToldAt = { executed: Number.NaN, ended: Number.NaN };
const ALIVE: ReadonlySet<string> = new Set(['created', 'submitted', 'accepted', 'partial']);

/** Writes down when a strategy has learned what became of its orders: that, and not when it happened, it can decide on. */
export class Told implements Analyzer<void> {
  readonly #at = new Map<number, ToldAt>();
  /** Told in the step that is being made. */
  #now: { readonly id: number; readonly isExecuted: boolean; readonly isEnded: boolean }[] = [];

  order({ id, status, filled }: Order): void {
    const isExecuted = filled > 0;
    const isEnded = !ALIVE.has(status);
    if (isExecuted || isEnded) this.#now.push({ id, isExecuted, isEnded });
  }

  step(time: number): void {
    if (this.#now.length === 0) return;
    for (const { id, isExecuted, isEnded } of this.#now) {
      const before = this.of(id);
      this.#at.set(id, {
        executed: isExecuted && Number.isNaN(before.executed) ? time : before.executed,
        ended: isEnded ? time : before.ended,
      });
    }
    this.#now = [];
  }

  end(): void {}

  of(id: number): ToldAt {
    return this.#at.get(id) ?? NEVER;
  }
}
