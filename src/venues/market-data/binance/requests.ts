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

/** `btcusdt@kline_1m`, `btcusdt@depth@100ms`. */
function streamOf(name: string): readonly AskedStream[] {
  const [lower, kind = ''] = name.split('@');
  const native = lower.toUpperCase();
  if (kind === 'trade') return stream('trades', native);
  if (kind.startsWith('kline_')) return stream('klines', native, kind.slice('kline_'.length));
  if (kind.startsWith('depth')) return stream('book', native);
  return kind === 'bookTicker' ? stream('tickers', native) : [];
}

/** Streams are named by the address, or by requests of which several streams fail together. */
export const BINANCE_REQUESTS: RequestWords = {
  refusesWhole: true,
  asked(text) {
    const request = requestIn(text);
    if (request.method !== 'SUBSCRIBE') return undefined;
    return { ...idIn(request, 'id'), streams: textsIn(request, 'params').flatMap(streamOf) };
  },
  askedBy(url) {
    const names = URL.parse(url)?.searchParams.get('streams')?.split('/');
    return names && { streams: names.flatMap(streamOf) };
  },
  refusal(frame) {
    const message = parseObject(frame);
    const error = memberOf(message, 'error');
    const words = textIn(error, 'msg');
    const names = words.match(/\w+@\w+(?:@\w+)?/g) ?? [];
    return {
      ...idIn(message, 'id'),
      streams: names.flatMap(streamOf),
      detail: `${textIn(error, 'code')} ${words}`.trim(),
      isFinal: saysNever(words),
    };
  },
};
