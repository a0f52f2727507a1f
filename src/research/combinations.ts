import { Random } from '../feeds/synthetic/random.ts';
import { InputError } from '../model/errors.ts';
import type { ParameterValue } from '../model/parameters.ts';
import { type Axis, valuesOf } from './axes.ts';
import type { Condition } from './condition.ts';

/** How combinations are chosen: all of them, or a seeded sample without repetition. */
export type Search =
  | { readonly kind: 'grid' }
  | { readonly kind: 'random'; readonly samples: number; readonly seed: number };

/** More than this are not kept in memory, nor shown by anything. */
export const MOST_COMBINATIONS = 250_000;
/** Of a grid that is only sampled from. */
const MOST_ENUMERATED = 2_000_000;

/** The combinations of a sweep, in the order of its table. */
export interface Combinations {
  readonly axes: readonly Axis[];
  readonly length: number;
  /** How many the conditions ruled out; undefined where nobody has counted. */
  readonly excluded: number | undefined;
  params(index: number): Record<string, ParameterValue>;
  /** In which order they are best computed: neighbours share indicators. */
  readonly schedule: Uint32Array;
}

/**
 * Chooses the combinations. Of a grid the last axis varies fastest. Throws `SWEEP_TOO_LARGE`, `SWEEP_EMPTY` when no combination
 * meets the conditions, and what a condition throws.
 */
export function combine(axes: readonly Axis[], search: Search, condition: Condition): Combinations {
  if (search.kind === 'random' && axes.some(axis => !('values' in axis)))
    return drawn(axes, search, condition);
  const values = axes.map(valuesOf);
  const size = values.reduce((product, one) => product * one.length, 1);
  if (search.kind === 'random' && size > MOST_ENUMERATED) return drawn(axes, search, condition);
  if (size > MOST_ENUMERATED) throw tooLarge(size);
  const at = (position: number) => {
    const params: Record<string, ParameterValue> = {};
    for (let i = axes.length - 1, rest = position; i >= 0; i--) {
      params[axes[i].name] = values[i][rest % values[i].length];
      rest = Math.floor(rest / values[i].length);
    }
    return ordered(axes, params);
  };
  const met = new Uint32Array(size);
  let length = 0;
  for (let position = 0; position < size; position++) if (condition(at(position))) met[length++] = position;
  const chosen = search.kind === 'grid' ? met.slice(0, length) : sample(met.subarray(0, length), search);
  if (chosen.length > MOST_COMBINATIONS) throw tooLarge(chosen.length);
  if (chosen.length === 0) throw empty(size);
  const positions = (index: number) => {
    const digits: number[] = [];
    for (let i = axes.length - 1, rest = chosen[index]; i >= 0; i--) {
      digits.unshift(rest % values[i].length);
      rest = Math.floor(rest / values[i].length);
    }
    return digits;
  };
  return {
    axes,
    length: chosen.length,
    excluded: size - length,
    params: index => at(chosen[index]),
    schedule: scheduleOf(chosen.length, positions),
  };
}

/** A part of them at random (Fisher and Yates), in the order in which they were drawn. */
function sample(all: Uint32Array, { samples, seed }: { samples: number; seed: number }): Uint32Array {
  const random = Random.seeded(seed, 'sweep');
  const rest = all.slice();
  const count = Math.min(samples, rest.length);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random.uniform() * (rest.length - i));
    [rest[i], rest[j]] = [rest[j], rest[i]];
  }
  return rest.slice(0, count);
}

/** Where combinations cannot be listed, they are drawn until enough are new and meet the condition. */
function drawn(
  axes: readonly Axis[],
  { samples, seed }: { samples: number; seed: number },
  condition: Condition,
): Combinations {
  if (samples > MOST_COMBINATIONS) throw tooLarge(samples);
  const random = Random.seeded(seed, 'sweep');
  const seen = new Set<string>();
  const found: Record<string, ParameterValue>[] = [];
  const attempts = Math.max(10_000, samples * 100);
  for (let i = 0; i < attempts && found.length < samples; i++) {
    const params: Record<string, ParameterValue> = {};
    for (const axis of axes) {
      const r = random.uniform();
      params[axis.name] =
        'values' in axis
          ? axis.values[Math.floor(r * axis.values.length)]
          : // Twelve digits are plenty, and can be typed again.
            Number((axis.from + r * (axis.to - axis.from)).toPrecision(12));
    }
    const key = JSON.stringify(params);
    if (seen.has(key)) continue;
    seen.add(key);
    if (condition(params)) found.push(params);
  }
  if (found.length === 0) throw empty(attempts);
  return {
    axes,
    length: found.length,
    excluded: undefined,
    params: index => ({ ...found[index] }),
    schedule: Uint32Array.from(found.keys()),
  };
}

/** Names in the order of the axes, as everybody prints them. */
function ordered(
  axes: readonly Axis[],
  params: Readonly<Record<string, ParameterValue>>,
): Record<string, ParameterValue> {
  return Object.fromEntries(axes.map(({ name }) => [name, params[name]]));
}

/**
 * Along Morton's curve: combinations that are near each other in time then lie near each other on every axis, so that few
 * different indicators are in use at once, however many axes there are.
 */
function scheduleOf(length: number, positions: (index: number) => readonly number[]): Uint32Array {
  const keys = new Float64Array(length);
  for (let index = 0; index < length; index++) keys[index] = interleaved(positions(index));
  return Uint32Array.from(keys.keys()).sort((a, b) => keys[a] - keys[b] || a - b);
}

/** The bits of all digits in turn, highest first, as far as a double holds them. */
function interleaved(digits: readonly number[]): number {
  const bits = Math.min(17, Math.floor(52 / Math.max(1, digits.length)));
  let key = 0;
  for (let bit = bits - 1; bit >= 0; bit--) for (const digit of digits) key = key * 2 + ((digit >> bit) & 1);
  return key;
}

function tooLarge(size: number): InputError {
  return new InputError('SWEEP_TOO_LARGE', `the sweep has ${size} combinations`, {
    value: size,
    limit: MOST_COMBINATIONS,
    fix: 'use longer steps or fewer values, or take a sample: --search random --samples 10000',
  });
}

function empty(size: number): InputError {
  return new InputError('SWEEP_EMPTY', `none of ${size} combinations meets the conditions`, {
    value: size,
    fix: 'look at --where, at the constraint of the strategy, and at the ranges',
  });
}
