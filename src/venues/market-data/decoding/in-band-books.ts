import { BookFeed } from '../../books/book-feed.ts';
import type { BookRules, Sequences } from '../../books/book-rules.ts';
import type { LevelChanges } from '../../books/level-changes.ts';
import type { Gaps } from '../continuity/gaps.ts';
import type { DecoderHost } from '../contract.ts';
import type { Instrument } from '../instruments.ts';
import { BoundFeeds, type Resubscribe } from './bound-feeds.ts';

const NO_SEQUENCES = { first: Number.NaN, last: Number.NaN, previous: Number.NaN };
const DUPLICATES = ['bookDeltas', 'duplicateDeltas'];

/** Books of levels whose snapshots come in the same stream as their changes. */
export class InBandBooks extends BoundFeeds<BookFeed> {
  constructor(
    host: DecoderHost,
    gaps: Gaps,
    rules: (instrument: Instrument) => BookRules,
    resubscribe: Resubscribe,
  ) {
    super(
      host,
      (native, need) => {
        const instrument = host.instruments.of(native);
        return new BookFeed(host, gaps, rules(instrument), instrument, need);
      },
      resubscribe,
    );
  }

  /** A whole book of at most `depth` levels a side. `stream` names the venue's own kind of it. */
  snapshot(
    native: string,
    connection: number,
    stream: string,
    changes: LevelChanges,
    facts: {
      readonly sequence?: number;
      readonly exchangeTime: number | null;
      readonly checksum?: number;
      readonly depth?: number;
    },
  ): void {
    const feed = this.forSnapshot(native, connection, stream);
    if (feed === undefined) return;
    feed.depth = facts.depth ?? Number.POSITIVE_INFINITY;
    feed.snapshot(changes, facts.sequence ?? Number.NaN, facts.exchangeTime, facts.checksum);
  }

  /** What changed. `frame` and `at` are the text that tells of it, and where in it this begins. */
  delta(
    native: string,
    connection: number,
    stream: string,
    changes: LevelChanges,
    facts: {
      readonly sequences?: Sequences;
      readonly exchangeTime: number | null;
      readonly checksum?: number;
      readonly frame: string;
      readonly at: number;
    },
  ): void {
    const { at, frame } = facts;
    const feed = this.forDelta(native, connection, stream, frame, at, DUPLICATES);
    feed?.delta(changes, facts.sequences ?? NO_SEQUENCES, facts.exchangeTime, facts.checksum);
  }
}
