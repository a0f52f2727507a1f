import type { DataFeed } from '../../../src/index.ts';
import type { NamedSpec } from './case.ts';

/** A filter by backtrader's name and parameters. */
export function filterOf({ name }: NamedSpec): (feed: DataFeed) => DataFeed {
  throw new Error(`the filter ${name} is not known`);
}
