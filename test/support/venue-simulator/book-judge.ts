import type { MarketRecord } from '../../../src/model/records.ts';
import type { BookLevels } from '../../../src/venues/books/book.ts';
import type { OrderByOrderBook } from '../../../src/venues/books/order-by-order.ts';
import type { Decoder } from '../../../src/venues/market-data/contract.ts';
import { type BookSnapshot, bare, type MarketOrder, priceText, sideText, sizeText } from './market.ts';
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
  readonly #bySequence = new Map<string, BookSnapshot>();
  /** Symbols whose checksum is on its way. */
  readonly #unproven = new Set<string>();
  /** Versions of symbols that were lost and that only a later whole book will show, by the session that brings it. */
  readonly #doubtful = new Map<string, Map<Session, number>>();
  readonly #known = new Map<string, number>();

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

  delivered(session: Session, { about, isUnproven, isWhole }: Frame): void {
    if (about?.kind !== 'book') return;
    const doubtful = this.#doubtful.get(about.symbol);
    if (isWhole && about.version >= (doubtful?.get(session) ?? 0)) doubtful?.delete(session);
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
    const { native, symbols, vouchedDepth, vouchedOrders } = this.#protocol;
    for (const symbol of symbols) {
      const isOfOrders = vouchedOrders !== undefined;
      const state = (isOfOrders ? decoder.orderBooks : decoder.books)?.get(native(symbol));
      if (state?.isValid !== true) {
        this.counts.invalid++;
        continue;
      }
      this.counts.valid++;
      if (this.#unproven.has(symbol) || (this.#doubtful.get(symbol)?.size ?? 0) > 0) continue;
      const book = isOfOrders
        ? sidesOfOrders(state.book as OrderByOrderBook, vouchedOrders)
        : [sideOf(state.book.bids, vouchedDepth), sideOf(state.book.asks, vouchedDepth)];
      const sides = (one: BookSnapshot) => {
        if (isOfOrders)
          return [ordersText(one.bidOrders, vouchedOrders), ordersText(one.askOrders, vouchedOrders)];
        return [sideText(one.bids, vouchedDepth), sideText(one.asks, vouchedDepth)];
      };
      const [bids, asks] = book;
      const candidates = this.#truths(symbol);
      const isRight = (one: BookSnapshot) => {
        const [ownBids, ownAsks] = sides(one);
        return bids === ownBids && asks === ownAsks;
      };
      if (candidates.some(isRight)) continue;
      const [truth] = candidates;
      const own = (text: string) => text.split(' ').slice(0, 4).join(' ');
      const expected = truth === undefined ? 'no such position' : sides(truth).map(own).join(' / ');
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

const orderText = (id: string, price: string, size: string) => `${id}:${bare(price)}@${bare(size)}`;

function ordersText(orders: readonly MarketOrder[], count: number): string {
  return orders
    .slice(0, count)
    .map(({ id, price, size }) => orderText(String(id), priceText(price), sizeText(size)))
    .join(' ');
}

function sidesOfOrders({ asks, bids }: OrderByOrderBook, count: number): string[] {
  return [bids, asks].map(side => {
    const texts: string[] = [];
    for (const { orders, priceText: price } of [...side.queues()].map(queue => ({
      orders: [...queue.orders()],
      priceText: queue.priceText,
    }))) {
      for (const { id, sizeText: size } of orders) texts.push(orderText(id, price, size));
      if (texts.length >= count) break;
    }
    return texts.slice(0, count).join(' ');
  });
}

function sideOf(levels: BookLevels, depth: number): string {
  const count = Math.min(depth, levels.length);
  return Array.from(levels.levels(count), ([price, size]) => `${bare(price)}@${bare(size)}`).join(' ');
}
