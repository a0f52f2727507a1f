import { gzipSync } from 'node:zlib';
import { NetworkError } from '../../../src/model/errors.ts';
import type {
  HttpRequest,
  HttpResponse,
  Network,
  Socket,
  SocketHandlers,
  Timers,
} from '../../../src/net/network.ts';

import type { VenueFaults } from './faults.ts';
import { rowWords } from './kline-words.ts';
import { klinesOf, lengthOf, type MarketTicker, marksClosed, tickerOf } from './klines.ts';
import { type PageFault, pastKlines } from './past-klines.ts';
import { pastTrades } from './past-trades.ts';
import { type About, type Frame, Session, type VenueProtocol } from './protocol.ts';
import { refusalOfAddress, refusalsOf, withoutSymbol } from './refusing.ts';
import type { SimulatedMarket } from './simulated-market.ts';

const SECOND = 1000;
/** Texts that are remembered. */
const MOST_HEARD = 10_000;

export interface VirtualVenueOptions {
  readonly protocol: VenueProtocol;
  readonly market: SimulatedMarket;
  readonly timers: Timers;
  readonly random: () => number;
  /** Those of this moment. */
  faults(): VenueFaults;
  /** After a frame has been received. */
  onDelivered(session: Session, frame: Frame): void;
  /** A frame was lost, or will come after a later one. */
  onMisplaced?(session: Session, frame: Frame): void;
  /** A ticker has been told to whoever asked for it. */
  onQuoted?(ticker: MarketTicker): void;
  /** A digit of a book became another one. */
  onSpoiled?(): void;
}

/** One end of a socket that exists in virtual time only. */
class Line implements Socket {
  readonly session: Session;
  readonly #venue: VirtualVenue;
  readonly #handlers: SocketHandlers;
  #isOpen = false;
  #isGone = false;
  isSilent = false;
  /** Frames arrive in their order. */
  #arrivesAt = 0;
  readonly #coming: (readonly [frame: Frame, share: number])[] = [];
  #held: Frame | undefined;

  constructor(venue: VirtualVenue, url: string, handlers: SocketHandlers) {
    this.#venue = venue;
    this.#handlers = handlers;
    this.session = new Session(url);
    const { protocol, market, random, timers } = venue.options;
    const isRefused = random() < venue.options.faults().refused;
    timers.after(5 + random() * 100, () => {
      if (this.#isGone) return;
      if (isRefused) {
        venue.count('refused');
        this.end(1006, 'HTTP status 503');
        return;
      }
      this.#isOpen = true;
      handlers.onOpen();
      this.tell(protocol.opened(this.session, market));
      this.#refuseAddress();
    });
  }

  send(text: string): void {
    const { faults, protocol, market, random, timers } = this.#venue.options;
    if (!this.#isOpen) return;
    timers.after(2 + random() * 20, () => {
      if (!this.#isOpen) return;
      this.session.time = Math.floor(timers.now());
      if (this.#venue.heard.length < MOST_HEARD) this.#venue.heard.push(text);
      const age = random() < faults().stale ? 1 + Math.floor(random() * 20) : 0;
      const refused = this.#refuses(text);
      if (refused !== undefined) this.tell(refused);
      else {
        const granted = this.#forbids(text);
        const known = new Set(this.session.streams.keys());
        if (granted !== undefined) this.tell(protocol.heard(this.session, granted, market, age));
        this.#listKlines(known);
      }
    });
  }

  /** What a new subscription to klines begins with. */
  #listKlines(known: ReadonlySet<string>): void {
    const { protocol, market, timers } = this.#venue.options;
    const words = rowWords(protocol);
    if (words?.list === undefined) return;
    for (const key of this.session.streams.keys()) {
      const [kind, symbol] = key.split(' ');
      if (known.has(key) || !/^(kline|candles)$/.test(kind)) continue;
      const rows = klinesOf(market.of(symbol), lengthOf(protocol), Math.floor(timers.now())).slice(-5);
      if (rows.length === 0) continue;
      const text = words.list(this.session, protocol.native(symbol), rows);
      this.tell([{ text, isSure: true, about: { kind: 'row', symbol, isReplaced: false } }]);
    }
  }

  /** What refuses a request; undefined for one that is granted. */
  #refuses(text: string): readonly Frame[] | undefined {
    const { protocol } = this.#venue.options;
    const refused =
      protocol.refuses?.(text, this.session) ?? this.#denies(() => refusalsOf(protocol, text, 'later'));
    return refused?.map(one => ({ text: one }));
  }

  /** What is left of a request that names what is forbidden; the refusal has been told. */
  #forbids(text: string): string | undefined {
    const { protocol } = this.#venue.options;
    const { forbidden } = protocol;
    if (forbidden === undefined) return text;
    const native = protocol.native(forbidden);
    if (!new RegExp(`[".:,]${native}[",.]`).test(text)) return text;
    const answers = refusalsOf(protocol, text, 'never', native);
    if (answers === undefined) return text;
    this.#venue.count('forbidden');
    this.tell(answers.map(one => ({ text: one })));
    return withoutSymbol(protocol, text, native);
  }

  /** Streams that the address names are not there. */
  #refuseAddress(): void {
    const { protocol } = this.#venue.options;
    const { href } = this.session.url;
    const refused =
      protocol.refuses?.(href, this.session) ?? this.#denies(() => refusalOfAddress(protocol, 'later'));
    if (refused === undefined) return;
    this.session.streams.clear();
    this.tell([refused].flat().map(text => ({ text })));
  }

