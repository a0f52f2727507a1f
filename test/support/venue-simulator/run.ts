import { readFile, rm } from 'node:fs/promises';
import { CaptureWriter } from '../../../src/collection/capture-writer.ts';
import { Collector } from '../../../src/collection/collector.ts';
import { replayCapture } from '../../../src/collection/replay.ts';
import type { Channel, MarketRecord } from '../../../src/model/records.ts';
import { VirtualTimers } from '../../../src/net/virtual-timers.ts';
import type { Venue } from '../../../src/venues/market-data/contract.ts';
import { venueNamed } from '../../../src/venues/market-data/index.ts';
import { mulberry32 } from '../random-walk.ts';
import { BookJudge } from './book-judge.ts';
import { NO_FAULTS, type VenueFaults } from './faults.ts';
import { intervalName, lengthOf } from './klines.ts';
import type { VenueProtocol } from './protocol.ts';
import { RowJudge } from './row-judge.ts';
import { SimulatedMarket } from './simulated-market.ts';
import { TradeJudge } from './trade-judge.ts';
import { VirtualVenue } from './virtual-venue.ts';

const SECOND = 1000;
const START = Date.UTC(2026, 10, 2);
const TROUBLE_MS = 90 * SECOND;
/** Longer than any pause that a book or a request waits after so much trouble. */
const CALM_MS = 420 * SECOND;

/** More are not told. */
const MOST_GAPS = 100;

export interface VenueRun {
  readonly frames: number;
  readonly faults: number;
  readonly trades: number;
  /** Trades that were not recorded, of those between the first and the last one that were. */
  readonly missing: number;
  readonly klines: number;
  readonly tickers: number;
  /** Klines that ended otherwise than they are recorded, which gaps tell of. */
  readonly wrongEnds: number;
  /** Frames after which a book was looked at and was valid, and those after which it was not. */
  readonly valid: number;
  readonly invalid: number;
  /** Sockets that were opened. */
  readonly sockets: number;
  /** Gaps that were told, and whole books, of which each symbol begins with one. */
  readonly breaks: number;
  readonly wholes: number;
  /** Causes of gaps, in their order; not more than a hundred. */
  readonly gaps: readonly string[];
  /** Gaps that are open in the end. */
  readonly open: readonly string[];
  /** Notices that subscriptions are refused. */
  readonly refusals: readonly string[];
  /** Texts that were sent. */
  readonly sent: readonly string[];
  /** What was found wrong, in words; at most a few. */
  readonly wrong: readonly string[];
}

