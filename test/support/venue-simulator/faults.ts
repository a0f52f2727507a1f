import { mulberry32 } from '../random-walk.ts';

/** What goes wrong, and how often; probabilities for each frame, each request or each second. */
export interface VenueFaults {
  readonly drop: number;
  readonly duplicate: number;
  readonly swap: number;
  readonly cut: number;
  /** A digit of a book's frame is another one; only where checksums show it. */
  readonly digit: number;
  /** A second: the socket ends, stays open but says nothing more, or a new one is refused. */
  readonly closed: number;
  readonly silent: number;
  readonly refused: number;
  /** Requests: status 500, status 429, no answer at all, an old book. */
  readonly failed: number;
  readonly limited: number;
  readonly hung: number;
  readonly stale: number;
  /** A request for streams is refused, not for good. */
  readonly denied: number;
  /** A page of past klines is empty, short, or has rows that nobody asked for. */
  readonly pages: number;
  /** Age at which sockets are replaced, ms; undefined for never. */
  readonly oldestMs: number | undefined;
}

/** The same seed, the same faults: some of them, not all, so that each has runs without the others. */
export function venueFaults(seed: number): VenueFaults {
  const random = mulberry32(seed * 2_654_435_761 + 17);
  const rate = (most: number) => (random() < 0.5 ? 0 : random() ** 2 * most);
  return {
    ...{ drop: rate(0.05), duplicate: rate(0.1), swap: rate(0.05), cut: rate(0.02), digit: rate(0.02) },
    ...{ closed: rate(0.1), silent: rate(0.03), refused: rate(0.7) },
    ...{ failed: rate(0.5), limited: rate(0.3), hung: rate(0.2), stale: rate(0.8) },
    oldestMs: random() < 0.5 ? undefined : 15_000 + Math.floor(random() * 30_000),
    denied: rate(0.7),
    pages: rate(0.7),
  };
}

export const NO_FAULTS: VenueFaults = {
  ...{ drop: 0, duplicate: 0, swap: 0, cut: 0, digit: 0, closed: 0, silent: 0, refused: 0 },
  ...{ failed: 0, limited: 0, hung: 0, stale: 0, denied: 0, pages: 0, oldestMs: undefined },
};
