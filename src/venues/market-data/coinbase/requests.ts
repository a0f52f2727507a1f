import type { Channel } from '../../../model/records.ts';
import { parseObject } from '../../wire/json-object.ts';
import {
  type RequestWords,
  requestIn,
  saysNever,
  stream,
  textIn,
  textsIn,
} from '../planning/request-words.ts';

const CHANNELS: Readonly<Record<string, Channel>> = {
  ...{ market_trades: 'trades', level2: 'book', candles: 'klines' },
  ...{ ticker: 'tickers', ticker_batch: 'tickers' },
};

/** The venue answers for USDC pairs under the USD name. */
const answeredAs = (product: string) => product.replace(/-USDC$/, '-USD');

/** An error is a text without a number, which may name the product; whether the others are granted it does not say. */
export const COINBASE_REQUESTS: RequestWords = {
  refusesWhole: true,
  asked(text) {
    const request = requestIn(text);
    const channel = CHANNELS[textIn(request, 'channel')];
    if (request.type !== 'subscribe' || channel === undefined) return undefined;
    const interval = channel === 'klines' ? '5m' : undefined;
    const products = textsIn(request, 'product_ids');
    return { streams: products.flatMap(one => stream(channel, answeredAs(one), interval)) };
  },
  refusal(frame) {
    const message = parseObject(frame);
    const detail = [textIn(message, 'message'), textIn(message, 'reason')].filter(Boolean).join(': ');
    if (/unsubscribe/i.test(detail)) return undefined;
    const product = /\b[A-Z0-9]{2,}(?:-[A-Z0-9]+)+\b/.exec(detail)?.[0];
    return {
      ...(product === undefined ? {} : { native: answeredAs(product) }),
      ...{ streams: [], detail, isFinal: saysNever(detail) },
    };
  },
  askedAs: (_channel, { native }) => answeredAs(native),
};
