import type { MarketRecord } from '../../../src/model/records.ts';
import type { BookLevels } from '../../../src/venues/books/book.ts';
import type { Decoder } from '../../../src/venues/market-data/contract.ts';
import { type BookSnapshot, bare, type SimulatedMarket, sideText } from './market.ts';
import type { Frame, Session, VenueProtocol } from './protocol.ts';

/** Holds books against the simulated truth of the same position in the venue's stream. */
export class BookJudge {
  readonly counts = { valid: 0, invalid: 0 };
  readonly #protocol: VenueProtocol;
  readonly #market: SimulatedMarket;
  readonly #tell: (text: string) => void;
  /** The last version that came on each socket, by symbol; those of sockets that are gone stay. */
  readonly #came = new Map<string, Map<Session, number>>();
  /** Sequence of the last record of each book. */
  readonly #sequences = new Map<string, string>();
  readonly #bySequence = new Map<string, BookSnapshot>();
  /** Symbols whose checksum is on its way. */
  readonly #unproven = new Set<string>();
  readonly #known = new Map<string, number>();

  constructor(protocol: VenueProtocol, market: SimulatedMarket, tell: (text: string) => void) {
    this.#protocol = protocol;
    this.#market = market;
    this.#tell = tell;
  }

  delivered(session: Session, { about, isUnproven }: Frame): void {
    if (about?.kind !== 'book') return;
    if (isUnproven) this.#unproven.add(about.symbol);
    else this.#unproven.delete(about.symbol);
    const { symbol, version } = about;
    let came = this.#came.get(symbol);
    if (came === undefined) {
      came = new Map();
      this.#came.set(symbol, came);
    }
    came.set(session, version);
  }

  record(record: MarketRecord): void {
    if (record.kind === 'book') this.#sequences.set(record.symbol, record.sequence ?? '');
  }

  look(decoder: Decoder): void {
    for (const symbol of this.#protocol.symbols) {
      const state = decoder.books.get(this.#protocol.native(symbol));
      if (state?.isValid !== true) {
        this.counts.invalid++;
        continue;
      }
      this.counts.valid++;
      if (this.#unproven.has(symbol)) continue;
      const depth = this.#protocol.vouchedDepth;
      const [bids, asks] = [sideOf(state.book.bids, depth), sideOf(state.book.asks, depth)];
      const candidates = this.#truths(symbol);
      const isRight = (one: BookSnapshot) =>
        bids === sideText(one.bids, depth) && asks === sideText(one.asks, depth);
      if (candidates.some(isRight)) continue;
      const [truth] = candidates;
      const expected =
        truth === undefined ? 'no such position' : `${sideText(truth.bids, 4)} / ${sideText(truth.asks, 4)}`;
      const own = (text: string) => text.split(' ').slice(0, 4).join(' ');
      const where = this.#sequences.get(symbol);
      this.#tell(`${symbol} at ${where}: book ${own(bids)} / ${own(asks)}, truth ${expected}`);
    }
  }

  /** States that a valid book may have at this moment. */
  #truths(symbol: string): readonly BookSnapshot[] {
    const { history } = this.#market.of(symbol);
    const { sequenceOf } = this.#protocol;
    if (sequenceOf === undefined) {
      return [...(this.#came.get(symbol)?.values() ?? [])].map(version => history[version]);
    }
    for (let at = this.#known.get(symbol) ?? 0; at < history.length; at++) {
      this.#bySequence.set(`${symbol} ${sequenceOf(history[at])}`, history[at]);
    }
    this.#known.set(symbol, history.length);
    const truth = this.#bySequence.get(`${symbol} ${this.#sequences.get(symbol)}`);
    return truth === undefined ? [] : [truth];
  }
}

function sideOf(levels: BookLevels, depth: number): string {
  const count = Math.min(depth, levels.length);
  return Array.from(levels.levels(count), ([price, size]) => `${bare(price)}@${bare(size)}`).join(' ');
}
