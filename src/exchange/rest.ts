import { decimalText } from '../model/decimal-text.ts';
import { BINANCE_INTERVALS } from '../venues/binance/intervals.ts';
import { INFO_PATH, type LocalInfo } from '../venues/binance/replay.ts';
import { roundTo } from './decimal.ts';
import { RATE_LIMITS, type SymbolInfo, symbolInfo } from './exchange-info.ts';
import { bookOf, tickOf } from './frames.ts';
import type { Kline } from './kline.ts';
import type { Listing } from './market.ts';
import { Parameters } from './parameters.ts';
import { RestError, restErrors } from './rest-errors.ts';
import { dayOf, windowOf } from './statistics.ts';
import type { Moment, Tape } from './tape.ts';

export interface RestRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** What stands behind the question mark. */
  readonly query: string;
  /** Names in lower case; default none. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** A form; default empty. */
  readonly body?: string | undefined;
}

export interface RestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the answers are made of. */
export interface RestSource {
  readonly tape: Tape;
  /** What is known. */
  readonly moment: Moment;
  /** The exchange's clock, epoch ms UTC. */
  readonly time: number;
  readonly info: LocalInfo;
  /** What exchangeInfo says of each symbol. */
  readonly symbols: ReadonlyMap<string, SymbolInfo>;
  /** The status of all symbols, where it is not their own. */
  readonly status?: string | undefined;
}

interface Question extends RestSource {
  readonly parameters: Parameters;
}

interface Route {
  /** By the number of symbols asked for; 0 for all. */
  readonly weight: number | ((parameters: URLSearchParams) => number);
  readonly answer: (question: Question) => unknown;
}

const MOST_KLINES = 1000;
const KLINES = 500;
const MOST_LEVELS = 5000;
const LEVELS = 20;

const ROUTES: Readonly<Record<string, Route>> = {
  '/api/v3/ping': { weight: 1, answer: () => ({}) },
  '/api/v3/time': { weight: 1, answer: ({ time }) => ({ serverTime: time }) },
  '/api/v3/exchangeInfo': { weight: 20, answer: exchangeInfo },
  '/api/v3/klines': { weight: 2, answer: klines },
  '/api/v3/uiKlines': { weight: 2, answer: klines },
  '/api/v3/ticker/price': { weight: perSymbol(2, 4), answer: prices },
  '/api/v3/ticker/bookTicker': { weight: perSymbol(2, 4), answer: books },
  '/api/v3/ticker/24hr': { weight: perSymbol(2, 80), answer: days },
  '/api/v3/avgPrice': { weight: 2, answer: averagePrice },
  '/api/v3/depth': { weight: depthWeight, answer: depth },
  '/api/v3/trades': { weight: 25, answer: trades },
  '/api/v3/aggTrades': { weight: 4, answer: aggregateTrades },
  [INFO_PATH]: { weight: 0, answer: ({ info }) => info },
};

/** The request weight that Binance would count; 0 for what it does not know. */
export function weightOf({ path, query }: RestRequest): number {
  const weight = ROUTES[path]?.weight ?? 0;
  return typeof weight === 'number' ? weight : weight(new URLSearchParams(query));
}

/** The answer to a request, without limits and faults. */
export function answer(request: RestRequest, source: RestSource): RestResponse {
  if (!isKnown(request.path)) return notFound();
  if (request.method !== 'GET') return notAllowed();
  try {
    return json(200, answerTo(request.path, new Parameters(request.query), source));
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return errorResponse(error);
  }
}

/** True for a path of the market's. */
export function isKnown(path: string): boolean {
  return Object.hasOwn(ROUTES, path);
}

/** What a known path is answered. Throws a RestError. */
export function answerTo(path: string, parameters: Parameters, source: RestSource): unknown {
  const body = ROUTES[path].answer({ ...source, parameters });
  parameters.end();
  return body;
}

export function notFound(): RestResponse {
  return page(404, '<html><body><h2>404 Not found</h2></body></html>');
}

export function notAllowed(): RestResponse {
  return page(405, '<html><body><h2>405 Method Not Allowed</h2></body></html>');
}

export function errorResponse(error: RestError): RestResponse {
  const { status, retryAfter } = error;
  const response = json(status, errorBody(error));
  if (retryAfter === undefined) return response;
  return { ...response, headers: { ...response.headers, 'retry-after': String(retryAfter) } };
}