/** Collects a simulated venue through some time of trouble and some of calm. `file` is where its capture goes. */
export async function venueRun(
  protocol: VenueProtocol,
  seed: number,
  trouble: VenueFaults,
  file: string,
): Promise<VenueRun> {
  const timers = new VirtualTimers(START);
  const random = mulberry32(seed);
  const market = new SimulatedMarket(protocol.symbols, mulberry32(seed + 1), START, protocol.market);
  const named = venueNamed(protocol.venue)!;
  const venue = rotating(protocol.prepared?.(named) ?? named, trouble.oldestMs);
  const records: string[] = [];
  const wrong: string[] = [];
  const gaps: string[] = [];
  const breaks = new Set<number>();
  const open = new Map<number, string>();
  const refusals: string[] = [];
  let wholes = 0;
  const tell = (text: string) => {
    if (wrong.length < 5) wrong.push(`${((timers.now() - START) / SECOND).toFixed(3)} s: ${text}`);
  };
  const books = new BookJudge(protocol, market, tell);
  const trades = new TradeJudge(protocol, market, tell);
  const rows = new RowJudge(protocol, market, tell);
  const { channels = ['trades', 'book'] } = protocol;
  const times = timesOf(protocol, channels);
  const isTrouble = () => timers.now() < START + times.trouble;
  const simulated = new VirtualVenue({
    ...{ protocol, market, timers, random },
    faults: () => (isTrouble() ? trouble : NO_FAULTS),
    onMisplaced: (session, frame) => books.misplaced(session, frame),
    onSpoiled: () => books.spoiled(),
    onQuoted: ticker => rows.quoted(ticker),
    onDelivered: (session, frame) => {
      books.delivered(session, frame);
      trades.delivered(frame.about, timers.now() * 1000);
      books.look(collector.pipeline.decoder);
    },
  });
  const header = { kind: 'header', venue: venue.id, symbols: protocol.symbols, channels } as const;
  const capture = new CaptureWriter(file, header, error => tell(error.message));
  const collector = new Collector({
    ...{ venue, network: simulated.network, clock: () => Math.round(timers.now() * 1000), channels, capture },
    onRecord: record => {
      records.push(JSON.stringify(record));
      books.record(record);
      trades.record(record);
      rows.record(record);
      if (record.kind === 'gap') {
        breaks.add(record.gap);
        open.delete(record.gap);
        if (record.state === 'open')
          open.set(record.gap, `${record.symbol} ${record.channel} ${record.cause}`);
      }
      if (record.kind === 'book' && record.type === 'snapshot') wholes++;
      if (record.kind === 'order' && record.action === 'clear' && record.side === 'bid') wholes++;
      if (record.kind === 'gap' && gaps.length < MOST_GAPS)
        gaps.push(`${record.symbol} ${record.channel} ${record.cause} ${record.detail}`);
    },
    onNotice: (_level, code, message) => {
      if (code === 'SUBSCRIPTION_REFUSED' && refusals.length < MOST_GAPS) refusals.push(message);
    },
  });
  for (const request of venue.instrumentRequests(venue.addresses)) {
    const body = protocol.rest(new URL(request.url), market, 0, START);
    if (body !== undefined) collector.see(request, 200, body);
  }
  const all = [...collector.pipeline.instruments.all()];
  const instruments = protocol.symbols.map(symbol => all.find(one => one.symbol === symbol)!);
  collector.open(
    instruments.flatMap(instrument =>
      channels.map(channel => ({ instrument, channel, interval: intervalName(protocol) })),
    ),
  );
  simulated.start(() => (isTrouble() ? times.every : Math.min(1000, 10 * times.every)));
  await timers.run({ until: START + times.trouble + times.calm });
  const hasBooks = channels.some(channel => channel === 'book' || channel === 'l3');
  for (const symbol of hasBooks ? protocol.symbols : []) {
    const { books: levels, orderBooks } = collector.pipeline.decoder;
    const own = protocol.market?.isOfOrders ? orderBooks : levels;
    if (own?.get(protocol.native(symbol))?.isValid !== true) {
      tell(`${symbol} is not valid again after ${times.calm / SECOND} s without faults`);
    }
  }
  simulated.stop();
  await timers.run({ until: timers.now() + 2 * SECOND });
  const told = [...gaps];
  const left = [...open.values()];
  const closed = collector.close();
  await timers.run({ until: timers.now() + 2 * SECOND });
  await closed;
  await capture.close();
  if (channels.includes('trades')) trades.end();
  if (channels.includes('klines')) rows.end(timers.now());
  if (simulated.lines.size > 0) tell(`${simulated.lines.size} sockets are left`);
  if (timers.pending > 0) tell(`${timers.pending} timers are left`);
  await replayed(file, channels, records, tell);
  const faults = [...simulated.counts.values()].reduce((sum, count) => sum + count, 0);
  const frames = collector.frames;
  const sockets = simulated.opened;
  return {
    frames,
    faults,
    trades: trades.count,
    missing: trades.missing,
    ...{ klines: rows.klines, tickers: rows.tickers, wrongEnds: rows.wrongEnds },
    ...books.counts,
    sockets,
    breaks: breaks.size,
    wholes,
    gaps: told,
    open: left,
    refusals,
    sent: simulated.heard,
    wrong,
  };
}

/** How long trouble and calm last, and how often something changes, ms: of klines there must be several. */
function timesOf(protocol: VenueProtocol, channels: readonly Channel[]) {
  if (!channels.includes('klines')) return { trouble: TROUBLE_MS, calm: CALM_MS, every: 80 };
  const length = lengthOf(protocol);
  return { trouble: 8 * length, calm: Math.max(CALM_MS, 4 * length), every: Math.min(1000, length / 150) };
}

/** Sockets of it are replaced at another age. */
function rotating(venue: Venue, oldestMs: number | undefined): Venue {
  if (oldestMs === undefined) return venue;
  return {
    ...venue,
    plan: (subscriptions, addresses) =>
      venue.plan(subscriptions, addresses).map(one => ({ ...one, oldestMs })),
  };
}

async function replayed(
  file: string,
  channels: readonly Channel[],
  live: readonly string[],
  tell: (text: string) => void,
): Promise<void> {
  const again: string[] = [];
  await replayCapture(file, {
    channels,
    onRecord: (record: MarketRecord) => again.push(JSON.stringify(record)),
  });
  const at = live.findIndex((line, index) => line !== again[index]);
  if (at !== -1) tell(`record ${at} of the replay differs: live ${live[at]}, replayed ${again[at]}`);
  else if (again.length !== live.length) tell(`${live.length} records live, ${again.length} replayed`);
  const text = await readFile(file, 'utf8');
  if (!text.includes('"recv"')) tell('the capture has no frames');
  await rm(file);
}
