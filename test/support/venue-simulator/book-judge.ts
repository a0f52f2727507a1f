import type { MarketRecord } from '../../../src/model/records.ts';
import type { BookLevels, BookView } from '../../../src/venues/books/book.ts';
import type { OrderByOrderBook } from '../../../src/venues/books/order-by-order.ts';
import type { Decoder } from '../../../src/venues/market-data/contract.ts';
import { type BookSnapshot, bare, priceText, sideText, sizeText } from './market.ts';
import type { Frame, Session, VenueProtocol } from './protocol.ts';
import type { SimulatedMarket } from './simulated-market.ts';

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
  /** When the venue made the whole book that each began with, ms. */
  readonly #madeAt = new Map<string, number>();
  readonly #bySequence = new Map<string, BookSnapshot>();
  /** Sockets on which the checksum of a symbol's book is on its way. */
  readonly #unproven = new Map<string, Set<Session>>();
  /** Versions of symbols that were lost and that only a later whole book will show, by the session that brings it. */
  readonly #doubtful = new Map<string, Map<Session, number>>();
  readonly #known = new Map<string, number>();
  #isSpoiled = false;

  constructor(protocol: VenueProtocol, market: SimulatedMarket, tell: (text: string) => void) {
    this.#protocol = protocol;
    this.#market = market;
    this.#tell = tell;
  }

  /** A frame was lost, or comes later than it should. */
  misplaced(session: Session, { about }: Frame): void {
    if (about?.kind !== 'book' || this.#protocol.provesByWholeBooks !== true) return;
    const sessions = this.#doubtful.get(about.symbol) ?? new Map<Session, number>();
    this.#doubtful.set(about.symbol, sessions.set(session, about.version));
  }

  /** A digit is another one: from now on only what checksums cover is sure. */
  spoiled(): void {
    this.#isSpoiled = true;
  }

  get #depth(): number {
    const { numberedDepth, vouchedDepth } = this.#protocol;
    return this.#isSpoiled ? vouchedDepth : (numberedDepth ?? vouchedDepth);
  }

  delivered(session: Session, { about, isUnproven, isWhole }: Frame): void {
    if (about?.kind !== 'book') return;
    const doubtful = this.#doubtful.get(about.symbol);
    if (isWhole && about.version >= (doubtful?.get(session) ?? 0)) doubtful?.delete(session);
    const unproven = this.#unproven.get(about.symbol) ?? new Set();
    this.#unproven.set(about.symbol, unproven);
    if (isUnproven) unproven.add(session);
    else unproven.delete(session);
    const { symbol, version } = about;
    let came = this.#came.get(symbol);
    if (came === undefined) {
      came = new Map();
      this.#came.set(symbol, came);
    }
    came.set(session, version);
  }

  record(record: MarketRecord): void {
    if (record.kind !== 'book' && record.kind !== 'order') return;
    this.#sequences.set(record.symbol, record.sequence ?? '');
    const isWhole = record.kind === 'book' ? record.type === 'snapshot' : record.action === 'clear';
    if (isWhole) this.#madeAt.set(record.symbol, (record.exchangeTime ?? 0) / 1000);
  }

  look(decoder: Decoder): void {
    const { market, native, symbols } = this.#protocol;
    for (const symbol of symbols) {
      const state = (market?.isOfOrders ? decoder.orderBooks : decoder.books)?.get(native(symbol));
      if (state?.isValid !== true) {
        this.counts.invalid++;
        continue;
      }
      this.counts.valid++;
      if (this.#isUnproven(symbol) || (this.#doubtful.get(symbol)?.size ?? 0) > 0) continue;
      const [bids, asks] = this.#sidesOf(state.book);
      const candidates = this.#truths(symbol);
      const isRight = (one: BookSnapshot) => {
        const [ownBids, ownAsks] = this.#sidesOfTruth(one);
        return bids === ownBids && asks === ownAsks;
      };
      if (candidates.some(isRight)) continue;
      const [truth] = candidates;
      const where = this.#sequences.get(symbol);
      if (truth === undefined) this.#tell(`${symbol} at ${where}: no such position`);
      else this.#tell(`${symbol} at ${where}: ${differences([bids, asks], this.#sidesOfTruth(truth))}`);
    }
  }

  #isUnproven(symbol: string): boolean {
    for (const session of this.#unproven.get(symbol) ?? []) {
      // One that is closed has no streams any more, and its checksum never comes.
      if (session.streams.size > 0) return true;
    }
    return false;
  }

  #sidesOf(book: BookView): readonly string[] {
    const { market, vouchedDepth, vouchedOrders } = this.#protocol;
    if (!market?.isOfOrders) return [sideOf(book.bids, this.#depth), sideOf(book.asks, this.#depth)];
    const { asks, bids } = book as OrderByOrderBook;
    return [bids, asks].map(side => {
      const orders = [...side.queues(Math.min(vouchedDepth, side.length))].flatMap(queue => {
        const own = [...queue.orders()];
        // A checksum that is cut off within a price takes the lowest names of it.
        if (vouchedOrders !== undefined) own.sort((one, other) => (one.id < other.id ? -1 : 1));
        return own.map(({ id, sizeText: size }) => orderText(id, queue.priceText, size));
      });
      return orders.slice(0, vouchedOrders).join(' ');
    });
  }

  #sidesOfTruth({ askOrders, asks, bidOrders, bids }: BookSnapshot): readonly string[] {
    const { market, orderId = String, vouchedDepth, vouchedOrders } = this.#protocol;
    if (!market?.isOfOrders) return [sideText(bids, this.#depth), sideText(asks, this.#depth)];
    return [bidOrders, askOrders].map(side => {
      const prices = new Set([...new Set(side.map(({ price }) => price))].slice(0, vouchedDepth));
      const orders = side.filter(({ price }) => prices.has(price));
      if (vouchedOrders !== undefined) {
        const places = [...prices];
        orders.sort(
          (one, other) => places.indexOf(one.price) - places.indexOf(other.price) || one.id - other.id,
        );
      }
      return orders
        .slice(0, vouchedOrders)
        .map(({ id, price, size }) => orderText(orderId(id), priceText(price), sizeText(size)))
        .join(' ');
    });
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
    const begun = this.#protocol.joinsByTime ? this.#madeThen(symbol) : [];
    return truth === undefined ? begun : [truth, ...begun];
  }

  /** States of the moment at which the venue made the whole book that came last. */
  #madeThen(symbol: string): readonly BookSnapshot[] {
    const { history } = this.#market.of(symbol);
    const time = this.#madeAt.get(symbol) ?? Number.NaN;
    const last = history.findLastIndex(one => one.time <= time);
    const first = history.findIndex(one => one.time === history[last]?.time);
    return history.slice(Math.max(0, first - 1), last + 1);
  }
}

const orderText = (id: string, price: string, size: string) => `${id}:${bare(price)}@${bare(size)}`;

function sideOf(levels: BookLevels, depth: number): string {
  const count = Math.min(depth, levels.length);
  return Array.from(levels.levels(count), ([price, size]) => `${bare(price)}@${bare(size)}`).join(' ');
}

/** What is in one of two books only. */
function differences(own: readonly string[], truth: readonly string[]): string {
  const [mine, others] = [own, truth].map(sides => new Set(sides.join(' ').split(' ')));
  const only = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
    [...one].filter(text => !other.has(text)).slice(0, 4);
  return `book has ${only(mine, others).join(' ')}, truth ${only(others, mine).join(' ')}`;
}
