import type { CollectionState } from '../../collection/collection.ts';
import type { Channel, MarketRecord } from '../../model/records.ts';
import type { RawRecord } from '../../streaming/protocol.ts';

/** What `qt collect` was told. */
export interface CollectFlags {
  readonly venue: string;
  readonly symbols: string;
  readonly channels: readonly Channel[];
  readonly interval: string;
  readonly sink?: readonly string[];
  readonly out: string;
  readonly capture?: string;
  /** Template of the topics of kafka:// sinks. */
  readonly topic?: string;
  /** Where raw frames go beside the records: `kafka://…/TOPIC`. */
  readonly rawTo?: string;
  readonly metricsPort?: number;
  /** µs. */
  readonly metrics?: number;
  readonly stream?: string;
  readonly rest?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly child?: boolean;
  /** The process above wants the wire as well. */
  readonly raw?: boolean;
}

/** Who is told how a collection stands. */
export interface CollectWatcher {
  /** Once a second. */
  state(state: CollectionState): void;
  notice(level: 'info' | 'warning', code: string, message: string): void;
  /** What the sink `parent` of a process brought. */
  records?(records: readonly MarketRecord[]): void;
  raw?(records: readonly RawRecord[]): void;
  /** The process of a venue has ended; another one may follow. */
  ended?(venue: string, how: string): void;
}

/** What a process that collects one venue tells the one above it. */
export type ChildMessage =
  | { readonly type: 'state'; readonly state: CollectionState }
  | { readonly type: 'records'; readonly records: readonly MarketRecord[] }
  | { readonly type: 'raw'; readonly records: readonly RawRecord[] }
  | {
      readonly type: 'notice';
      readonly level: 'info' | 'warning';
      readonly code: string;
      readonly message: string;
    };
