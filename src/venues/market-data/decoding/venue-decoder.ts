import { LevelChanges } from '../../books/level-changes.ts';
import { FrameError, JsonCursor } from '../../wire/json-cursor.ts';
import { Gaps, TEXT_RULE } from '../continuity/gaps.ts';
import type { BookState, Decoder, DecoderHost, RestRequest } from '../contract.ts';

/**
 * What all decoders do alike: frames and answers that cannot be read, and frames that are put aside. A venue's decoder says
 * how its frames are read.
 */
export abstract class VenueDecoder implements Decoder {
  abstract readonly books: ReadonlyMap<string, BookState>;
  protected readonly venue: string;
  protected readonly host: DecoderHost;
  protected readonly gaps: Gaps;
  protected readonly cursor = new JsonCursor();
  protected readonly changes = new LevelChanges();
  /** Which the frame that is being read came on. */
  protected connection = -1;

  constructor(venue: string, host: DecoderHost) {
    this.venue = venue;
    this.host = host;
    this.gaps = new Gaps(host, venue);
  }

  /** Reads one frame. Throws FrameError. */
  protected abstract read(frame: string): void;

  /** Reads an answer of status 200. Throws FrameError. */
  protected abstract readAnswer(url: URL, text: string): void;

  /** What was asked for will not come. */
  protected refused(_url: URL): void {}

  opened(_connection: number, _url: string): void {}

  sent(_connection: number, _text: string): void {}

  abstract closed(connection: number, reason: string): void;

  text(connection: number, frame: string): void {
    this.connection = connection;
    try {
      this.read(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.unreadable(frame, error.message);
    }
  }

  binary(connection: number, _bytes: Uint8Array): void {
    this.connection = connection;
    this.unreadable('', 'a binary frame', TEXT_RULE);
  }

  answer(request: RestRequest, status: number, text: string): void {
    const url = URL.parse(request.url);
    if (url === null) {
      this.host.notice(
        'warning',
        'ANSWER_UNREADABLE',
        `${this.venue}: no address: ${request.url.slice(0, 100)}`,
      );
      return;
    }
    if (status !== 200) {
      this.refused(url);
      return;
    }
    try {
      this.readAnswer(url, text);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.host.notice('warning', 'ANSWER_UNREADABLE', `${url.host}${url.pathname}: ${error.message}`);
      this.refused(url);
    }
  }

  /**
   * What was in a frame is lost; whoever keeps books says which of them are not known any more. `rule` says what the frame
   * should have been; unless given, JSON as the venue's protocol has it. Returns the rule that was broken.
   */
  protected unreadable(frame: string, detail: string, rule?: string): string {
    return this.gaps.unreadable(frame, detail, rule);
  }

  protected unknown(frame: string): void {
    this.host.tally.aside('unknown');
    this.host.notice('warning', 'FRAME_UNKNOWN', `${this.venue}: ${frame.slice(0, 100)}`);
  }
}
