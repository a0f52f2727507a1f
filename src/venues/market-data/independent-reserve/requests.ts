import { parseObject } from '../../wire/json-object.ts';
import {
  type AskedStream,
  type RequestWords,
  requestIn,
  saysNever,
  stream,
  textsIn,
} from '../planning/request-words.ts';

/** `orderbook-eth`, `ticker-eth-aud`: one stream serves all currencies of an asset. */
function streamOf(name: string): readonly AskedStream[] {
  const [kind, base] = name.toLowerCase().split('-');
  if (kind === 'orderbook') return stream('l3', `${kind}-${base}`);
  return kind === 'ticker' ? stream('trades', `${kind}-${base}`) : [];
}

/** An error is a text without a number, which may name the stream. */
export const INDEPENDENT_RESERVE_REQUESTS: RequestWords = {
  asked(text) {
    const request = requestIn(text);
    if (request.Event !== 'Subscribe') return undefined;
    return { streams: textsIn(request, 'Data').flatMap(streamOf) };
  },
  refusal(frame) {
    const { Data } = parseObject(frame);
    const detail = typeof Data === 'string' ? Data : JSON.stringify(Data ?? '');
    if (/unsubscribe/i.test(detail)) return undefined;
    const names = detail.match(/\b(?:orderbook|ticker)-\w+/gi) ?? [];
    return { streams: names.flatMap(streamOf), detail, isFinal: saysNever(detail) };
  },
  askedAs: (channel, { native }) =>
    `${channel === 'trades' ? 'ticker' : 'orderbook'}-${native.replace(/^(?:ticker|orderbook)-/, '').split('-')[0]}`,
};
