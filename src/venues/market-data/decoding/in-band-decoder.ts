import { JSON_RULE } from '../continuity/gaps.ts';
import type { BoundFeeds, KeptBook } from './bound-feeds.ts';
import { VenueDecoder } from './venue-decoder.ts';

/** What decoders have in common of venues whose snapshots come in the stream of their changes. */
export abstract class InBandDecoder extends VenueDecoder {
  /** What the frame that is being read is about, as far as is known: '' and undefined for not yet. */
  protected channel = '';
  protected native: string | undefined;

  /** The books that the frames of a channel may change; of '' all that there are. */
  protected abstract kept(channel: string): readonly BoundFeeds<KeptBook>[];

  closed(connection: number, reason: string): void {
    for (const books of this.kept('')) books.closed(connection, reason);
  }

  override text(connection: number, frame: string): void {
    this.channel = '';
    this.native = undefined;
    super.text(connection, frame);
    for (const books of this.kept('')) books.settle();
  }

  override binary(connection: number, bytes: Uint8Array): void {
    this.channel = '';
    this.native = undefined;
    super.binary(connection, bytes);
  }

  /** Nobody knows whose a frame was that is no JSON, whatever has been read of it. */
  protected override unreadable(frame: string, detail: string, rule?: string): string {
    const broken = super.unreadable(frame, detail, rule);
    const isWhole = broken !== JSON_RULE;
    for (const books of this.kept(isWhole ? this.channel : '')) {
      books.unreadable(this.connection, broken, detail, isWhole ? this.native : undefined);
    }
    return broken;
  }
}
