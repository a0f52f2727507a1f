import { type BookRules, type Misfit, neverGoesBack } from '../../books/book-rules.ts';
import type { LevelChanges } from '../../books/level-changes.ts';
import { plainDecimal } from '../../wire/decimal.ts';
import { FrameError, type JsonCursor } from '../../wire/json-cursor.ts';
import {
  listOf,
  numberText,
  objectOf,
  readTexts,
  type Texts,
  textOf,
  textOrNull,
} from '../../wire/json-texts.ts';
import { MemberPlaces } from '../../wire/member-places.ts';
import type { DecoderHost, Venue } from '../contract.ts';
import { StreamDecoder } from '../decoding/stream-decoder.ts';
import type { SymbolStreams } from '../decoding/symbol-streams.ts';
import { head, timeOf } from '../records/heads.ts';
import type { Check } from '../tally.ts';
import { contractInstrument, sideOf } from './words.ts';

const LEVELS_RULE = 'delete/update name a known level, insert a new one';

const RULES: BookRules = {
  venue: 'bybit-2021',
  link: neverGoesBack('cross_seq'),
};

export const BYBIT_2021: Venue = {
  id: 'bybit-2021',
  name: 'Bybit of 2021',
  channels: ['trades', 'book'],
  addresses: { stream: 'wss://stream.bybit.com', rest: 'https://api.bybit.com' },
  limits: { connects: { count: 500, withinMs: 300_000 } },
  closed: 'Bybit has taken this API out of service; collect from bybit or bybit-spot instead',
  instrumentRequests: () => [],
  guess: contractInstrument,
  plan: () => [],
  decoder: host => new Bybit2021Decoder(host),
};

/** Levels that are there, by side and price, and what is checked of them. */
interface Levels {
  readonly known: Set<string>;
  readonly counts: { Buy: number; Sell: number };
  readonly operations: Check;
  readonly depth: Check;
}

