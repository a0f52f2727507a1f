import type { GoldenCase } from './case.ts';

/** Why a case cannot be run yet; undefined for one that can. */
export function pendingReason(json: object): string | undefined {
  const { data, resample_extra = [], strategy } = json as GoldenCase;
  if (data.some(({ resample }) => resample != null)) return 'resampling';
  if (resample_extra.length > 0) return 'resampling';
  if (data.some(({ replay }) => replay != null)) return 'replay';
  if (data.some(({ filters = [] }) => filters.length > 0)) return 'filters';
  if (strategy?.name === 'Mtf') return 'lines of several timeframes';
  return undefined;
}
