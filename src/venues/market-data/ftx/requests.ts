import type { Channel } from '../../../model/records.ts';
import { parseObject } from '../../wire/json-object.ts';
import { type RequestWords, requestIn, saysNever, stream, textIn } from '../planning/request-words.ts';

const CHANNELS: Readonly<Record<string, Channel>> = {
  ...{ trades: 'trades', orderbook: 'book', ticker: 'tickers' },
};

/** A request is one stream; an error has a code and a text, which may name the market. */
export const FTX_REQUESTS: RequestWords = {
  asked(text) {
    const request = requestIn(text);
    if (request.op !== 'subscribe') return undefined;
    return { streams: stream(CHANNELS[textIn(request, 'channel')], textIn(request, 'market')) };
  },
  refusal(frame) {
    const message = parseObject(frame);
    const words = textIn(message, 'msg');
    if (/already subscribed|not subscribed/i.test(words)) return undefined;
    const native = /No such market: (\S+)/.exec(words)?.[1];
    return {
      ...(native === undefined ? {} : { native }),
      ...{ streams: [], detail: `${textIn(message, 'code')} ${words}`.trim(), isFinal: saysNever(words) },
    };
  },
};