  #denies<Answer>(answer: () => Answer | undefined): Answer | undefined {
    const { faults, random } = this.#venue.options;
    const { denied } = faults();
    const found = denied > 0 && random() < denied ? answer() : undefined;
    if (found !== undefined) this.#venue.count('denied');
    return found;
  }

  close(): void {
    this.#venue.options.timers.after(1, () => this.end(1000, ''));
  }

  terminate(): void {
    this.#venue.options.timers.after(0, () => this.end(1006, ''));
  }

  /** The end of the socket, whoever wanted it. */
  end(code: number, reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#isOpen = false;
    this.session.streams.clear();
    this.#venue.lines.delete(this);
    this.#handlers.onClose(code, reason);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  tell(frames: readonly Frame[]): void {
    if (this.isSilent) return;
    const { faults, onMisplaced, onSpoiled, protocol, random } = this.#venue.options;
    const { cut, digit, drop, duplicate, swap } = faults();
    for (const frame of frames) {
      const { about } = frame;
      const held = this.#held;
      // What answers a request is not lost: a venue that does not answer is another fault.
      if (about === undefined || frame.isSure) this.#deliver(frame);
      else if (random() < drop && this.#shows(about)) {
        this.#venue.count('dropped');
        onMisplaced?.(this.session, frame);
      } else if (random() < duplicate) {
        this.#venue.count('doubled');
        this.#deliver(frame);
        this.#deliver(frame);
      } else if (random() < cut) {
        this.#venue.count('cut');
        this.#deliver(frame, random());
      } else if (about.kind === 'book' && protocol.checksummed?.test(frame.text) && random() < digit) {
        this.#venue.count('digits');
        onSpoiled?.();
        this.#deliver({ ...frame, text: otherDigit(frame.text, protocol.checksummed, random) });
      } else if (held === undefined && about.kind !== 'row' && random() < swap) {
        this.#venue.count('swapped');
        this.#held = frame;
        onMisplaced?.(this.session, frame);
        continue;
      } else this.#deliver(frame);
      if (held !== undefined) {
        this.#held = undefined;
        this.#deliver(held);
      }
    }
  }

  /** Whether the loss of it shows. */
  #shows(about: About): boolean {
    if (about.kind === 'row') return about.isReplaced;
    return about.kind === 'book' || this.#venue.options.protocol.numbersTrades;
  }

  /** `share` of it arrives. */
  #deliver(told: Frame, part = 1): void {
    const { onDelivered, protocol, random, timers } = this.#venue.options;
    this.#arrivesAt = Math.max(this.#arrivesAt, timers.now() + 1 + random() * 40);
    // Real timers do not keep to their order.
    this.#coming.push([told, part]);
    timers.after(this.#arrivesAt - timers.now(), () => {
      const [frame, share] = this.#coming.shift()!;
      if (!this.#isOpen) return;
      if (protocol.isPacked) {
        const packed = gzipSync(frame.text, { level: 1 });
        this.#handlers.onBinary?.(packed.subarray(0, Math.floor(packed.length * share)));
      } else this.#handlers.onMessage(frame.text.slice(0, Math.floor(frame.text.length * share)));
      onDelivered(this.session, frame);
    });
  }
}

