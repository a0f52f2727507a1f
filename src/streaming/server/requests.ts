import { InputError, suggestion } from '../../model/errors.ts';
import { FEEDS, type Feed, type RequestId, type Topic } from '../protocol.ts';

/** What a client asks for. */
export type ServerRequest =
  | { readonly op: 'subscribe'; readonly topic: Topic; readonly id: RequestId | undefined }
  /** How things stand, once more. */
  | { readonly op: 'snapshot'; readonly topic: Topic; readonly id: RequestId | undefined }
  /** Without a topic: from everything. */
  | { readonly op: 'unsubscribe'; readonly topic: Topic | undefined; readonly id: RequestId | undefined }
  | { readonly op: 'auth'; readonly token: string; readonly id: RequestId | undefined }
  | { readonly op: 'list' | 'ping' | 'exit'; readonly id: RequestId | undefined };

const OPERATIONS = ['subscribe', 'unsubscribe', 'snapshot', 'list', 'ping', 'exit', 'auth'] as const;
/** What earlier servers of this kind call them. */
const WORDS: Readonly<Record<string, (typeof OPERATIONS)[number]>> = {
  ...{ sub: 'subscribe', subscribe: 'subscribe', dc: 'unsubscribe', unsub: 'unsubscribe' },
  ...{ unsubscribe: 'unsubscribe', snapshot: 'snapshot', exit: 'exit', list: 'list', ping: 'ping' },
};
const MOST_NAME = 64;
const NAME = /^[\p{L}\p{N}*][\p{L}\p{N}*\-_/:. ]*$/u;

/** A request as JSON or in plain words. Throws InputError `REQUEST_*`, `OPERATION_UNKNOWN`, `CHANNEL_UNKNOWN`. */
export function parseRequest(text: string): ServerRequest {
  const trimmed = text.trim();
  return trimmed.startsWith('{') ? fromJson(trimmed) : fromWords(trimmed);
}

/** The id of a request that is otherwise wrong, so that its sender knows which one. */
export function idOf(text: string): RequestId | undefined {
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return isId(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

function fromJson(text: string): ServerRequest {
  let given: Readonly<Record<string, unknown>>;
  try {
    given = JSON.parse(text);
  } catch {
    throw new InputError('REQUEST_UNREADABLE', 'that is not JSON', {
      value: shortened(text),
      fix: 'send {"op":"subscribe","topic":"BTC-USDT","channel":"trades"}, or plain words: sub BTC-USDT trades',
    });
  }
  const { op } = given;
  const id = given.id ?? undefined;
  if (id !== undefined && !isId(id))
    throw wrong('id', id, `text of at most ${MOST_NAME} characters, or a number`);
  if (typeof op !== 'string' || !OPERATIONS.includes(op as 'list')) throw unknownOperation(op, OPERATIONS);
  const name = op as (typeof OPERATIONS)[number];
  if (name === 'auth') {
    if (typeof given.token !== 'string') throw wrong('token', typeof given.token, 'text');
    return { op: name, token: given.token, id };
  }
  if (name === 'subscribe' || name === 'snapshot') return { op: name, topic: topicOf(given), id };
  if (name !== 'unsubscribe') return { op: name, id };
  const isAll = given.topic === undefined && given.channel === undefined && given.venue === undefined;
  return { op: name, topic: isAll ? undefined : topicOf(given), id };
}

/** `sub`, `sub BTC-USDT`, `sub BTC-USDT trades okx`; what is not said means all. */
function fromWords(text: string): ServerRequest {
  const [first = '', ...rest] = text.replace(/^\//, '').split(/\s+/, 6);
  const op = Object.hasOwn(WORDS, first.toLowerCase()) ? WORDS[first.toLowerCase()] : undefined;
  if (op === undefined || op === 'auth') throw unknownOperation(first, Object.keys(WORDS));
  if (op !== 'subscribe' && op !== 'unsubscribe' && op !== 'snapshot') {
    if (rest.length > 0) throw tooMany(text, first);
    return { op, id: undefined };
  }
  if (rest.length > 3) throw tooMany(text, `${first} TOPIC CHANNEL VENUE`);
  if (op === 'unsubscribe' && rest.length === 0) return { op, topic: undefined, id: undefined };
  const [topic, channel, venue] = rest;
  return { op, topic: topicOf({ topic, channel, venue }), id: undefined };
}

function topicOf(given: Readonly<Record<string, unknown>>): Topic {
  const topic = nameOf('topic', given.topic);
  const channel = nameOf('channel', given.channel);
  const venue = nameOf('venue', given.venue);
  if (channel !== undefined && !FEEDS.includes(channel as Feed)) {
    throw new InputError('CHANNEL_UNKNOWN', `there is no channel "${channel}"`, {
      value: channel,
      fix: suggestion(channel, FEEDS),
    });
  }
  return {
    ...(topic === undefined ? {} : { topic }),
    ...(channel === undefined ? {} : { channel: channel as Feed }),
    ...(venue === undefined ? {} : { venue }),
  };
}

/** Undefined for what means all. */
function nameOf(member: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '' || value === '*') return undefined;
  if (typeof value === 'string' && value.length <= MOST_NAME && NAME.test(value)) return value;
  throw wrong(member, value, `a name of at most ${MOST_NAME} characters, or * for all`);
}

function isId(value: unknown): value is RequestId {
  return (typeof value === 'string' && value.length <= MOST_NAME) || Number.isFinite(value);
}

function wrong(member: string, value: unknown, wanted: string): InputError {
  return new InputError('REQUEST_INVALID', `"${member}" cannot be used`, {
    // An object's own toString is not asked: it may be anything, or nested without end.
    value: typeof value === 'string' ? shortened(value) : typeof value,
    fix: `give ${wanted}`,
  });
}

function tooMany(text: string, form: string): InputError {
  return new InputError('REQUEST_INVALID', 'there are too many words', {
    value: shortened(text),
    fix: `send ${form}`,
  });
}

function unknownOperation(op: unknown, known: readonly string[]): InputError {
  const text = typeof op === 'string' ? shortened(op) : '';
  return new InputError(
    'OPERATION_UNKNOWN',
    text === '' ? 'there is no operation in it' : `there is no operation "${text}"`,
    { value: text, fix: suggestion(text, known) },
  );
}

function shortened(text: string): string {
  return text.length > MOST_NAME ? `${text.slice(0, MOST_NAME - 3)}...` : text;
}
