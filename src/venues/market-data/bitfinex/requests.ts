import { type JsonObject, parseObject } from '../../wire/json-object.ts';
import {
  type AskedStream,
  type RequestWords,
  requestIn,
  saysNever,
  stream,
  textIn,
} from '../planning/request-words.ts';
import { intervalNamed } from './symbols.ts';

function streamOf(message: JsonObject): readonly AskedStream[] {
  const channel = textIn(message, 'channel');
  const symbol = textIn(message, 'symbol');
  if (channel === 'trades') return stream('trades', symbol);
  if (channel === 'ticker') return stream('tickers', symbol);
  if (channel === 'book') return stream(message.prec === 'R0' ? 'l3' : 'book', symbol);
  // `trade:1m:tDOGE:USD`
  const [, own = '', native = ''] = /^trade:([^:]+):(.+)$/.exec(textIn(message, 'key')) ?? [];
  return stream('klines', native, intervalNamed(own));
}

/** Subscriptions that fail, but for one that stands already (10301). */
const REFUSED = new Set(['10300', '10302', '10305']);
/** No such channel. */
const NEVER = '10302';

/** A request is one channel; an error repeats it, with a code and a text. */
export const BITFINEX_REQUESTS: RequestWords = {
  asked(text) {
    const request = requestIn(text);
    return request.event === 'subscribe' ? { streams: streamOf(request) } : undefined;
  },
  refusal(frame) {
    const message = parseObject(frame);
    const code = textIn(message, 'code');
    if (!REFUSED.has(code)) return undefined;
    const words = textIn(message, 'msg');
    return {
      streams: streamOf(message),
      detail: `${code} ${words}`,
      isFinal: code === NEVER || saysNever(words),
    };
  },
};
