import { expect } from 'vitest';
import type { AccountInput, ExchangeBroker } from '../../../../src/brokers/binance/commands.ts';
import { Decimal } from '../../../../src/brokers/binance/decimal.ts';
import type { AccountState } from '../../../../src/exchange/trading/account-state.ts';
import type { JournalEntry } from '../../../../src/store/journal.ts';
import { ownersOf, type Report, sum } from './exchange-record.ts';
import type { Promised } from './restless-trader.ts';

/** A session and its exchange, when all has come to rest. */
export interface Agreement {
  readonly broker: ExchangeBroker;
  /** What the ids of the session's orders are made from. */
  readonly sessionKey: string;
  /** Of the session. */
  readonly entries: Iterable<JournalEntry>;
  /** All that the exchange ever reported, in order. */
  readonly reports: readonly Report[];
  readonly account: AccountState;
  readonly brackets: Iterable<Promised>;
  /** What the account began with, and the session's share of the quote. */
  readonly balances: Readonly<Record<string, string>>;
  readonly cash: number;
  /**
   * The exchange sizes exits by what their entry has brought before its fee, and takes that from what else the account has; they
   * may be executed before they are replaced.
   */
  readonly exchangeSizes: boolean;
}

/** Ids of orders at the exchange; more often than that nothing is placed for one order. */
const ATTEMPTS = 60;

/**
 * Holds a session to the exchange's record: each of its orders is there once, every execution is a fill and every fill an
 * execution, balances and positions are their sums, and nothing is open that the other side does not know. Returns whose
 * each id at the exchange is.
 */
export function checkAgreement(all: Agreement): ReadonlyMap<string, number> {
  const owners = ownersOf(all.sessionKey, all.broker.orders.length, ATTEMPTS);
  checkOrders(all, owners);
  checkJournal(all);
  checkFills(all, owners);
  checkSizes(all, owners);
  checkBalances(all);
  return owners;
}

function checkOrders({ reports, account, broker }: Agreement, owners: ReadonlyMap<string, number>): void {
  const ids = new Map<string, number>();
  for (const { symbol, clientOrderId, orderId } of reports) {
    expect(owners.has(clientOrderId), `${clientOrderId} is the session's`).toBe(true);
    const known = ids.get(clientOrderId) ?? orderId;
    expect(orderId, `${symbol} ${clientOrderId} was placed once`).toBe(known);
    ids.set(clientOrderId, orderId);
  }
  expect(account.orders.length, 'orders at the exchange, each with its own id').toBe(ids.size);
  const known = [...broker.known()].filter(({ state }) => state !== 'ended').map(one => one.clientOrderId);
  const open = account.openOrders.map(one => String(one.clientOrderId));
  expect(known.sort(), 'open orders').toEqual(open.sort());
}

/** The journal has heard of each execution as the exchange made it, with its fee. */
function checkJournal({ reports, entries }: Agreement): void {
  const told: string[] = [];
  for (const { symbol, orderId, trade } of reports) {
    if (trade === undefined) continue;
    const { id, quantity, price, commission, asset } = trade;
    told.push([symbol, id, orderId, ...[quantity, price, commission].map(Number), asset].join(' '));
  }
  const heard = new Set<string>();
  for (const entry of entries) {
    if (entry.kind !== 'account') continue;
    const input = JSON.parse(entry.input) as AccountInput;
    if (input.kind !== 'order') continue;
    for (const { symbol, tradeId, orderId, quantity, price, commission, commissionAsset } of input.trades)
      heard.add(
        [symbol, tradeId, orderId, ...[quantity, price, commission].map(Number), commissionAsset].join(' '),
      );
  }
  expect([...heard].sort(), 'executions in the journal').toEqual(told.sort());
}

function checkFills({ reports, broker }: Agreement, owners: ReadonlyMap<string, number>): void {
  interface Fill {
    readonly text: string;
    /** Undefined for one whose worth in quote only the session says. */
    readonly fee: number | undefined;
  }
  const fill = (
    order: number | undefined,
    side: string,
    size: number,
    price: number,
    fee?: number,
  ): Fill => ({
    text: `${order} ${side} ${size.toFixed(8)} at ${price}`,
    fee,
  });
  const sorted = (fills: Fill[]) =>
    fills.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : (a.fee ?? 0) - (b.fee ?? 0)));
  const executions: Fill[] = [];
  for (const { clientOrderId, symbol, trade, side } of reports) {
    if (trade === undefined) continue;
    const { commission, quantity, asset, price } = trade;
    const inBase = isBase(symbol, asset);
    const size = inBase ? Decimal.of(quantity).minus(Decimal.of(commission)) : Decimal.of(quantity);
    const unit = inBase ? Number(price) : symbol.endsWith(asset) ? 1 : undefined;
    const fee = unit === undefined ? undefined : Number(commission) * unit;
    executions.push(fill(owners.get(clientOrderId), side.toLowerCase(), size.toNumber(), Number(price), fee));
  }
  const fills = [...broker.account.fills].map(({ orderId, side, size, price, fee }) =>
    fill(orderId, side, size, price, fee),
  );
  const [ours, theirs] = [sorted(fills), sorted(executions)];
  expect(
    ours.map(one => one.text),
    'fills of the session',
  ).toEqual(theirs.map(one => one.text));
  for (const [i, { text, fee }] of theirs.entries())
    if (fee !== undefined) expect(ours[i]!.fee, `fee of ${text}`).toBeCloseTo(fee, 8);
}

