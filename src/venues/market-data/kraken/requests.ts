import type { Channel } from '../../../model/records.ts';
import { memberOf, parseObject } from '../../wire/json-object.ts';
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
import { krakenInterval } from './rest.ts';

const CHANNELS: Readonly<Record<string, Channel>> = {
  ...{ trade: 'trades', book: 'book', level3: 'l3', ohlc: 'klines', ticker: 'tickers' },
};

function streamOf(name: string, native: string, interval: unknown): readonly AskedStream[] {
  const channel = CHANNELS[name];
  return stream(channel, native, channel === 'klines' ? krakenInterval(Number(interval ?? 1)) : undefined);
}

/** Of the second version. One answer a symbol: an error names the request by its id, and the symbol. */
export const KRAKEN_REQUESTS: RequestWords = {
  asked(text) {
    const request = requestIn(text);
    if (request.method !== 'subscribe') return undefined;
    const params = memberOf(request, 'params');
    const name = textIn(params, 'channel');
    const streams = textsIn(params, 'symbol').flatMap(native => streamOf(name, native, params.interval));
    return { ...idIn(request, 'req_id'), streams };
  },
  refusal(frame) {
    const message = parseObject(frame);
    const detail = textIn(message, 'error');
    if (message.method !== 'subscribe' || /already subscribed/i.test(detail)) return undefined;
    const native = textIn(message, 'symbol');
    return {
      ...idIn(message, 'req_id'),
      ...(native === '' ? {} : { native }),
      ...{ streams: [], detail, isFinal: saysNever(detail) },
    };
  },
};

/** Of the first version. One answer a pair, which names it and its channel. */
export const KRAKEN_V1_REQUESTS: RequestWords = {
  asked(text) {
    const request = requestIn(text);
    if (request.event !== 'subscribe') return undefined;
    const { interval, name } = memberOf(request, 'subscription');
    const streams = textsIn(request, 'pair').flatMap(native => streamOf(String(name), native, interval));
    return { ...idIn(request, 'reqid'), streams };
  },
  refusal(frame) {
    const message = parseObject(frame);
    const detail = textIn(message, 'errorMessage');
    if (/already subscribed|not subscribed/i.test(detail)) return undefined;
    const { interval, name } = memberOf(message, 'subscription');
    const native = textIn(message, 'pair');
    const streams = name === undefined ? [] : streamOf(String(name), native, interval);
    return {
      ...idIn(message, 'reqid'),
      ...(native === '' ? {} : { native }),
      ...{ streams, detail, isFinal: saysNever(detail) },
    };
  },
};
