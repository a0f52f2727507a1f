import type { FillTable } from '../brokers/fills.ts';
import type { OrderTable } from '../brokers/orders.ts';
import type { TradeBook } from '../brokers/trades.ts';
import type { EquityCurve } from '../engine/equity.ts';
import type { RecordedData } from '../engine/recorder.ts';
import { DataError, InputError, suggestion } from '../model/errors.ts';
import type { Fill, Order } from '../model/order.ts';
import type { Trade } from '../model/trade.ts';

/** A column of numbers, texts or flags. */
type ColumnOf<Value> = Value extends number ? Float64Array : Value extends boolean ? boolean[] : string[];

/** Rows as columns. */
export type ColumnsOf<Row> = { readonly [Name in keyof Row]: ColumnOf<Row[Name]> };

/** Prices and indicators by name, as many as there are. */
export interface KlineColumns {
  /** When each bar opened, epoch ms UTC. */
  readonly time: Float64Array;
  readonly [name: string]: Float64Array;
}

type TradeRow = Omit<Trade, 'open'>;
type OrderRow = Omit<Order, 'instrument' | 'alive' | 'reason' | 'timeInForce'> & {
  /** '' for an order without a limit. */
  readonly timeInForce: string;
  /** The code of why it ended without all of its fills, ''. */
  readonly reason: string;
};
type FillRow = Omit<Fill, 'instrument'> & { readonly symbol: string };

/** The tables of a result, each as columns of one length. Units are those of the rows; times are epoch ms UTC. */
export interface ResultColumns {
  /** Closed trades, in the order in which they closed. */
  readonly trades: ColumnsOf<TradeRow>;
  readonly orders: ColumnsOf<OrderRow>;
  readonly fills: ColumnsOf<FillRow>;
  /** The account's value after each step; `time`: when its bars were complete. */
  readonly equity: { readonly time: Float64Array; readonly value: Float64Array };
  /** The indicators on a data, one column each, by their field in the strategy or else their label; NaN without a value. */
  readonly indicators: KlineColumns;
  /** The bars of a data in the run. */
  readonly klines: KlineColumns & Record<'open' | 'high' | 'low' | 'close' | 'volume', Float64Array>;
}

export type ResultTable = keyof ResultColumns;

export interface TableOptions {
  /** Of `indicators` and `klines`: of which data, counted from 0; default 0. */
  readonly data?: number | undefined;
}

/** The part of a result that tables are made of. */
export interface TableSource {
  readonly trades: TradeBook;
  readonly orders: OrderTable;
  readonly fills: FillTable;
  readonly equity: EquityCurve;
  /** One an instrument, in the order in which fills count them. */
  readonly positions: readonly { readonly symbol: string }[];
  readonly recording: readonly RecordedData[] | undefined;
}

/** Columns that hold times. */
export const TIME_COLUMNS: { readonly [Table in ResultTable]: readonly string[] } = {
  trades: ['entryTime', 'exitTime'],
  orders: ['createdAt', 'validUntil'],
  fills: ['time'],
  equity: ['time'],
  indicators: ['time'],
  klines: ['time'],
};

type Kind = 'number' | 'text' | 'flag';
type KindsOf<Row> = {
  readonly [Name in keyof Row]: Row[Name] extends number
    ? 'number'
    : Row[Name] extends boolean
      ? 'flag'
      : 'text';
};

const TRADE: KindsOf<TradeRow> = {
  id: 'number',
  tradeId: 'number',
  symbol: 'text',
  side: 'text',
  size: 'number',
  entryTime: 'number',
  entryPrice: 'number',
  averagePrice: 'number',
  exitTime: 'number',
  exitPrice: 'number',
  pnl: 'number',
  fees: 'number',
  net: 'number',
  bars: 'number',
  tag: 'text',
};

const ORDER: KindsOf<OrderRow> = {
  id: 'number',
  symbol: 'text',
  side: 'text',
  type: 'text',
  status: 'text',
  createdAt: 'number',
  size: 'number',
  quote: 'number',
  limit: 'number',
  stop: 'number',
  trailAmount: 'number',
  trailPercent: 'number',
  timeInForce: 'text',
  postOnly: 'flag',
  validUntil: 'number',
  filled: 'number',
  price: 'number',
  fees: 'number',
  maker: 'flag',
  tradeId: 'number',
  parentId: 'number',
  ocoId: 'number',
  tag: 'text',
  reason: 'text',
};

