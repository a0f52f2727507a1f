import type { Network } from '../../../net/network.ts';
import type { TradingEndpoints } from '../../../venues/binance/endpoints.ts';
import { EXCHANGE_INFO_WEIGHT } from '../../../venues/binance/rest.ts';
import type {
  AccountSnapshot,
  AccountStream,
  AccountStreamHandlers,
  Answer,
  ClockReading,
  CommissionRates,
  ExchangeTrade,
  KeyPermissions,
  NewOrder,
  NewOrderList,
  OrderSnapshot,
  Placed,
  TradingPort,
  TradingSymbol,
} from '../port.ts';
import { KeptAccountStream, type StreamCounts } from './account-stream.ts';
import { readAccount, readCommission, readPermissions, readPrice } from './decode-account.ts';
import {
  readCancelled,
  readListMembers,
  readOrder,
  readOrders,
  readPlaced,
  readPlacedList,
  readTrades,
} from './decode-orders.ts';
import { readTradingSymbols } from './decode-symbols.ts';
import { Fields } from './fields.ts';
import type { GovernorCounts } from './governor.ts';
import type { Keys } from './keys.ts';
import { listParameters, orderParameters } from './order-parameters.ts';
import { readRateLimits } from './rate-limits.ts';
import { type Call, type RequestCounts, Requests } from './requests.ts';
import type { Parameters } from './signing.ts';
import type { Transport } from './transport.ts';

const RECV_WINDOW_MS = 5000;
const ORDER_PATH = '/api/v3/order';
const LIST_PATH = '/api/v3/orderList';
/** Rows of a page of `myTrades`, the most there are. */
const PAGE = 1000;
/** Pages in one question: more trades than an account makes in years. */
const MOST_PAGES = 1000;
/** Codes of a symbol that the exchange does not know. */
const UNKNOWN_SYMBOL: readonly number[] = [-1100, -1121];

export interface GatewayOptions {
  /** Shown to people. */
  readonly name: string;
  readonly endpoints: TradingEndpoints;
  /** True where a local exchange may be asked how its time goes. */
  readonly local: boolean;
  readonly network: Network;
  readonly keys: Keys;
  /** How requests are sent; see {@link Transport}. */
  readonly transport: Transport;
  /** Default 5,000 ms. */
  readonly recvWindowMs?: number;
  /** What people are told of, in one line, redacted. */
  readonly onNotice?: (level: 'info' | 'warning', code: string, message: string) => void;
}

export interface GatewayCounts extends RequestCounts {
  readonly governor: GovernorCounts;
  readonly stream: StreamCounts;
}