/** Whatever was placed for an order, together no more was executed than the strategy had ordered. */
function checkSizes({ reports, broker, brackets }: Agreement, owners: ReadonlyMap<string, number>): void {
  const sums = new Map<number, Decimal>();
  for (const { clientOrderId, trade } of reports) {
    if (trade === undefined) continue;
    const owner = owners.get(clientOrderId)!;
    sums.set(owner, (sums.get(owner) ?? Decimal.ZERO).plus(Decimal.of(trade.quantity)));
  }
  const { orders } = broker;
  const exits = new Set<number | undefined>();
  for (const { entry, stopLoss, takeProfit } of brackets) {
    exits.add(stopLoss).add(takeProfit);
    const of = (id: number | undefined) => sums.get(id ?? -1) ?? Decimal.ZERO;
    const left = of(stopLoss).plus(of(takeProfit));
    expect(left.compare(of(entry)), `exits of ${entry} sell no more than it bought`).toBeLessThanOrEqual(0);
  }
  for (const [owner, executed] of sums) {
    if (exits.has(owner) || Number.isFinite(orders.quote(owner))) continue;
    expect(executed.toNumber(), `order ${owner} is executed once`).toBeLessThanOrEqual(
      orders.size(owner) + 1e-9,
    );
  }
}

/** Balances are what they were, moved by the executions, and so are the session's cash and positions. */
function checkBalances({ reports, broker, account, balances, cash, exchangeSizes }: Agreement): void {
  let fees = Decimal.ZERO;
  const ledger = broker.account;
  const moves = new Map<string, Decimal>();
  const move = (asset: string, by: Decimal) => moves.set(asset, (moves.get(asset) ?? Decimal.ZERO).plus(by));
  const signed = (value: string, positive: boolean) =>
    positive ? Decimal.of(value) : Decimal.ZERO.minus(Decimal.of(value));
  let feesInQuote = 0;
  for (const { symbol, side, trade } of reports) {
    if (trade === undefined) continue;
    move(symbol.slice(0, -4), signed(trade.quantity, side === 'BUY'));
    move(symbol.slice(-4), signed(trade.quote, side === 'SELL'));
    move(trade.asset, signed(trade.commission, false));
    const held = moves.get(symbol.slice(0, -4))!;
    if (trade.asset === symbol.slice(0, -4)) fees = fees.plus(Decimal.of(trade.commission));
    const least = exchangeSizes ? Decimal.ZERO.minus(fees) : Decimal.ZERO;
    expect(
      held.compare(least),
      `${held} ${symbol}: nothing is sold that is not the session's`,
    ).toBeGreaterThanOrEqual(0);
  }
  for (const { fee, feeAsset } of ledger.fills) {
    if (feeAsset === 'quote') feesInQuote += fee;
  }
  for (const [asset, begun] of Object.entries(balances)) {
    const now = account.balances.find(one => one.asset === asset)!;
    const held = sum([Decimal.of(now.free), Decimal.of(now.locked)]);
    const expected = Decimal.of(begun).plus(moves.get(asset) ?? Decimal.ZERO);
    expect(held.compare(expected), `balance of ${asset}`).toBe(0);
  }
  ledger.instruments.forEach(({ base }, i) => {
    expect(ledger.sizes[i], `position in ${base}`).toBe((moves.get(base) ?? Decimal.ZERO).toNumber());
  });
  // Fees in a third asset are booked by their value in quote, which the account does not pay in quote.
  const paid = reports.reduce(
    (total, { symbol, trade }) =>
      total + (trade !== undefined && symbol.endsWith(trade.asset) ? Number(trade.commission) : 0),
    0,
  );
  const quote = ledger.instruments[0]!.quote;
  const spent = (moves.get(quote) ?? Decimal.ZERO).toNumber();
  expect(ledger.cash - cash, 'cash').toBeCloseTo(spent + paid - feesInQuote, 6);
}

function isBase(symbol: string, asset: string): boolean {
  return symbol === asset + symbol.slice(asset.length) && !symbol.endsWith(asset);
}
