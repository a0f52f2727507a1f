import { createHash } from 'node:crypto';
import { barEnd, type Interval, intervalMs } from '../../src/model/interval.ts';
import type { TimeRange } from '../../src/store/bars.ts';
import { binanceBarStart } from '../../src/venues/binance/intervals.ts';
import { zipOf } from './zip.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface VenueOptions {
  /** The venue's time, epoch ms UTC. */
  readonly now: () => number;
  /** When the symbol was listed. */
  readonly listed: number;
  readonly symbol?: string;
  /** When it had no bars. */
  readonly gaps?: readonly TimeRange[];
  /** Whether archives begin with the names of their columns; default by a hash of the name. */
  readonly header?: boolean;
  /** Since when archives are in microseconds; default 2025. */
  readonly microsSince?: number;
  /** Archives come so long after their end, ms; default a day. */
  readonly publishedAfter?: number;
  /** Klines a page at most; default 1000. */
  readonly mostKlines?: number;
  /** REST does not know the symbol, though archives exist. */
  readonly forgotten?: boolean;
  /** Archives that are not there, though they should be. */
  readonly withoutArchives?: RegExp;
}

export type Row = readonly [
  time: number,
  o: number,
  h: number,
  l: number,
  c: number,
  v: number,
  q: number,
  n: number,
  bb: number,
  bq: number,
];

const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore';

/** The kline of any time, the same for ever. */
export function rowAt(time: number): Row {
  const open = price(time);
  const close = price(time + 1);
  const high = round(Math.max(open, close) + (hash(time + 2) % 500) / 100);
  const low = round(Math.min(open, close) - (hash(time + 3) % 500) / 100);
  const volume = (hash(time + 4) % 1e7) / 1e5;
  return [
    time,
    open,
    high,
    low,
    close,
    volume,
    round(volume * open),
    hash(time + 5) % 1000,
    volume / 2,
    round((volume * open) / 2),
  ];
}

function hash(value: number): number {
  let h = Math.imul(value ^ Math.floor(value / 2 ** 32), 0x9e3779b1) >>> 0;
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b) >>> 0;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
  return (h ^ (h >>> 16)) >>> 0;
}

const price = (time: number) => round(40_000 + 5000 * Math.sin(time / 3e8) + (hash(time) % 20_000) / 100);
const round = (value: number) => Math.round(value * 100) / 100;

/** Binance's archives and REST klines of one symbol, of data that a function makes. Counts what it is asked for. */
export class HistoryVenue {
  readonly options: VenueOptions;
  /** Paths of archives and pages, in the order in which they were asked for. */
  readonly asked: string[] = [];
  used = 0;

  constructor(options: VenueOptions) {
    this.options = options;
  }

  /** Open times of the bars that there are in a range. */
  *times(range: TimeRange, interval: Interval): Generator<number> {
    const { gaps = [], listed } = this.options;
    let time = binanceBarStart(Math.max(range.from, listed), interval);
    if (time < Math.max(range.from, listed)) time = barEnd(time, interval);
    for (; time < range.to; time = barEnd(time, interval)) {
      if (!gaps.some(({ from, to }) => time >= from && time < to)) yield time;
    }
  }

  handle(url: string, headers: Readonly<Record<string, string>> = {}): Answer {
    const { pathname, searchParams } = new URL(url, 'http://venue');
    this.asked.push(pathname.startsWith('/data/') ? pathname : `${pathname}?${searchParams}`);
    if (pathname.startsWith('/data/')) return this.#archive(pathname, headers);
    if (pathname.endsWith('/time')) return json(200, { serverTime: this.options.now() });
    if (/^\/(api\/v3|fapi\/v1)\/klines$/.test(pathname)) return this.#klines(searchParams);
    return json(404, {});
  }

