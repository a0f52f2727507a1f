import type { Channel, MarketRecord } from '../model/records.ts';
import { ConnectBudget } from '../net/connect-budget.ts';
import { KeptConnection, type Link } from '../net/kept-connection.ts';
import type { Network, Timer } from '../net/network.ts';
import type {
  ConnectionPlan,
  RestRequest,
  Subscription,
  Venue,
  VenueAddresses,
} from '../venues/market-data/contract.ts';
import type { AskedStream } from '../venues/market-data/planning/request-words.ts';
import { AskingAgain } from './asking-again.ts';
import type { CaptureEvent, WireTap } from './capture-writer.ts';
import { Pipeline } from './pipeline.ts';
import { RestQueue } from './rest-queue.ts';

const SECOND = 1000;
const READY_MS = 20 * SECOND;
const OVERLAP_MS = 5 * SECOND;
const STABLE_MS = 30 * SECOND;
const BACK_OFF = { first: SECOND / 2, most: 30 * SECOND };
const REST_PACE_MS = 150;
/** What a connection's books begin with and could not be had is asked for again after so long. */
const ASK_AGAIN_MS = 30 * SECOND;
/** How much earlier than at its oldest a socket is replaced, so that several do not go at once. */
const SPREAD = 0.03;
/** Age at which a socket is replaced where the venue does not cut it, ms. */
const NO_ROTATION_MS = 2 ** 31 - 1;
/** Texts that may wait for their turn on one socket. */
const MOST_TEXTS = 1000;

export interface CollectorOptions {
  readonly venue: Venue;
  readonly network: Network;
  /** Time, µs UTC. */
  readonly clock: () => number;
  readonly channels: readonly Channel[];
  readonly addresses?: VenueAddresses;
  readonly capture?: WireTap;
  /** Metrics of each instrument so often, µs; none unless given. */
  readonly metricsEvery?: number;
  onRecord(record: MarketRecord): void;
  onNotice(level: 'info' | 'warning', code: string, message: string): void;
}

/** One socket of a venue, as the decoder and the capture number it. */
interface NumberedLink {
  readonly number: number;
  readonly plan: ConnectionPlan;
  readonly connection: KeptConnection;
  sent: number;
  /** Texts that wait, since a venue bears only so many a second. */
  readonly texts: string[];
  isPacing: boolean;
}

/** Collects one venue: keeps its connections up, answers its decoder's needs, and writes down what came if asked to. */
export class Collector {
  readonly pipeline: Pipeline;
  readonly #options: CollectorOptions;
  readonly #rest: RestQueue;
  readonly #connections: KeptConnection[] = [];
  readonly #links = new Map<Link, NumberedLink>();
  readonly #byNumber = new Map<number, Link>();
  /** What the decoder asked for while it was at work. */
  #actions: (() => void)[] = [];
  readonly #later = new Set<Timer>();
  readonly #again: AskingAgain;
  #subscriptions: readonly Subscription[] = [];
  #published = 0;
  #count = 0;
  /** Frames that were received. */
  frames = 0;