/** A venue in virtual time: its market moves, its sockets and its requests fail as they are told to. */
export class VirtualVenue {
  readonly options: VirtualVenueOptions;
  readonly lines = new Set<Line>();
  readonly network: Network;
  readonly counts = new Map<string, number>();
  /** The last trade of the last kline that was told as closed, by symbol. */
  readonly #closedAt = new Map<string, number>();
  #isRunning = true;
  /** Texts that came, the first ones. */
  readonly heard: string[] = [];
  /** Sockets that were asked for. */
  opened = 0;

  constructor(options: VirtualVenueOptions) {
    this.options = options;
    const { random, timers } = options;
    this.network = {
      ...{ timers, random },
      connect: (url, handlers) => {
        const line = new Line(this, url, handlers);
        this.lines.add(line);
        this.opened++;
        return line;
      },
      http: request => this.#http(request),
    };
  }

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** Lets the market move every so often, until `stop`. */
  start(everyMs: () => number): void {
    const { market, protocol, random, timers } = this.options;
    const symbols = [...market.symbols.values()];
    const move = () => {
      if (!this.#isRunning) return;
      this.#closeKlines();
      const symbol = symbols[Math.floor(random() * symbols.length)];
      if (random() < 0.7) {
        const change = symbol.step(Math.floor(timers.now()));
        for (const { session, ...line } of this.#open())
          line.tell(protocol.book(session, change, symbol.now));
      } else {
        const trade = symbol.trade(Math.floor(timers.now()));
        for (const { session, ...line } of this.#open()) line.tell(protocol.trade(session, trade));
        this.#tellKline(symbol.symbol);
      }
      this.#tellTicker(symbol.symbol);
      timers.after(everyMs() * (0.5 + random()), move);
    };
    timers.after(everyMs(), move);
    timers.after(SECOND, () => this.#second());
  }

  stop(): void {
    this.#isRunning = false;
  }

  #open() {
    return [...this.lines]
      .filter(line => line.isOpen)
      .map(line => ({ session: line.session, tell: (frames: readonly Frame[]) => line.tell(frames) }));
  }

  #second(): void {
    if (!this.#isRunning) return;
    const { faults, market, protocol, random, timers } = this.options;
    const { closed, oldestMs, silent } = faults();
    for (const line of [...this.lines]) {
      if (!line.isOpen) continue;
      line.session.time = Math.floor(timers.now());
      const told = protocol.idle === undefined ? [] : protocol.idle(line.session, market);
      if (told === undefined) {
        this.count('hung up');
        line.end(1000, 'enough');
        continue;
      }
      line.tell(told);
      if (random() < closed) {
        this.count('closed');
        line.end(1006, 'reset');
      } else if (random() < (protocol.keepsNoTrades && oldestMs !== undefined ? 0 : silent)) {
        if (!line.isSilent) this.count('silent');
        line.isSilent = true;
      }
    }
    timers.after(SECOND, () => this.#second());
  }

  /** Klines of a minute that is over are told once more, as closed. */
  #closeKlines(): void {
    const { market, protocol, timers } = this.options;
    const now = Math.floor(timers.now());
    const length = lengthOf(protocol);
    for (const { symbol, trades } of market.symbols.values()) {
      const last = trades.at(-1);
      if (last === undefined || Math.floor(now / length) === Math.floor(last.time / length)) continue;
      if (this.#closedAt.get(symbol) === last.id) continue;
      this.#closedAt.set(symbol, last.id);
      this.#tellKline(symbol);
    }
  }

  /** The last kline of a symbol as it stands. */
  #tellKline(symbol: string): void {
    const { market, protocol, timers } = this.options;
    const words = rowWords(protocol);
    if (words === undefined) return;
    const length = lengthOf(protocol);
    const { trades } = market.of(symbol);
    const openTime = Math.floor(trades[trades.length - 1].time / length) * length;
    const first = trades.findIndex(({ time }) => time >= openTime);
    const [kline] = klinesOf({ symbol, trades: trades.slice(first) }, length, Math.floor(timers.now()));
    this.#tellRow(
      symbol,
      (session, native) => words.kline(session, native, kline),
      !kline.isClosed || marksClosed(protocol),
    );
  }

  #tellTicker(symbol: string): void {
    const { market, onQuoted, protocol } = this.options;
    const words = rowWords(protocol);
    if (words === undefined) return;
    const { now, trades } = market.of(symbol);
    const ticker = tickerOf(symbol, now, trades);
    onQuoted?.(ticker);
    this.#tellRow(symbol, (session, native) => words.ticker(session, native, ticker), true);
  }

  #tellRow(
    symbol: string,
    word: (session: Session, native: string) => string | undefined,
    isReplaced: boolean,
  ): void {
    const { protocol } = this.options;
    for (const line of this.#open()) {
      const text = word(line.session, protocol.native(symbol));
      if (text !== undefined) line.tell([{ text, about: { kind: 'row', symbol, isReplaced } }]);
    }
  }

