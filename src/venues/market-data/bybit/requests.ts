import type { Channel } from '../../../model/records.ts';
import { parseObject } from '../../wire/json-object.ts';
import {
  type AskedStream,
  idIn,
  type RequestWords,
  requestIn,
  saysNever,
  stream,
  textIn,
  textsIn,
} from '../planning/request-words.ts';
import { canonicalInterval } from './words.ts';

const CHANNELS: ReadonlyMap<string, Channel> = new Map([
  ['publicTrade', 'trades'],
  ['orderbook', 'book'],
  ['kline', 'klines'],
  ['tickers', 'tickers'],
]);

/** `kline.1.BTCUSDT`, `orderbook.200.BTCUSDT`, `publicTrade.BTCUSDT`; names have no dots. */
function streamOf(topic: string): readonly AskedStream[] {
  const [kind, ...rest] = topic.split('.');
  const channel = CHANNELS.get(kind);
  const interval = channel === 'klines' ? canonicalInterval(rest[0]) : undefined;
  return stream(channel, rest.at(-1) ?? '', interval);
}

const TOPIC = /(?:publicTrade|orderbook|kline|tickers)\.[\w.-]+/g;

/** A request of several topics fails whole; the text may name the one that it is about. */
export const BYBIT_REQUESTS: RequestWords = {
  refusesWhole: true,
  asked(text) {
    const request = requestIn(text);
    if (request.op !== 'subscribe') return undefined;
    return { ...idIn(request, 'req_id'), streams: textsIn(request, 'args').flatMap(streamOf) };
  },
  refusal(frame) {
    const message = parseObject(frame);
    const detail = textIn(message, 'ret_msg');
    if (/already subscribed/i.test(detail) || message.op === 'unsubscribe') return undefined;
    const streams = [...detail.matchAll(TOPIC)].flatMap(([topic]) => streamOf(topic));
    return { ...idIn(message, 'req_id'), streams, detail, isFinal: saysNever(detail) };
  },
  // Trades of options are told by base coin.
  askedAs: (channel, { native }) =>
    channel === 'trades' && /-[CP](-[A-Z]+)?$/.test(native) ? native.split('-')[0] : native,
};