  constructor(options: CollectorOptions) {
    const { clock, network, venue } = options;
    this.#options = options;
    this.pipeline = new Pipeline(
      venue,
      {
        fetch: request => this.#actions.push(() => this.#rest.ask(request)),
        send: (connection, text) => this.#actions.push(() => this.#send(connection, text)),
        reconnect: (connection, reason) => this.#actions.push(() => this.#drop(connection, reason)),
        refused: (connection, stream, isFinal) =>
          this.#actions.push(() => this.#again.add(connection, stream, isFinal)),
        granted: stream => this.#actions.push(() => this.#again.granted(stream)),
        notice: options.onNotice,
        publishTime: () => {
          this.#published = clock();
          return this.#published;
        },
      },
      options.onRecord,
      options,
    );
    this.#again = new AskingAgain({ network, ask: (connection, stream) => this.#askFor(connection, stream) });
    this.#rest = new RestQueue({
      network,
      paceMs: REST_PACE_MS,
      ...(venue.limits.requests && { limit: venue.limits.requests }),
      onAnswer: (request, status, text) => this.#answer(request, status, text),
      onNotice: options.onNotice,
    });
  }

  /** Opens the connections that the subscriptions need. */
  open(subscriptions: readonly Subscription[]): void {
    const { network, venue } = this.#options;
    const { connects } = venue.limits;
    this.#subscriptions = subscriptions;
    const budget = new ConnectBudget(connects.count, connects.withinMs);
    for (const plan of venue.plan(subscriptions, this.pipeline.addresses)) {
      const connection: KeptConnection = new KeptConnection({
        url: typeof plan.url === 'string' ? plan.url : () => this.#address(plan),
        name: venue.name,
        network,
        budget,
        requests: plan.requests,
        messageMs: plan.paceMs,
        ...(plan.isWelcome && { isWelcome: plan.isWelcome }),
        ...(plan.keepAlive && { keepAlive: plan.keepAlive }),
        backOff: BACK_OFF,
        readyMs: READY_MS + plan.requests.length * plan.paceMs,
        silenceMs: plan.silenceMs,
        rotate: rotation(plan),
        overlapMs: OVERLAP_MS,
        stableMs: STABLE_MS,
        onOpened: (link, url) => this.#opened(link, connection, plan, url),
        onSent: (link, text) => this.#sent(link, text),
        onMessage: (text, link) => this.#message(link, text),
        onBinary: (bytes, link) => this.#binary(link, bytes),
        onClosed: (link, reason) => this.#closed(link, reason),
        onUp: () => {},
        onDown: () => {},
        onNotice: this.#options.onNotice,
      });
      this.#connections.push(connection);
      connection.open();
    }
  }

  /** Resolves when nothing is open any more. */
  async close(): Promise<void> {
    this.#rest.close();
    this.#again.close();
    for (const timer of this.#later) timer.cancel();
    this.#later.clear();
    await Promise.all(this.#connections.map(connection => connection.close()));
  }

  /** A REST answer that somebody else has fetched. */
  see(request: RestRequest, status: number, text: string): void {
    this.#answer(request, status, text);
  }

  get state() {
    return {
      connections: this.#connections.map(({ state, reconnects }) => ({ state, reconnects })),
      restWaiting: this.#rest.length,
      restDropped: this.#rest.dropped,
      refused: this.#again.refused,
      askedAgain: this.#again.asked,
    };
  }

  async #address({ url }: ConnectionPlan): Promise<string> {
    if (typeof url === 'string') return url;
    const { http } = this.#options.network;
    const { body, status } = await http({ ...url.request, timeoutMs: READY_MS });
    if (status !== 200) throw new Error(`HTTP status ${status} from ${new URL(url.request.url).host}`);
    return url.address(body);
  }

  #opened(link: Link, connection: KeptConnection, plan: ConnectionPlan, url: string): void {
    const number = this.#count++;
    this.#links.set(link, { number, plan, connection, sent: 0, texts: [], isPacing: false });
    this.#byNumber.set(number, link);
    this.#see({ kind: 'connect', conn: number, url });
    for (const request of plan.asks ?? []) this.#rest.ask(request);
  }

  /** Without these answers its books would never begin, and nothing else asks for them. */
  #askLater({ method, url }: RestRequest): void {
    for (const [link, { plan }] of this.#links) {
      const own = plan.asks?.find(one => one.method === method && one.url === url);
      if (own === undefined) continue;
      const timer = this.#options.network.timers.after(ASK_AGAIN_MS, () => {
        this.#later.delete(timer);
        if (this.#links.has(link)) this.#rest.ask(own);
      });
      this.#later.add(timer);
      return;
    }
  }

  #sent(link: Link, text: string): void {
    const known = this.#links.get(link);
    if (known === undefined) return;
    known.sent++;
    const { number } = known;
    this.#see({ kind: 'send', conn: number, text });
  }

  #message(link: Link, text: string): void {
    const known = this.#links.get(link);
    if (known === undefined) return;
    this.frames++;
    const { number } = known;
    this.#see({ kind: 'recv', conn: number, text });
    if (known.sent >= known.plan.requests.length) link.ready();
  }

  #binary(link: Link, bytes: Uint8Array): void {
    const known = this.#links.get(link);
    if (known === undefined) return;
    this.frames++;
    const { number } = known;
    const b64 = this.#options.capture === undefined ? '' : Buffer.from(bytes).toString('base64');
    this.#see({ kind: 'recv', conn: number, b64 }, bytes);
    if (known.sent >= known.plan.requests.length) link.ready();
  }

  #closed(link: Link, reason: string): void {
    const known = this.#links.get(link);
    if (known === undefined) return;
    const { number } = known;
    this.#links.delete(link);
    this.#byNumber.delete(number);
    this.#see({ kind: 'close', conn: number, reason });
  }

  #answer(request: RestRequest, status: number, text: string): void {
    const { method, url } = request;
    this.#see({ kind: 'http', method, url, status, text });
    if (status !== 200) this.#askLater(request);
  }

  /** Everything that happens passes here: to the decoder, then to the capture, then what the decoder asked for is done. */
  #see(event: CaptureEvent, bytes?: Uint8Array): void {
    const { capture, clock } = this.#options;
    const time = clock();
    this.#published = 0;
    this.pipeline.take(time, event, bytes);
    capture?.event(event, time, this.#published);
    const actions = this.#actions;
    if (actions.length === 0) return;
    this.#actions = [];
    for (const act of actions) act();
  }

  /** Asks for one stream again on its socket; where the address says what is asked for, by a socket that replaces it. */
  #askFor(connection: number, { channel, interval, native }: AskedStream): void {
    const { venue } = this.#options;
    const link = this.#byNumber.get(connection);
    const known = link && this.#links.get(link);
    // What replaces a socket that is gone has asked for all of it.
    if (known === undefined) return;
    const meant = this.#subscriptions.filter(
      one =>
        one.channel === channel &&
        (venue.requests?.askedAs?.(channel, one.instrument) ?? one.instrument.native) === native &&
        (channel !== 'klines' || interval === undefined || (one.interval ?? '1m') === interval),
    );
    if (meant.length === 0) return;
    const texts = venue
      .plan(meant, this.pipeline.addresses)
      .flatMap(plan => plan.requests)
      .filter(text => (venue.requests?.asked(text)?.streams.length ?? 0) > 0);
    for (const text of texts) this.#send(connection, text);
    if (texts.length === 0) known.connection.rotate();
  }

  #send(connection: number, text: string): void {
    const link = this.#byNumber.get(connection);
    const known = link && this.#links.get(link);
    if (link === undefined || known === undefined) return;
    if (known.texts.length >= MOST_TEXTS) {
      link.refuse(`${MOST_TEXTS} texts wait to be sent`);
      return;
    }
    known.texts.push(text);
    if (!known.isPacing) this.#pace(link, known);
  }

  #pace(link: Link, known: NumberedLink): void {
    const text = known.texts.shift();
    known.isPacing = text !== undefined;
    if (text === undefined || !this.#links.has(link)) return;
    this.#options.network.timers.after(known.plan.paceMs, () => this.#pace(link, known));
    link.send(text);
  }

  #drop(connection: number, reason: string): void {
    this.#byNumber.get(connection)?.refuse(reason);
  }
}

function rotation({ oldestMs }: ConnectionPlan): { readonly from: number; readonly to: number } {
  if (oldestMs === undefined) return { from: NO_ROTATION_MS, to: NO_ROTATION_MS };
  return { from: oldestMs * (1 - SPREAD), to: oldestMs };
}