  #pageFault(): PageFault {
    const { faults, random } = this.options;
    const { pages } = faults();
    if (pages === 0 || random() >= pages) return 'none';
    this.count('pages');
    return PAGE_FAULTS[Math.floor(random() * PAGE_FAULTS.length)];
  }

  #http(request: HttpRequest): Promise<HttpResponse> {
    const { faults, market, protocol, random, timers } = this.options;
    const { failed, hung, limited, stale } = faults();
    const { signal, timeoutMs, url } = request;
    return new Promise((resolve, reject) => {
      const isHung = random() < hung;
      if (isHung) this.count('hung');
      const age = random() < stale ? 1 + Math.floor(random() * 20) : 0;
      const timer = timers.after(isHung ? timeoutMs : 10 + random() * 400, () => {
        signal?.removeEventListener('abort', abort);
        if (isHung) reject(new NetworkError('TIMED_OUT', 'no answer', { value: url, limit: timeoutMs }));
        else if (random() < limited) {
          this.count('limited');
          resolve({ status: 429, headers: { 'retry-after': '3' }, body: '{}' });
        } else if (random() < failed) {
          this.count('failed');
          resolve({ status: 500, headers: {}, body: 'broken' });
        } else {
          if (age > 0) this.count('stale');
          const asked = new URL(url);
          const own = protocol.rest(asked, market, age, Math.floor(timers.now()));
          const now = Math.floor(timers.now());
          const klines = pastKlines(protocol, asked, market, now, () => this.#pageFault());
          const body = klines ?? pastTrades(protocol, asked, market) ?? own;
          resolve({ status: body === undefined ? 404 : 200, headers: {}, body: body ?? 'not found' });
        }
      });
      const abort = () => {
        timer.cancel();
        reject(new NetworkError('REQUEST_ABORTED', 'the request was given up', { value: url }));
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

const PAGE_FAULTS: readonly PageFault[] = ['empty', 'short', 'overlapping'];

/** The text with another digit somewhere in a number of its levels. */
function otherDigit(text: string, part: RegExp, random: () => number): string {
  const { 0: within, index } = part.exec(text)!;
  const places = [...within].flatMap((letter, at) => (letter >= '0' && letter <= '9' ? [index + at] : []));
  const at = places[Math.floor(random() * places.length)];
  const digit = String((Number(text[at]) + 1 + Math.floor(random() * 9)) % 10);
  return text.slice(0, at) + digit + text.slice(at + 1);
}