export function errorBody({ code, message, data }: RestError): object {
  return { code, msg: message, ...(data === undefined ? {} : { data }) };
}

export function json(status: number, body: unknown): RestResponse {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
    body: JSON.stringify(body),
  };
}

export function page(status: number, body: string): RestResponse {
  return { status, headers: { 'content-type': 'text/html' }, body };
}

function perSymbol(one: number, all: number): (parameters: URLSearchParams) => number {
  return parameters => {
    if (parameters.has('symbol')) return one;
    const several = parameters.get('symbols');
    return several !== null && several.split(',').length <= 20 ? one * 2 : all;
  };
}

function depthWeight(parameters: URLSearchParams): number {
  const limit = Number(parameters.get('limit') ?? 100);
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250;
}

function listingOf(tape: Tape, symbol: string): Listing {
  const listing = tape.market.listings.get(symbol);
  if (listing === undefined) throw restErrors.symbol();
  return listing;
}

function mandatoryListing({ parameters, tape }: Question): Listing {
  parameters.mandatory('symbol');
  return listingOf(tape, parameters.symbol()!);
}

function exchangeInfo({ parameters, tape, symbols, time, status }: Question): unknown {
  const wanted = parameters.symbols();
  for (const name of ['permissions', 'showPermissionSets', 'symbolStatus']) parameters.text(name);
  const listings = wanted?.names.map(name => listingOf(tape, name)) ?? [...tape.market.listings.values()];
  return {
    timezone: 'UTC',
    serverTime: time,
    rateLimits: RATE_LIMITS,
    exchangeFilters: [],
    symbols: listings
      .map(listing => symbols.get(listing.symbol) ?? symbolInfo(listing))
      .map(info => (status === undefined ? info : { ...info, status })),
  };
}

function klines(question: Question): unknown {
  const { parameters, tape, moment } = question;
  const listing = mandatoryListing(question);
  const interval = parameters.mandatory('interval');
  const from = parameters.count('startTime');
  const to = parameters.count('endTime');
  const limit = parameters.limit(KLINES, MOST_KLINES);
  const zone = parameters.text('timeZone') ?? '0';
  if (!/^[+-]?0?0(:00)?$/.test(zone)) throw restErrors.value('timeZone');
  const series = listing.series.get(interval);
  if (series === undefined) {
    if (!(BINANCE_INTERVALS as readonly string[]).includes(interval)) throw restErrors.interval();
    return [];
  }
  return tape.klines(series, moment, { from, to, limit }).map(rowOf);
}

function rowOf(kline: Kline): unknown {
  return [
    kline.openTime,
    decimalText(kline.open),
    decimalText(kline.high),
    decimalText(kline.low),
    decimalText(kline.close),
    decimalText(kline.volume),
    kline.closeTime,
    decimalText(kline.quoteVolume),
    kline.trades,
    decimalText(kline.takerBase),
    decimalText(kline.takerQuote),
    '0',
  ];
}

/** One object for `symbol=`, an array otherwise; symbols that have no price yet are left out of it. */
function each(question: Question, row: (listing: Listing) => object | undefined): unknown {
  const { parameters, tape } = question;
  const wanted = parameters.symbols();
  if (wanted?.single) return row(listingOf(tape, wanted.names[0])) ?? {};
  const listings = wanted?.names.map(name => listingOf(tape, name)) ?? [...tape.market.listings.values()];
  return listings.map(row).filter(one => one !== undefined);
}

function prices(question: Question): unknown {
  return each(question, listing => {
    const price = question.tape.price(listing, question.moment);
    return Number.isNaN(price) ? undefined : { symbol: listing.symbol, price: decimalText(price) };
  });
}

function books(question: Question): unknown {
  return each(question, listing => {
    const book = bookOf(question.tape, listing, question.moment);
    if (book === undefined) return undefined;
    const { bid, ask, size } = book;
    return { symbol: listing.symbol, bidPrice: bid, bidQty: size, askPrice: ask, askQty: size };
  });
}

