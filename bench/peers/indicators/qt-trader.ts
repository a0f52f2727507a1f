import { ours } from '../../indicators.ts';
import type { Given, Work } from './measure.ts';

export function works({ columns }: Given): Record<string, Work> {
  return ours(columns);
}