/** Frames of Bybit's API before v5: topics `orderBookL2_25.BTCUSD` and `trade.BTCUSD`. */
class Bybit2021Decoder extends StreamDecoder {
  readonly #members = new MemberPlaces([
    ...['topic', 'type', 'data', 'cross_seq', 'timestamp_e6', 'success', 'ret_msg', 'request'],
  ]);
  readonly #levels = new Map<SymbolStreams, Levels>();
  readonly #sequences = { first: 0, last: 0, previous: Number.NaN };

  constructor(host: DecoderHost) {
    super('bybit-2021', host);
  }

  protected override suspect(frame: string): string | undefined {
    const topic = /"topic"\s*:\s*"([^".]+)\.([^"]+)"/.exec(frame);
    if (topic === null) return /"(?:success|ret_msg)"/.test(frame) ? '' : undefined;
    return topic[1].startsWith('orderBook') ? topic[2] : '';
  }

  protected read(frame: string): void {
    const { cursor } = this;
    const members = this.#members;
    cursor.open(frame);
    members.read(cursor);
    cursor.close();
    const [kind, ...rest] = members.text(cursor, 'topic').split('.');
    const native = rest.at(-1) ?? '';
    if (kind === 'trade') this.#trades(cursor);
    else if (/^orderBook(L2_25|_200)$/.test(kind)) this.#book(kind, native, cursor);
    else if (kind !== '') this.unknown(frame);
    else if (members.text(cursor, 'ret_msg') === 'pong') this.host.tally.aside('pong');
    else if (members.text(cursor, 'success') === 'true') this.host.tally.aside('ack');
    else if (members.has('success')) this.host.tally.aside('error');
    else this.unknown(frame);
  }

  #book(kind: string, native: string, cursor: JsonCursor): void {
    const members = this.#members;
    const streams = this.of(native);
    const feed = this.bookOf(streams, kind, RULES);
    if (feed === undefined) return;
    const most = kind.endsWith('_200') ? 200 : 25;
    const levels = this.#levelsOf(streams, most);
    const sequence = Number(numberOf(members.text(cursor, 'cross_seq')));
    const made = members.text(cursor, 'timestamp_e6');
    const time = made === '' ? null : Number(numberOf(made));
    const type = members.text(cursor, 'type');
    this.changes.clear();
    if (!members.seek(cursor, 'data')) throw new FrameError('no data');
    if (type === 'snapshot') {
      levels.known.clear();
      levels.counts.Buy = 0;
      levels.counts.Sell = 0;
      this.#snapshot(levels, cursor);
      this.snapshotInBand(streams, sequence, time);
    } else if (type === 'delta') {
      const wrong = this.#delta(levels, cursor);
      if (!this.isCarried(streams)) return;
      const sequences = this.#sequences;
      sequences.first = sequence;
      sequences.last = sequence;
      const misfit = feed.isValid ? this.#judge(levels, wrong, most) : undefined;
      feed.delta(this.changes, sequences, time, Number.NaN, misfit);
    } else throw new FrameError(`a book of type "${type}"`);
  }

  /** The rules of levels, which say sooner and more exactly what is wrong than a crossed book does. */
  #judge(levels: Levels, wrong: string | undefined, most: number): Misfit | undefined {
    levels.operations.checked++;
    levels.depth.checked++;
    const { Buy, Sell } = levels.counts;
    const isWithin = Buy <= most && Sell <= most;
    if (isWithin) levels.depth.passed++;
    if (wrong !== undefined) return { cause: 'LEVELS', rule: LEVELS_RULE, detail: wrong };
    levels.operations.passed++;
    return isWithin
      ? undefined
      : { cause: 'DEPTH', rule: depthRule(most), detail: `${Buy} bids, ${Sell} asks` };
  }

  /** `data` is the list of levels, or has it as `order_book`. */
  #snapshot(levels: Levels, cursor: JsonCursor): void {
    if (cursor.isArray) {
      this.#rows('insert', levels, cursor);
      return;
    }
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('order_book')) this.#rows('insert', levels, cursor);
      else cursor.skip();
    }
  }

  /** What names levels that it must not; undefined where nothing does. */
  #delta(levels: Levels, cursor: JsonCursor): string | undefined {
    const places = new Map<Operation, number>();
    cursor.object();
    while (cursor.key()) {
      const operation = OPERATIONS.find(one => cursor.is(one));
      if (operation !== undefined) places.set(operation, cursor.at);
      cursor.skip();
    }
    let wrong: string | undefined;
    // A level may leave one side and come on the other in one message.
    for (const operation of OPERATIONS) {
      const place = places.get(operation);
      if (place === undefined) continue;
      cursor.at = place;
      const found = this.#rows(operation, levels, cursor);
      wrong ??= found;
    }
    return wrong;
  }

  #rows(operation: Operation, levels: Levels, cursor: JsonCursor): string | undefined {
    let wrong: string | undefined;
    cursor.array();
    while (cursor.item()) {
      const found = this.#row(operation, levels, this.changes, cursor);
      wrong ??= found;
    }
    return wrong;
  }

  #row(operation: Operation, levels: Levels, changes: LevelChanges, cursor: JsonCursor): string | undefined {
    let [price, size, side] = [-1, -1, ''];
    cursor.object();
    while (cursor.key()) {
      if (cursor.is('side')) side = cursor.string();
      else {
        if (cursor.is('price')) price = cursor.at;
        else if (cursor.is('size')) size = cursor.at;
        cursor.skip();
      }
    }
    const end = cursor.at;
    if (side !== 'Buy' && side !== 'Sell') throw new FrameError(`a level whose side is "${side}"`);
    if (price === -1 || (size === -1 && operation !== 'delete'))
      throw new FrameError('a level without price or size');
    const levelsOfSide = side === 'Buy' ? changes.bids : changes.asks;
    cursor.at = price;
    levelsOfSide.readPrice(cursor);
    if (operation === 'delete') levelsOfSide.remove();
    else {
      cursor.at = size;
      levelsOfSide.readSize(cursor);
    }
    cursor.at = price;
    // The id is made of the price; where the two differ, the price is what the book has.
    const name = `${side} ${plainDecimal(cursor.scalar() ?? '')}`;
    cursor.at = end;
    const isKnown = levels.known.has(name);
    const isWrong = isKnown === (operation === 'insert');
    if (operation === 'delete') {
      if (levels.known.delete(name)) levels.counts[side]--;
    } else if (!isKnown) {
      levels.known.add(name);
      levels.counts[side]++;
    }
    return isWrong ? `${operation} of ${name}, which is ${isKnown ? '' : 'not '}there` : undefined;
  }

  #levelsOf(streams: SymbolStreams, most: number): Levels {
    let levels = this.#levels.get(streams);
    if (levels === undefined) {
      const { rules } = this.host.tally;
      const tally = this.host.tally.of(streams.instrument.native);
      rules.set('levelOps', LEVELS_RULE);
      rules.set('depthLimit', depthRule(most));
      levels = {
        known: new Set(),
        counts: { Buy: 0, Sell: 0 },
        operations: tally.check('levelOps'),
        depth: tally.check('depthLimit'),
      };
      this.#levels.set(streams, levels);
    }
    return levels;
  }

  /** The API that could be asked is gone: a capture has what came. */
  protected askForBook(): void {}

  #trades(cursor: JsonCursor): void {
    if (!this.#members.seek(cursor, 'data')) throw new FrameError('no data');
    for (const value of listOf(readTexts(cursor), 'data')) this.#trade(value);
  }

  #trade(value: Texts): void {
    const row = objectOf(value, 'a trade');
    const streams = this.of(textOf(row, 'symbol'));
    const id = textOf(row, 'trade_id');
    if (!streams.tradeIds.isNew(id)) {
      streams.duplicateTrades.value++;
      return;
    }
    const time = timeOf(numberText(row, 'trade_time_ms'));
    const [priceText, sizeText] = [numberText(row, 'price'), numberText(row, 'size')];
    this.tradesFlow(streams, time);
    this.host.emit({
      kind: 'trade',
      ...head(this.host, this.venue, streams.instrument, time, textOrNull(row, 'cross_seq')),
      id,
      side: sideOf(row.side),
      price: Number(priceText),
      priceText,
      size: Number(sizeText),
      sizeText,
      isHistory: false,
      isLate: false,
      fills: null,
    });
  }

  protected readAnswer(url: URL, text: string): void {
    if (!url.pathname.endsWith('/symbols')) return;
    const { cursor } = this;
    cursor.open(text);
    const answer = objectOf(readTexts(cursor), 'the answer');
    cursor.close();
    for (const one of listOf(answer.result, 'result')) {
      const row = objectOf(one, 'an instrument');
      const native = textOf(row, 'name');
      const [, , ...tail] = contractInstrument(native).symbol.split('-');
      const pair = [textOf(row, 'base_currency'), textOf(row, 'quote_currency')];
      this.host.instruments.add({
        native,
        symbol: [...pair, ...(tail.length > 0 ? tail : ['PERP'])].join('-'),
      });
    }
  }
}

const OPERATIONS = ['delete', 'update', 'insert'] as const;
type Operation = (typeof OPERATIONS)[number];

const depthRule = (most: number) => `at most ${most} levels a side`;

function numberOf(text: string): string {
  if (!/^\d+$/.test(text)) throw new FrameError(`no integer: ${text}`);
  return text;
}