function days(question: Question): unknown {
  const { tape, moment, parameters } = question;
  const type = parameters.text('type') ?? 'FULL';
  if (type !== 'FULL' && type !== 'MINI') throw restErrors.value('type');
  return each(question, listing => {
    const day = dayOf(tape, listing, moment);
    if (day === undefined) return undefined;
    const { bid, ask, size } = bookOf(tape, listing, moment)!;
    const { places } = listing.finest;
    const weighted = day.volume > 0 ? roundTo(day.quoteVolume / day.volume, places) : day.close;
    const brief = {
      symbol: listing.symbol,
      openPrice: decimalText(day.open),
      highPrice: decimalText(day.high),
      lowPrice: decimalText(day.low),
      lastPrice: decimalText(day.close),
      volume: decimalText(day.volume),
      quoteVolume: decimalText(day.quoteVolume),
      openTime: day.openTime,
      closeTime: day.closeTime,
      firstId: day.firstTrade,
      lastId: day.lastTrade,
      count: day.trades,
    };
    if (type === 'MINI') return brief;
    return {
      ...brief,
      priceChange: decimalText(roundTo(day.close - day.open, places)),
      priceChangePercent: ((day.close / day.open - 1) * 100).toFixed(3),
      weightedAvgPrice: decimalText(weighted),
      prevClosePrice: decimalText(day.open),
      lastQty: size,
      bidPrice: bid,
      bidQty: size,
      askPrice: ask,
      askQty: size,
    };
  });
}

function averagePrice(question: Question): unknown {
  const listing = mandatoryListing(question);
  const minutes = windowOf(question.tape, listing, question.moment, 5 * 60_000);
  if (minutes === undefined) return {};
  const { volume, quoteVolume, close, closeTime } = minutes;
  const price = volume > 0 ? roundTo(quoteVolume / volume, 8) : close;
  return { mins: 5, price: decimalText(price), closeTime };
}

function depth(question: Question): unknown {
  const { tape, moment, parameters } = question;
  const listing = mandatoryListing(question);
  const levels = Math.min(LEVELS, parameters.limit(100, MOST_LEVELS));
  parameters.text('symbolStatus');
  const book = bookOf(tape, listing, moment);
  if (book === undefined) return { lastUpdateId: 0, bids: [], asks: [] };
  const tick = tickOf(listing);
  const side = (best: string, sign: 1 | -1) =>
    Array.from({ length: levels }, (_, i) => Number(best) + sign * i * tick)
      .filter(price => price > 0)
      .map((price, i) => [
        decimalText(roundTo(price, listing.finest.places + 2)),
        decimalText(roundTo(Number(book.size) * (1 + i / 4), 8)),
      ]);
  return { lastUpdateId: book.id, bids: side(book.bid, -1), asks: side(book.ask, 1) };
}

interface Print {
  readonly id: number;
  readonly price: number;
  readonly size: number;
  readonly time: number;
}

/** One trade for each update of the last bars, newest last: what the trade streams told. */
function printsOf({ tape, moment }: Question, { finest }: Listing, limit: number): Print[] {
  const prints: Print[] = [];
  const forming = tape.forming(finest, moment);
  let row = forming?.row ?? tape.closed(finest, moment) - 1;
  let step = forming?.step ?? tape.updates(finest) - 1;
  for (; row >= 0 && prints.length < limit; row--, step = tape.updates(finest) - 1) {
    for (; step >= 0 && prints.length < limit; step--) {
      const now = tape.update(finest, row, step);
      const before = step === 0 ? 0 : tape.update(finest, row, step - 1).volume;
      const time = tape.updateTime(finest, row, step);
      if (now.lastTrade === -1) continue;
      prints.push({ id: now.lastTrade, price: now.close, size: roundTo(now.volume - before, 8), time });
    }
  }
  return prints.reverse();
}

function trades(question: Question): unknown {
  const listing = mandatoryListing(question);
  return printsOf(question, listing, question.parameters.limit(500, 1000)).map(
    ({ id, price, size, time }) => ({
      id,
      price: decimalText(price),
      qty: decimalText(size),
      quoteQty: decimalText(roundTo(price * size, 8)),
      time,
      isBuyerMaker: false,
      isBestMatch: true,
    }),
  );
}

/** Only the most recent ones: requests by id or time are answered with nothing. */
function aggregateTrades(question: Question): unknown {
  const { parameters } = question;
  const listing = mandatoryListing(question);
  const limit = parameters.limit(500, 1000);
  const past = ['fromId', 'startTime', 'endTime'].map(name => parameters.count(name));
  if (past.some(value => value !== undefined)) return [];
  return printsOf(question, listing, limit).map(({ id, price, size, time }) => ({
    a: id,
    p: decimalText(price),
    q: decimalText(size),
    f: id,
    l: id,
    T: time,
    m: false,
    M: true,
  }));
}