  #klines(query: URLSearchParams): Answer {
    const { now, forgotten, symbol = 'BTCUSDT', mostKlines = 1000 } = this.options;
    this.used += 2;
    if (forgotten === true || query.get('symbol') !== symbol) {
      return json(400, { code: -1121, msg: 'Invalid symbol.' });
    }
    const interval = query.get('interval') as Interval;
    const limit = Math.min(mostKlines, Number(query.get('limit') ?? 500));
    const from = Number(query.get('startTime') ?? 0);
    const to = Math.min(now(), Number(query.get('endTime') ?? Number.POSITIVE_INFINITY)) + 1;
    const rows: unknown[] = [];
    for (const time of this.times({ from, to }, interval)) {
      if (rows.length === limit) break;
      const [, o, h, l, c, v, q, n, bb, bq] = rowAt(time);
      rows.push([
        time,
        `${o}`,
        `${h}`,
        `${l}`,
        `${c}`,
        `${v}`,
        barEnd(time, interval) - 1,
        `${q}`,
        n,
        `${bb}`,
        `${bq}`,
        '0',
      ]);
    }
    return json(200, rows, { 'x-mbx-used-weight-1m': String(this.used) });
  }

  #archive(path: string, headers: Readonly<Record<string, string>>): Answer {
    const found =
      /^\/data\/(spot|futures\/um)\/(monthly|daily)\/klines\/(\w+)\/(\w+)\/(\w+)-\4-(\d{4}-\d\d(?:-\d\d)?)\.zip(\.CHECKSUM)?$/.exec(
        path,
      );
    const { now, symbol = 'BTCUSDT', publishedAfter = 86_400_000, withoutArchives } = this.options;
    const missing: Answer = {
      status: 404,
      headers: { 'content-type': 'application/xml' },
      body: Buffer.from('<Error><Code>NoSuchKey</Code></Error>'),
    };
    if (found === null || found[3] !== symbol || withoutArchives?.test(path)) return missing;
    const [, , period, , interval, , date, checksum] = found;
    const from = Date.parse(period === 'monthly' ? `${date}-01` : date);
    const at = new Date(from);
    const to = period === 'monthly' ? Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1) : from + 86_400_000;
    if (to + publishedAfter > now()) return missing;
    const zip = this.#zip(`${symbol}-${interval}-${date}`, { from, to }, interval as Interval);
    if (zip === undefined) return missing;
    if (checksum !== undefined) {
      const sum = createHash('sha256').update(zip).digest('hex');
      return {
        status: 200,
        headers: {},
        body: Buffer.from(`${sum}  ${path.split('/').at(-1)!.replace('.CHECKSUM', '')}\n`),
      };
    }
    const begin = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    if (begin >= zip.length) return { status: 416, headers: {}, body: new Uint8Array(0) };
    const body = zip.subarray(begin);
    const ranged = begin === 0 ? {} : { 'content-range': `bytes ${begin}-${zip.length - 1}/${zip.length}` };
    return {
      status: begin === 0 ? 200 : 206,
      headers: { 'content-type': 'application/zip', 'content-length': String(body.length), ...ranged },
      body,
    };
  }

  #zip(name: string, range: TimeRange, interval: Interval): Uint8Array | undefined {
    const kept = ZIPS.get(this)?.get(name);
    if (kept !== undefined) return kept;
    const { header = hash(range.from / 1000) % 2 === 0, microsSince = Date.UTC(2025, 0) } = this.options;
    const lines = header ? [HEADER] : [];
    for (const time of this.times(range, interval)) {
      const micros = time >= microsSince;
      const [, o, h, l, c, v, q, n, bb, bq] = rowAt(time);
      const stamp = micros ? time * 1000 : time;
      const end = micros ? barEnd(time, interval) * 1000 - 1 : barEnd(time, interval) - 1;
      lines.push([stamp, o, h, l, c, v, end, q, n, bb, bq, 0].join(','));
    }
    if (lines.length === (header ? 1 : 0)) return undefined;
    const zip = zipOf(`${name}.csv`, `${lines.join('\n')}\n`);
    const zips = ZIPS.get(this) ?? new Map<string, Uint8Array>();
    ZIPS.set(this, zips.set(name, zip));
    return zip;
  }
}

const ZIPS = new WeakMap<HistoryVenue, Map<string, Uint8Array>>();

function json(status: number, document: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(document)),
  };
}

/** How many bars of an interval fit into a range. */
export function barsIn({ from, to }: TimeRange, interval: Interval): number {
  return (to - from) / intervalMs(interval);
}
