import type { Channel } from '../../../model/records.ts';
import { isObject, memberOf, parseObject } from '../../wire/json-object.ts';
import {
  type AskedStream,
  type RequestWords,
  requestIn,
  saysNever,
  stream,
  textIn,
} from '../planning/request-words.ts';
import { okxInterval } from './rest.ts';

function channelOf(name: string): Channel | undefined {
  if (name.startsWith('trades')) return 'trades';
  if (name.startsWith('books')) return 'book';
  if (name.startsWith('candle')) return 'klines';
  return name === 'tickers' ? 'tickers' : undefined;
}

function streamOf(name: string, native: string): readonly AskedStream[] {
  const channel = channelOf(name);
  const interval = channel === 'klines' ? okxInterval(name.slice('candle'.length)) : undefined;
  return stream(channel, native, interval);
}

function asked(text: string) {
  const { args, op } = requestIn(text);
  if (op !== 'subscribe' || !Array.isArray(args)) return undefined;
  return {
    streams: args.filter(isObject).flatMap(one => streamOf(textIn(one, 'channel'), textIn(one, 'instId'))),
  };
}

/** Needs a login, or a higher grade of it; no such channel or instrument. */
const NEVER = new Set(['60011', '60018', '60029', '51001']);

/** Errors have a code and a text, which may name the stream, or have the request in it; requests have no number. */
export const OKX_REQUESTS: RequestWords = {
  asked,
  refusal(frame) {
    const message = parseObject(frame);
    const [code, msg] = [textIn(message, 'code'), textIn(message, 'msg')];
    if (/unsubscribe/.test(msg)) return undefined;
    const arg = memberOf(message, 'arg');
    const [, name = textIn(arg, 'channel'), native = textIn(arg, 'instId')] =
      /channel:\s*([\w-]+),\s*instId:\s*([\w-]+)/.exec(msg) ?? [];
    const quoted = /\{.*\}/.exec(msg)?.[0] ?? '';
    return {
      streams: name === '' ? (asked(quoted)?.streams ?? []) : streamOf(name, native),
      detail: `${code} ${msg}`,
      isFinal: NEVER.has(code) || saysNever(msg),
    };
  },
};
