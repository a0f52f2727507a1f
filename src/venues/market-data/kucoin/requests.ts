import type { Channel } from '../../../model/records.ts';
import { parseObject } from '../../wire/json-object.ts';
import {
  type Asked,
  type AskedStream,
  idIn,
  type RequestWords,
  requestIn,
  saysNever,
  stream,
  textIn,
} from '../planning/request-words.ts';
import { canonicalInterval } from './words.ts';

const CHANNELS: Readonly<Record<string, Channel>> = {
  ...{ match: 'trades', execution: 'trades', candles: 'klines', limitCandle: 'klines' },
  ...{ level2: 'book', level2Depth5: 'book', level2Depth50: 'book' },
  ...{ ticker: 'tickers', tickerV2: 'tickers', snapshot: 'tickers' },
};

/** `/market/candles:BTC-USDT_1min,ETH-USDT_1min`. */
function streamsOf(topic: string): readonly AskedStream[] {
  const [, name = '', natives = ''] = /^\/\w+\/(\w+):(.+)$/.exec(topic) ?? [];
  const channel = CHANNELS[name];
  return natives.split(',').flatMap(one => {
    if (channel !== 'klines') return stream(channel, one);
    const [native, interval = ''] = one.split('_');
    return stream(channel, native, canonicalInterval(interval));
  });
}

const NEWER: Readonly<Record<string, Channel>> = {
  ...{ trade: 'trades', ticker: 'tickers', kline: 'klines', obu: 'book' },
};

/** A request of the newer API names one instrument. */
function newer(text: string): Asked | undefined {
  const request = requestIn(text);
  if (request.action !== 'subscribe') return undefined;
  const channel = NEWER[textIn(request, 'channel')];
  const interval = channel === 'klines' ? canonicalInterval(textIn(request, 'interval')) : undefined;
  return { ...idIn(request, 'id'), streams: stream(channel, textIn(request, 'symbol'), interval) };
}

const NEVER = new Set(['400', '401', '403', '404']);

/** A topic of several instruments fails whole; an error has the id of its request, a code and a text. */
export const KUCOIN_REQUESTS: RequestWords = {
  refusesWhole: true,
  asked(text) {
    const request = requestIn(text);
    if (request.type !== 'subscribe') return newer(text);
    return { ...idIn(request, 'id'), streams: streamsOf(textIn(request, 'topic')) };
  },
  refusal(frame) {
    const message = parseObject(frame);
    const code = textIn(message, 'code');
    const words = textIn(message, 'data') || textIn(message, 'msg');
    if (/already|unsubscribe/i.test(words)) return undefined;
    const topic = /\/\w+\/\w+:[\w,-]+/.exec(words)?.[0] ?? '';
    return {
      ...idIn(message, 'id'),
      streams: streamsOf(topic),
      detail: `${code} ${words}`.trim(),
      isFinal: NEVER.has(code) || saysNever(words),
    };
  },
};
