import { memberOf, parseObject } from '../../wire/json-object.ts';
import { intervalOfSeconds } from '../planning/intervals.ts';
import {
  type AskedStream,
  idIn,
  type RequestWords,
  requestIn,
  saysNever,
  stream,
  textIn,
} from '../planning/request-words.ts';
import { isReal } from './words.ts';

const CHANNELS = { trade: 'trades', orderbook: 'book', kline: 'klines' } as const;
/** Tickers of all instruments of a kind are one stream. */
const TICKERS = { real: 'perp_market24h_pack_p', spot: 'spot_market24h', scaled: 'market24h' } as const;

function streamOf(topic: string, params: unknown): readonly AskedStream[] {
  if (Object.values<string>(TICKERS).includes(topic))
    return [{ channel: 'tickers', native: topic, symbol: '' }];
  const channel = CHANNELS[topic.replace(/_p$/, '') as keyof typeof CHANNELS];
  const [native, seconds] = Array.isArray(params) ? (params as unknown[]) : [];
  if (typeof native !== 'string') return [];
  return stream(channel, native, channel === 'klines' ? intervalOfSeconds(Number(seconds)) : undefined);
}

/** A request is one stream; an error has its id, a code and a text. */
export const PHEMEX_REQUESTS: RequestWords = {
  asked(text) {
    const request = requestIn(text);
    const [topic, action] = textIn(request, 'method').split('.');
    if (action !== 'subscribe') return undefined;
    return { ...idIn(request, 'id'), streams: streamOf(topic, request.params) };
  },
  refusal(frame) {
    const message = parseObject(frame);
    const error = memberOf(message, 'error');
    const words = textIn(error, 'message');
    return {
      ...idIn(message, 'id'),
      streams: [],
      detail: `${textIn(error, 'code')} ${words}`.trim(),
      isFinal: saysNever(words),
    };
  },
  askedAs(channel, instrument) {
    if (channel !== 'tickers') return instrument.native;
    if (isReal(instrument)) return TICKERS.real;
    return /^s[A-Z0-9]/.test(instrument.native) ? TICKERS.spot : TICKERS.scaled;
  },
};
