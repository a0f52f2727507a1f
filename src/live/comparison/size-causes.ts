import type { Pair } from './align.ts';
import type { Circumstances } from './circumstances.ts';
import { close, type Explanation, short } from './compare.ts';
import type { PlacedOrder } from './orders.ts';
import { isPartnerOf } from './outcome-case.ts';

/** What sums of sizes in eight digits may be off, in base units. */
const UNIT = 2.1e-8;

/**
 * Of two orders of which one cancels the other each may have executed a part: the one that was completed is then for what
 * the other has left.
 */
export function sharedSize({ left, right }: Pair, group: readonly Pair[]): Explanation | undefined {
  if (left?.fill === undefined || right === undefined) return undefined;
  const { fill } = left;
  const partner = group.find(pair => pair.left !== undefined && isPartnerOf(left, pair.left))?.left;
  if (partner?.fill === undefined || partner.status === 'completed') return undefined;
  const whole = fill.size + partner.fill.size;
  if (!close(left.size, fill.size, 0, UNIT) || !close(whole, partner.size, 0, UNIT)) return undefined;
  const executed = `order ${partner.id} executed ${short(partner.fill.size)} of ${short(partner.size)}`;
  return { cause: 'partial fill', detail: `${executed}, this one, which cancels it, the rest` };
}

/** An exit is for what its entry brought: at the exchange what fees have left before may make up for those of the entry. */
export function broughtSize(
  { left, right }: Pair,
  group: readonly Pair[],
  circumstances: Pick<Circumstances, 'instrument'>,
): Explanation | undefined {
  if (left === undefined || right === undefined || left.parentId === 0) return undefined;
  const { lotStep } = circumstances.instrument(left.symbol);
  const fee = feeInBase(group.find(pair => pair.left?.id === left.parentId)?.left);
  if (!(Math.abs(left.size - right.size) <= (lotStep + fee) * 1.01)) return undefined;
  const detail =
    'an exit for what its entry brought: fees, and what they have left over, made a step of difference';
  return { cause: 'fees', detail };
}

function feeInBase(entry: PlacedOrder | undefined): number {
  return entry?.fill === undefined ? 0 : entry.fill.fee / entry.fill.price;
}
