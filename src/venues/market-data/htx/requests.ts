import { parseObject } from '../../wire/json-object.ts';
import {
  type AskedStream,
  idIn,
  type RequestWords,
  requestIn,
  saysNever,
  stream,
  textIn,
} from '../planning/request-words.ts';
import { canonicalInterval } from './words.ts';

/** `market.btcusdt.kline.1min`. */
function streamOf(topic: string): readonly AskedStream[] {
  const [, native = '', name = ''] = /^market\.([^.]+)\.(.+)$/.exec(topic) ?? [];
  if (name === 'trade.detail') return stream('trades', native);
  if (/^(mbp|depth)\./.test(name)) return stream('book', native);
  if (name.startsWith('kline.'))
    return stream('klines', native, canonicalInterval(name.slice('kline.'.length)));
  return /^(bbo|detail|ticker)$/.test(name) ? stream('tickers', native) : [];
}

/** A request is one topic; an error has its id, and mostly its topic in the text. */
export const HTX_REQUESTS: RequestWords = {
  asked(text) {
    const request = requestIn(text);
    if (typeof request.sub !== 'string') return undefined;
    return { ...idIn(request, 'id'), streams: streamOf(request.sub) };
  },
  refusal(frame) {
    const message = parseObject(frame);
    const words = textIn(message, 'err-msg');
    // A snapshot that was asked for is no stream.
    if (message.rep !== undefined || /already|repeat|duplicate|unsub/i.test(words)) return undefined;
    const topic = /market\.[\w-]+\.[\w.]+/.exec(words)?.[0] ?? '';
    return {
      ...idIn(message, 'id'),
      streams: streamOf(topic),
      detail: `${textIn(message, 'err-code')} ${words}`.trim(),
      isFinal: saysNever(words),
    };
  },
};
