import type { VenueProtocol } from './protocol.ts';

/** Why a venue grants nothing: too much was asked at once, or there is no such thing. */
export type Why = 'later' | 'never';

type Message = Readonly<Record<string, unknown>>;
/** What one venue answers to a request that it refuses; undefined for what is no request for streams. */
type Refuse = (message: Message, why: Why) => readonly object[] | undefined;

const okx: Refuse = ({ args, op }, why) => {
  if (op !== 'subscribe') return undefined;
  const error = { event: 'error', connId: 'a4d3ae55' };
  if (why === 'later') return [{ ...error, code: '60014', msg: 'Requests too frequent' }];
  return (args as { channel: string; instId: string }[]).map(({ channel, instId }) => {
    const msg = `Wrong URL or channel:${channel},instId:${instId} doesn't exist. Please use the correct URL, channel and parameters referring to API document.`;
    return { ...error, code: '60018', msg };
  });
};

const bybit: Refuse = ({ args, op, req_id }, why) => {
  if (op !== 'subscribe') return undefined;
  const never = `error:handler not found,topic:${(args as string[])[0]}`;
  return [{ success: false, ret_msg: why === 'never' ? never : 'too frequent', conn_id: 'c', req_id, op }];
};

const htx: Refuse = ({ id, sub }, why) => {
  if (sub === undefined) return undefined;
  const later = { 'err-code': 'too-many-requests', 'err-msg': 'too many requests' };
  const never = { 'err-code': 'bad-request', 'err-msg': `invalid topic ${sub}` };
  return [{ status: 'error', ts: 1, id, ...(why === 'never' ? never : later) }];
};

const kucoin: Refuse = ({ id, topic, type }, why) => {
  if (type !== 'subscribe') return undefined;
  const later = { code: 509, data: 'exceed max subscription count limitation of 100 per 10 second' };
  const never = { code: 404, data: `topic ${topic} is not found` };
  return [{ id, type: 'error', ...(why === 'never' ? never : later) }];
};

const phemex: Refuse = ({ id, method }, why) => {
  if (!/\.subscribe$/.test(String(method))) return undefined;
  const later = { code: 10_500, message: 'too many requests' };
  return [{ error: why === 'never' ? { code: 6001, message: 'invalid argument' } : later, id, result: null }];
};

const kraken: Refuse = ({ method, params, req_id }, why) => {
  if (method !== 'subscribe') return undefined;
  return (params as { symbol: string[] }).symbol.map(symbol => ({
    error: why === 'never' ? `Currency pair not supported ${symbol}` : 'Exceeded msg rate',
    ...{ method, req_id, success: false, symbol, time_in: '', time_out: '' },
  }));
};

const krakenV1: Refuse = ({ event, pair, subscription }, why) => {
  if (event !== 'subscribe') return undefined;
  return (pair as string[]).map(one => ({
    errorMessage: why === 'never' ? `Currency pair not supported ${one}` : 'Exceeded msg rate',
    ...{ event: 'subscriptionStatus', pair: one, status: 'error', subscription },
  }));
};

const bitfinex: Refuse = ({ event, ...request }, why) => {
  if (event !== 'subscribe') return undefined;
  const later = { msg: 'Reached limit of open channels', code: 10_305 };
  return [
    { event: 'error', ...request, ...(why === 'never' ? { msg: 'symbol: invalid', code: 10_300 } : later) },
  ];
};

const coinbase: Refuse = ({ channel, product_ids, type }, why) => {
  if (type !== 'subscribe' || channel === 'heartbeats') return undefined;
  const [product] = product_ids as string[];
  if (why === 'later') return [{ type: 'error', message: 'rate limit exceeded' }];
  return [{ type: 'error', message: 'failure to subscribe', reason: `${product} is not a valid product` }];
};

const independentReserve: Refuse = ({ Data, Event }, why) => {
  if (Event !== 'Subscribe') return undefined;
  const never = `${(Data as string[]).join(', ')}: invalid channel`;
  return [{ Event: 'Error', Data: why === 'never' ? never : 'too many requests', Time: 1 }];
};

const REFUSE: Readonly<Record<string, Refuse>> = {
  ...{ okx, bybit, 'bybit-spot': bybit, htx, 'htx-swap': htx, kucoin, 'kucoin-futures': kucoin },
  ...{ phemex, kraken, 'kraken-v1': krakenV1, bitfinex, coinbase },
  'independent-reserve': independentReserve,
};

/** The answers that refuse a request, or of several those about one instrument; undefined for any other text. */
export function refusalsOf(
  { venue }: VenueProtocol,
  text: string,
  why: Why,
  native?: string,
): readonly string[] | undefined {
  if (!text.startsWith('{')) return undefined;
  const answers = REFUSE[venue]?.(JSON.parse(text) as Message, why)?.map(one => JSON.stringify(one));
  if (native === undefined || answers === undefined || answers.length === 1) return answers;
  return answers.filter(one => one.includes(native));
}

/** What is left of a request without one instrument, where the venue grants that; undefined where nothing is. */
export function withoutSymbol({ venue }: VenueProtocol, text: string, native: string): string | undefined {
  const message = JSON.parse(text) as Message;
  const lists: Readonly<
    Record<string, readonly [list: readonly unknown[], put: (list: unknown[]) => object]>
  > = {
    okx: [(message.args ?? []) as unknown[], args => ({ ...message, args })],
    kraken: [
      ((message.params as Message | undefined)?.symbol ?? []) as unknown[],
      symbol => ({ ...message, params: { ...(message.params as object), symbol } }),
    ],
    'kraken-v1': [(message.pair ?? []) as unknown[], pair => ({ ...message, pair })],
  };
  const [list, put] = lists[venue] ?? [[], () => message];
  const others = list.filter(one => !JSON.stringify(one).includes(`"${native}"`));
  return others.length === 0 ? undefined : JSON.stringify(put(others));
}

/** Likewise of an address that names streams. */
export function refusalOfAddress({ venue }: VenueProtocol, why: Why): string | undefined {
  if (!venue.startsWith('binance')) return undefined;
  return JSON.stringify({
    error: why === 'never' ? { code: 2, msg: 'Invalid request' } : { code: 4, msg: 'Too many requests' },
  });
}
