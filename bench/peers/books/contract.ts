import type { BookFrames } from '../../book-frames.ts';

/** A book as another library keeps it. */
export interface PeerBook {
  /** Takes a frame's text. */
  see(frame: string): void;
  /** Best bid and best ask. */
  readonly best: readonly [bid: number, ask: number];
}

/** Makes a book that has had the first frames and the snapshot. */
export type OpenPeerBook = (frames: BookFrames) => PeerBook;
