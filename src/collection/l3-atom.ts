import type {
  BookRecord,
  BookSide,
  Level,
  MarketRecord,
  OrderRecord,
  TradeRecord,
} from '../model/records.ts';
import type { OrderByOrderBook } from '../venues/books/order-by-order.ts';

/** What stands for a value that the venue does not tell. */
const MISSING = -1;

/** What happened to an order or a level, by the numbers of the tables. */
const ACTIONS = { insert: 2, delete: 3, update: 4 } as const;
const SIDES: Readonly<Record<BookSide, 1 | 2>> = { bid: 1, ask: 2 };
/** Of market data only limit orders rest in a book. */
const LIMIT = 1;

/**
 * A row of the table of order book events, with the columns of the L3 Atom tables and in their order. Times in ms since the
 * epoch, UTC, with a fraction where the wire has one. Ids are texts, because integers of 64 bits do not fit a number.
 */
export interface LobRow {
  /** Counts the rows from 1. */
  readonly quote_no: number;
  /** Counts the records from 1; the rows of one record have the same. */
  readonly event_no: number;
  readonly order_id: string | -1;
  readonly original_order_id: -1;
  /** 1 bid, 2 ask. */
  readonly side: 1 | 2;
  readonly price: number;
  /** What is left; 0 for a deletion. */
  readonly size: number;
  /** 2 insert, 3 delete, 4 update. */
  readonly lob_action: 2 | 3 | 4;
  readonly event_timestamp: number;
  readonly send_timestamp: -1;
  readonly receive_timestamp: number;
  /** 1 limit. */
  readonly order_type: 1;
  readonly is_implied: -1;
  readonly order_executed: -1;
  readonly execution_price: -1;
  readonly executed_size: -1;
  readonly aggressor_side: -1;
  readonly matching_order_id: -1;
  readonly old_order_id: -1;
  readonly trade_id: -1;
  /** At the same price, before it in the queue; -1 for levels, which have no queue. */
  readonly size_ahead: number;
  readonly orders_ahead: number;
}

/** A row of the table of market orders. */
export interface MarketOrderRow {
  readonly order_id: -1;
  readonly price: number;
  readonly trade_id: string | -1;
  /** ms since the epoch, UTC. */
  readonly timestamp: number;
  /** Who took: 1 buy, 2 sell, 0 where the venue does not say. */
  readonly side: 0 | 1 | 2;
  readonly size: number;
  readonly msg_original_type: 'trade';
}

/** Columns in their order, as a file's first line has them. */
export const LOB_COLUMNS: readonly (keyof LobRow)[] = [
  ...(['quote_no', 'event_no', 'order_id', 'original_order_id', 'side', 'price', 'size'] as const),
  ...(['lob_action', 'event_timestamp', 'send_timestamp', 'receive_timestamp', 'order_type'] as const),
  ...(['is_implied', 'order_executed', 'execution_price', 'executed_size', 'aggressor_side'] as const),
  ...(['matching_order_id', 'old_order_id', 'trade_id', 'size_ahead', 'orders_ahead'] as const),
];

export const MARKET_ORDER_COLUMNS: readonly (keyof MarketOrderRow)[] = [
  ...(['order_id', 'price', 'trade_id', 'timestamp', 'side', 'size', 'msg_original_type'] as const),
];

/** Where the tables stand: the numbers of the last row and of the last message. */
export interface LobCount {
  readonly quotes: number;
  readonly events: number;
}

export const NO_ROWS: LobCount = { quotes: 0, events: 0 };

/** The rows of one record, and the count after them. */
export interface LobRows {
  readonly rows: readonly LobRow[];
  readonly count: LobCount;
}

/** What a record changes, before it is numbered. */
interface Change {
  readonly orderId: string | -1;
  readonly side: BookSide;
  readonly price: number;
  readonly size: number;
  readonly action: 2 | 3 | 4;
  readonly sizeAhead: number;
  readonly ordersAhead: number;
}

/**
 * Rows of a change of one order. `book` is the one that the change has been applied to; without it queues are not known. A
 * record that begins a whole book has no row.
 */
export function orderRows(record: OrderRecord, count: LobCount, book?: OrderByOrderBook): LobRows {
  const { action, orderId, price, side, size } = record;
  if (action === 'clear' || price === null) return { rows: [], count };
  const position = action === 'delete' ? undefined : book?.position(orderId);
  const change: Change = {
    ...{ orderId, side, price },
    size: action === 'delete' ? 0 : (size ?? MISSING),
    action: ACTIONS[action === 'delete' ? 'delete' : action === 'modify' ? 'update' : 'insert'],
    sizeAhead: position === undefined ? MISSING : Number(position.sizeAhead),
    ordersAhead: position?.ordersAhead ?? MISSING,
  };
  return numbered(record, [change], count);
}

/**
 * Rows of a book of levels: one for each level that a record tells of. `isThere` says whether a level was there before the
 * record, so that an insertion is told from an update; of a whole book all are insertions.
 */
export function levelRows(
  record: BookRecord,
  count: LobCount,
  isThere: (side: BookSide, price: number) => boolean,
): LobRows {
  const changes: Change[] = [];
  for (const [side, levels] of [
    ['bid', record.bids],
    ['ask', record.asks],
  ] as const) {
    for (const [, , price, size] of levels as readonly Level[]) {
      const wasThere = record.type === 'delta' && isThere(side, price);
      // Taking away what is not there changes nothing.
      if (size === 0 && !wasThere) continue;
      changes.push({
        ...{ orderId: MISSING, side, price, size, sizeAhead: MISSING, ordersAhead: MISSING },
        action: ACTIONS[size === 0 ? 'delete' : wasThere ? 'update' : 'insert'],
      });
    }
  }
  return numbered(record, changes, count);
}

export function marketOrderRow(trade: TradeRecord): MarketOrderRow {
  return {
    order_id: MISSING,
    price: trade.price,
    trade_id: trade.id ?? MISSING,
    timestamp: milliseconds(trade.exchangeTime),
    side: trade.side === null ? 0 : trade.side === 'buy' ? 1 : 2,
    size: trade.size,
    msg_original_type: 'trade',
  };
}

function numbered(record: MarketRecord, changes: readonly Change[], count: LobCount): LobRows {
  if (changes.length === 0) return { rows: [], count };
  const events = count.events + 1;
  const rows = changes.map(
    (change, at): LobRow => ({
      ...{ quote_no: count.quotes + at + 1, event_no: events },
      ...{ order_id: change.orderId, original_order_id: MISSING, side: SIDES[change.side] },
      ...{ price: change.price, size: change.size, lob_action: change.action },
      ...{ event_timestamp: milliseconds(record.exchangeTime), send_timestamp: MISSING },
      ...{ receive_timestamp: record.receiveTime / 1000, order_type: LIMIT, is_implied: MISSING },
      ...{ order_executed: MISSING, execution_price: MISSING, executed_size: MISSING },
      ...{ aggressor_side: MISSING, matching_order_id: MISSING, old_order_id: MISSING, trade_id: MISSING },
      ...{ size_ahead: change.sizeAhead, orders_ahead: change.ordersAhead },
    }),
  );
  return { rows, count: { quotes: count.quotes + rows.length, events } };
}

function milliseconds(time: number | null): number {
  return time === null ? MISSING : time / 1000;
}
