import type { Instrument } from '../market-data/instruments.ts';
import type { OrderBook } from './book.ts';

/** Sequence numbers of a delta, as far as the venue sends them; NaN for those that it does not. */
export interface Sequences {
  readonly first: number;
  readonly last: number;
  readonly previous: number;
}

/** How one delta follows another. */
export interface LinkRule {
  /** What it is counted under: `links`, `sequenceMonotone`. */
  readonly check: string;
  readonly rule: string;
  follows(last: number, delta: Sequences): boolean;
  /** It brings nothing new: it has come before. */
  repeats(last: number, delta: Sequences): boolean;
  /** For people. */
  describe(last: number, delta: Sequences): string;
  /** Snapshots have a place in the sequence too, and must follow what came before them. */
  readonly holdsForSnapshots?: true;
}

/** How deltas join a snapshot that came by another way. */
export interface JoinRule {
  readonly rule: string;
  isStale(snapshot: number, delta: Sequences): boolean;
  joins(snapshot: number, delta: Sequences): boolean;
  describe(snapshot: number, delta: Sequences): string;
  /** The changes of a delta are numbered singly: those that the snapshot has already are left out. */
  readonly isByChange?: true;
}

/** The venue's own checksum of a book's best levels, or of their orders. */
export interface ChecksumRule<Book> {
  readonly rule: string;
  of(book: Book, instrument: Instrument): number;
}

/** How the deltas of a venue's books hang together. */
export interface BookRules {
  readonly venue: string;
  readonly link?: LinkRule;
  /** Without it snapshots come in the same stream as deltas. */
  readonly join?: JoinRule;
  /** A snapshot that comes while the book is valid must equal it. */
  readonly repeated?: { readonly rule: string };
  readonly checksum?: ChecksumRule<OrderBook>;
}

type Describe = (last: number, delta: Sequences) => string;

const isOld = (last: number, delta: Sequences) => delta.last <= last;

/** A delta begins one after the end of the one before. */
export function beginsAfterLast(rule: string, describe: Describe): LinkRule {
  return { check: 'links', rule, describe, repeats: isOld, follows: (last, { first }) => first === last + 1 };
}

/** Each delta has one number, one above that of the one before. */
export function countsUp(rule: string, describe: Describe): LinkRule {
  return {
    check: 'links',
    rule,
    describe,
    repeats: isOld,
    follows: (last, delta) => delta.last === last + 1,
  };
}

/** A delta names the number of the one before. */
export function namesPrevious(rule: string, describe: Describe): LinkRule {
  return {
    check: 'links',
    rule,
    describe,
    repeats: isOld,
    follows: (last, { previous }) => previous === last,
  };
}

/** Numbers leave some out, and two deltas may have the same one: all that can be checked is that none goes back. */
export function neverGoesBack(name: string): LinkRule {
  return {
    check: 'sequenceMonotone',
    rule: `${name} never goes back`,
    follows: (last, delta) => delta.last >= last,
    repeats: () => false,
    describe: (last, delta) => `${name}=${delta.last} previous=${last}`,
  };
}

/** The first delta after the snapshot has the number after the snapshot's among its own. */
export function reachesAfterSnapshot(rule: string, describe: Describe): JoinRule {
  return {
    rule,
    describe,
    isStale: isOld,
    joins: (snapshot, { first, last }) => first <= snapshot + 1 && snapshot + 1 <= last,
  };
}

/** What a rule of the venue's own says against a change, which only its decoder can tell. */
export interface Misfit {
  readonly cause: string;
  readonly rule: string;
  readonly detail: string;
}