/** Binance's spot API as a {@link TradingPort}. */
export class BinanceGateway implements TradingPort {
  readonly name: string;
  readonly recvWindowMs: number;
  readonly #options: GatewayOptions;
  readonly #requests: Requests;
  readonly #streams = new Set<KeptAccountStream>();
  readonly #streamCounts: StreamCounts = { events: 0, connects: 0, refused: 0, unreadable: 0 };

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.name = options.name;
    this.recvWindowMs = options.recvWindowMs ?? RECV_WINDOW_MS;
    this.#requests = new Requests({
      timers: options.network.timers,
      transport: options.transport,
      redactor: options.keys.redactor,
      recvWindowMs: this.recvWindowMs,
      local: options.local,
      onNotice: (level, code, message) => options.onNotice?.(level, code, message),
    });
  }

  get counts(): GatewayCounts {
    return {
      ...this.#requests.counts,
      failures: { ...this.#requests.counts.failures },
      governor: { ...this.#requests.governor.counts },
      stream: { ...this.#streamCounts },
    };
  }

  /** Sends nothing any more, and listens no more. What has been sent is still answered. */
  close(): void {
    this.#requests.close();
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  now(): number {
    return this.#requests.now();
  }

  syncClock(): Promise<Answer<ClockReading>> {
    return this.#requests.syncClock();
  }

  async symbols(names: readonly string[]): Promise<Answer<readonly TradingSymbol[]>> {
    const all = await this.#exchangeInfo(names);
    if (all.ok || names.length < 2 || !isUnknownSymbol(all)) {
      return !all.ok && isUnknownSymbol(all) ? { ok: true, value: [] } : all;
    }
    // One that it does not know makes it refuse them all.
    const found: TradingSymbol[] = [];
    for (const name of names) {
      const one = await this.#exchangeInfo([name]);
      if (one.ok) found.push(...one.value);
      else if (!isUnknownSymbol(one)) return one;
    }
    return { ok: true, value: found };
  }

  account(): Promise<Answer<AccountSnapshot>> {
    return this.#get('/api/v3/account', { omitZeroBalances: 'true' }, 20, readAccount);
  }

  async permissions(): Promise<Answer<KeyPermissions | undefined>> {
    if (!this.#options.endpoints.permissions) return { ok: true, value: undefined };
    return this.#get('/sapi/v1/account/apiRestrictions', {}, 1, readPermissions);
  }

  commission(symbol: string): Promise<Answer<CommissionRates>> {
    return this.#get('/api/v3/account/commission', { symbol }, 20, readCommission);
  }

  price(symbol: string): Promise<Answer<string>> {
    return this.#requests.call({
      method: 'GET',
      path: '/api/v3/ticker/price',
      parameters: { symbol },
      weight: 2,
      signed: false,
      read: readPrice,
    });
  }

  openOrders(symbol: string): Promise<Answer<readonly OrderSnapshot[]>> {
    return this.#get('/api/v3/openOrders', { symbol }, 6, readOrders);
  }

  order(symbol: string, clientOrderId: string): Promise<Answer<OrderSnapshot>> {
    // Whatever id a cancel has left on it: it is the order that was placed under this one.
    return this.#urgent(ORDER_PATH, { symbol, origClientOrderId: clientOrderId }, 4, json => ({
      ...readOrder(json),
      clientOrderId,
    }));
  }

  async orderList(symbol: string, listClientOrderId: string): Promise<Answer<readonly OrderSnapshot[]>> {
    const parameters = { origClientOrderId: listClientOrderId };
    const list = await this.#urgent(LIST_PATH, parameters, 4, readListMembers);
    if (!list.ok) return list;
    const orders: OrderSnapshot[] = [];
    for (const { orderId, clientOrderId } of list.value) {
      const order = await this.#urgent(ORDER_PATH, { symbol, orderId: String(orderId) }, 4, json => ({
        ...readOrder(json),
        clientOrderId,
      }));
      if (!order.ok) return order;
      orders.push(order.value);
    }
    return { ok: true, value: orders };
  }

  async trades(
    symbol: string,
    of: { readonly orderId: number } | { readonly fromId: number },
  ): Promise<Answer<readonly ExchangeTrade[]>> {
    const isOfOrder = 'orderId' in of;
    const found: ExchangeTrade[] = [];
    let from = isOfOrder ? undefined : of.fromId;
    for (let page = 0; page < MOST_PAGES; page++) {
      const parameters = {
        symbol,
        ...(isOfOrder ? { orderId: String(of.orderId) } : {}),
        ...(from === undefined ? {} : { fromId: String(from) }),
        limit: String(PAGE),
      };
      const answer = await this.#urgent('/api/v3/myTrades', parameters, isOfOrder ? 5 : 20, readTrades);
      if (!answer.ok) return answer;
      const rows = [...answer.value].sort((a, b) => a.tradeId - b.tradeId);
      found.push(...rows);
      if (rows.length < PAGE) break;
      from = rows[rows.length - 1].tradeId + 1;
    }
    return { ok: true, value: found };
  }

  place(order: NewOrder, urgent = false): Promise<Answer<Placed>> {
    return this.#requests.call({
      method: 'POST',
      path: ORDER_PATH,
      parameters: orderParameters(order),
      weight: 1,
      orders: 1,
      rank: urgent ? 'urgent' : 'normal',
      read: readPlaced,
    });
  }

  placeList(list: NewOrderList, urgent = false): Promise<Answer<Placed>> {
    return this.#requests.call({
      method: 'POST',
      ...listParameters(list),
      weight: 1,
      orders: list.orders.length,
      rank: urgent ? 'urgent' : 'normal',
      read: json => readPlacedList(json, list),
    });
  }

  test(order: NewOrder): Promise<Answer<undefined>> {
    return this.#requests.call({
      method: 'POST',
      path: `${ORDER_PATH}/test`,
      parameters: orderParameters(order),
      weight: 1,
      read: () => undefined,
    });
  }

  cancel(symbol: string, clientOrderId: string): Promise<Answer<readonly OrderSnapshot[]>> {
    return this.#cancel(ORDER_PATH, { symbol, origClientOrderId: clientOrderId });
  }

  cancelList(symbol: string, listClientOrderId: string): Promise<Answer<readonly OrderSnapshot[]>> {
    return this.#cancel(LIST_PATH, { symbol, listClientOrderId });
  }

  listen(handlers: AccountStreamHandlers): AccountStream {
    const { endpoints, keys, network, onNotice } = this.#options;
    const stream = new KeptAccountStream(
      {
        network,
        url: endpoints.account,
        keys,
        requests: this.#requests,
        recvWindowMs: this.recvWindowMs,
        counts: this.#streamCounts,
        onNotice: (level, code, message) => onNotice?.(level, code, message),
      },
      handlers,
    );
    this.#streams.add(stream);
    void stream.open();
    return {
      close: () => {
        stream.close();
        this.#streams.delete(stream);
      },
    };
  }

  #exchangeInfo(names: readonly string[]): Promise<Answer<readonly TradingSymbol[]>> {
    const parameters: Parameters =
      names.length === 1 ? { symbol: names[0] } : { symbols: JSON.stringify(names) };
    return this.#requests.call({
      method: 'GET',
      path: '/api/v3/exchangeInfo',
      parameters,
      weight: EXCHANGE_INFO_WEIGHT,
      signed: false,
      read: json => {
        const symbols = readTradingSymbols(json);
        const document = new Fields(json, 'exchangeInfo');
        if (document.has('rateLimits')) this.#requests.allow(readRateLimits(document.list('rateLimits')));
        // A list of one or of several is what was asked for; an exchange that ignores the question sends them all.
        return symbols.filter(({ symbol }) => names.includes(symbol));
      },
    });
  }

  #get<T>(path: string, parameters: Parameters, weight: number, read: Call<T>['read']): Promise<Answer<T>> {
    return this.#requests.call({ method: 'GET', path, parameters, weight, read });
  }

  /** Asks for what has become of orders: it may use the room that is kept. */
  #urgent<T>(
    path: string,
    parameters: Parameters,
    weight: number,
    read: Call<T>['read'],
  ): Promise<Answer<T>> {
    return this.#requests.call({ method: 'GET', path, parameters, weight, rank: 'urgent', read });
  }

  #cancel(path: string, parameters: Parameters): Promise<Answer<readonly OrderSnapshot[]>> {
    const call = {
      method: 'DELETE',
      path,
      parameters,
      weight: 1,
      rank: 'urgent',
      read: readCancelled,
    } as const;
    return this.#requests.call(call);
  }
}

function isUnknownSymbol(answer: Answer<unknown>): boolean {
  return !answer.ok && UNKNOWN_SYMBOL.includes(answer.failure.code ?? 0);
}
