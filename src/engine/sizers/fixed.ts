import { InputError } from '../../model/errors.ts';
import type { Sizer } from './sizer.ts';

export interface TrancheOptions {
  /** In how many orders the stake is split; with more than 1 each is a whole number of units. Default 1. */
  readonly tranches?: number;
}

/** Always `stake` base units, or the tranche of it. */
export function fixedSize(stake: number, { tranches = 1 }: TrancheOptions = {}): Sizer {
  const sizing = { size: trancheOf(stake, tranches) };
  return { label: labelOf('fixed', stake, tranches), size: () => sizing };
}

/** `stake` base units to open a position, twice as many when there is one: what turns it into its opposite. */
export function fixedReverser(stake: number): Sizer {
  checkStake(stake);
  const opening = { size: stake };
  const reversing = { size: 2 * stake };
  return {
    label: `fixed reverser ${stake}`,
    size: ({ position }) => (position === 0 ? opening : reversing),
  };
}

/**
 * Always `stake` base units. With tranches, one tranche more than the position has, up to the stake: for orders that
 * give a position as a target, and not a change of it.
 */
export function fixedSizeTarget(stake: number, { tranches = 1 }: TrancheOptions = {}): Sizer {
  const tranche = trancheOf(stake, tranches);
  return {
    label: labelOf('fixed target', stake, tranches),
    size: ({ position }) => ({
      size: tranches > 1 ? Math.abs(Math.min(position + tranche, stake)) : stake,
    }),
  };
}

function labelOf(name: string, stake: number, tranches: number): string {
  return tranches === 1 ? `${name} ${stake}` : `${name} ${stake} in ${tranches} tranches`;
}

function trancheOf(stake: number, tranches: number): number {
  checkStake(stake);
  if (!(Number.isInteger(tranches) && tranches >= 1)) {
    throw new InputError('SIZER_INVALID', `the stake was to be split in ${tranches} tranches`, {
      value: tranches,
      limit: 'a whole number of 1 or more',
      fix: 'give the number of orders that make up the stake',
    });
  }
  return tranches > 1 ? Math.trunc(stake / tranches) : stake;
}

function checkStake(stake: number): void {
  if (stake > 0 && stake < Number.POSITIVE_INFINITY) return;
  throw new InputError('SIZER_INVALID', `the fixed size was ${stake}`, {
    value: stake,
    limit: 'more than 0',
    fix: 'give a positive number of base units',
  });
}