const FILL: KindsOf<FillRow> = {
  orderId: 'number',
  symbol: 'text',
  side: 'text',
  size: 'number',
  price: 'number',
  fee: 'number',
  feeAsset: 'text',
  maker: 'flag',
  time: 'number',
};

const MAKERS: {
  readonly [Table in ResultTable]: (of: TableSource, data: number) => ResultColumns[Table];
} = {
  trades: ({ trades }) => columnsOf(TRADE, trades, trades.length),
  orders: ({ orders }) =>
    columnsOf(ORDER, orders, orders.length, {
      timeInForce: ({ timeInForce }: Order) => timeInForce ?? '',
      reason: ({ reason }) => reason?.code ?? '',
    }),
  fills: ({ fills, positions }) =>
    columnsOf(FILL, fills, fills.length, {
      symbol: ({ instrument }: Fill) => positions[instrument].symbol,
    }),
  equity: ({ equity }) => ({ time: equity.time.slice(), value: equity.value.slice() }),
  indicators(result, data) {
    const { time, lines } = recorded(result, 'indicators', data);
    const columns: Record<string, Float64Array> = { time: time.slice() };
    for (const { field, label, values } of lines) columns[unused(field || label, columns)] = values.slice();
    return columns as KlineColumns & Record<string, Float64Array>;
  },
  klines(result, data) {
    const { time, open, high, low, close, volume } = recorded(result, 'klines', data);
    const columns = { time, open, high, low, close, volume };
    return Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, values.slice()]),
    ) as ResultColumns['klines'];
  },
};

/** A table of a result as columns, copied. Throws `RESULT_TABLE`, `RESULT_NOT_RECORDED`, `RESULT_NO_DATA`. */
export function resultColumns<Table extends ResultTable>(
  result: TableSource,
  table: Table,
  { data = 0 }: TableOptions = {},
): ResultColumns[Table] {
  if (Object.hasOwn(MAKERS, table)) return MAKERS[table](result, data);
  throw new InputError('RESULT_TABLE', `a result has no table "${table}"`, {
    value: table,
    limit: Object.keys(MAKERS),
    fix: suggestion(table, Object.keys(MAKERS)),
  });
}

/** `written`: columns whose values are not simply those of the rows. */
function columnsOf<Row, Source>(
  kinds: KindsOf<Row>,
  rows: Iterable<Source>,
  length: number,
  written: { readonly [Name in keyof Row]?: (row: Source) => Row[Name] } = {},
): ColumnsOf<Row> {
  const names = Object.keys(kinds) as (keyof Row & string)[];
  const make = (kind: Kind) => (kind === 'number' ? new Float64Array(length) : new Array(length));
  const columns = names.map(name => make(kinds[name]));
  const readers = names.map(name => written[name] ?? ((row: Source) => row[name as keyof object]));
  let row = 0;
  for (const values of rows) {
    for (const [column, read] of readers.entries()) columns[column][row] = read(values);
    row++;
  }
  return Object.fromEntries(names.map((name, column) => [name, columns[column]])) as ColumnsOf<Row>;
}

function recorded({ recording }: TableSource, table: ResultTable, data: number) {
  if (recording === undefined) {
    throw new InputError('RESULT_NOT_RECORDED', `the run kept no ${table}`, {
      value: table,
      fix: 'run it with record: true',
    });
  }
  const found = recording[data];
  if (found !== undefined) return found;
  throw new DataError('RESULT_NO_DATA', `the run has no data ${data}`, {
    value: data,
    limit: recording.length,
    fix: `give a number from 0 to ${recording.length - 1}`,
  });
}

/** Two indicators may well have one name. */
function unused(name: string, taken: Readonly<Record<string, unknown>>): string {
  let own = name;
  for (let count = 2; Object.hasOwn(taken, own); count++) own = `${name} (${count})`;
  return own;
}
