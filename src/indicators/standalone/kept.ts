import type { Clock } from '../../series/clock.ts';

/**
 * The latest graph of each indicator: as long as it lives, so do the hidden classes that its compiled code stands on, and
 * its next graph runs without being compiled anew. (A full garbage collection discards those of which no object is left.)
 */
const kept = new WeakMap<object, Clock>();

export function keep(indicator: object, graph: Clock): void {
  kept.set(indicator, graph);
}
