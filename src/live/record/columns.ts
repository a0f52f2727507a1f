import type { Series } from '../../feeds/live/contract.ts';
import type { Bars } from '../../model/bars.ts';
import { decimalText } from '../../model/decimal-text.ts';
import { InputError, suggestion } from '../../model/errors.ts';
import { barEnd, barStart, type Interval } from '../../model/interval.ts';

/** What a column of a recorded file holds. */
type Content =
  | 'symbol'
  | 'interval'
  | 'openTime'
  | 'datetime'
  | 'closeTime'
  | 'open'
  | 'high'
  | 'low'
  | 'close'
  | 'volume'
  | 'quoteVolume'
  | 'trades'
  | 'takerBuyBase'
  | 'takerBuyQuote'
  | 'zero';

export interface Column {
  /** As the header has it. */
  readonly name: string;
  readonly content: Content;
}

/**
 * Every name that a header may have. `baseVolume` is Binance's quote volume `q`: the field's older tables call it so.
 * Those with underscores are the names of Binance's own dumps.
 */
const CONTENTS: Readonly<Record<string, Content>> = {
  symbol: 'symbol',
  interval: 'interval',
  datetime: 'datetime',
  time: 'openTime',
  open_time: 'openTime',
  close_time: 'closeTime',
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  baseVolume: 'quoteVolume',
  quoteVolume: 'quoteVolume',
  quote_volume: 'quoteVolume',
  trades: 'trades',
  count: 'trades',
  takerBuyBase: 'takerBuyBase',
  taker_buy_volume: 'takerBuyBase',
  takerBuyQuote: 'takerBuyQuote',
  taker_buy_quote_volume: 'takerBuyQuote',
  ignore: 'zero',
};

/** Names that stand for several columns. `binance` are the twelve of its REST klines and dumps. */
export const COLUMN_SETS = {
  default: ['close', 'high', 'low', 'open', 'volume', 'baseVolume', 'datetime'],
  ohlcv: ['datetime', 'open', 'high', 'low', 'close', 'volume'],
  binance: [
    'open_time',
    'open',
    'high',
    'low',
    'close',
    'volume',
    'close_time',
    'quote_volume',
    'count',
    'taker_buy_volume',
    'taker_buy_quote_volume',
    'ignore',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export const COLUMN_NAMES: readonly string[] = Object.keys(CONTENTS);

/** Columns from names, sets, and lists of these with commas; throws `COLUMN_UNKNOWN` or `COLUMN_TWICE`. */
export function parseColumns(given: readonly string[]): Column[] {
  const names = given
    .flatMap(part => part.split(','))
    .map(name => name.trim())
    .filter(name => name !== '')
    .flatMap((name): readonly string[] => (isSet(name) ? COLUMN_SETS[name] : [name]));
  if (names.length === 0) {
    throw new InputError('COLUMN_UNKNOWN', 'no column was named', {
      limit: COLUMN_NAMES,
      fix: `name some of ${COLUMN_NAMES.join(', ')}`,
    });
  }
  const columns = names.map(name => {
    const content = contentOf(name);
    if (content !== undefined) return { name, content };
    throw new InputError('COLUMN_UNKNOWN', `there is no column "${name}"`, {
      value: name,
      limit: COLUMN_NAMES,
      fix: suggestion(name, [...Object.keys(COLUMN_SETS), ...COLUMN_NAMES]),
    });
  });
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new InputError('COLUMN_TWICE', `column "${twice}" was named twice`, {
      value: twice,
      fix: 'name each column once',
    });
  }
  return columns;
}

/** The columns that a header names; undefined where one of them is none of ours. */
export function columnsOfHeader(header: string): Column[] | undefined {
  return columnsNamed(header.split(','));
}

/** Columns of these names; undefined where one of them is none of ours. */
export function columnsNamed(names: readonly string[]): Column[] | undefined {
  if (names.length === 0) return undefined;
  const columns = names.map(name => ({ name, content: contentOf(name) }));
  return columns.every((column): column is Column => column.content !== undefined) ? columns : undefined;
}

export function withSymbol(columns: readonly Column[]): readonly Column[] {
  if (columns.some(({ content }) => content === 'symbol')) return columns;
  return [{ name: 'symbol', content: 'symbol' }, ...columns];
}

export function headerLine(columns: readonly Column[]): string {
  return `${columns.map(({ name }) => name).join(',')}\n`;
}

/** Row `row` of the bars as a line of the file. */
export function rowLine(
  columns: readonly Column[],
  { symbol, interval }: Series,
  bars: Bars,
  row: number,
): string {
  return `${columns.map(({ content }) => text(content, symbol, interval, bars, row)).join(',')}\n`;
}

/** What a column says of row `row`: a number, a time, a name; '' for a value that there is not. */
export function valueText(
  { content }: Column,
  { symbol, interval }: Series,
  bars: Bars,
  row: number,
): string {
  return text(content, symbol, interval, bars, row);
}

/** Finds the series and the open time in the fields of a row that was written with these columns. */
export class RowKey {
  readonly #content: Content | undefined;
  readonly #symbol: number;
  readonly #interval: number;
  readonly #time: number;

  constructor(columns: readonly Column[]) {
    const place = (wanted: Content) => columns.findIndex(({ content }) => content === wanted);
    this.#symbol = place('symbol');
    this.#interval = place('interval');
    this.#time = [place('openTime'), place('datetime'), place('closeTime')].find(field => field !== -1) ?? -1;
    this.#content = columns[this.#time]?.content;
  }

  /** Without one, nobody can tell where a file ends. */
  get hasTime(): boolean {
    return this.#time !== -1;
  }

  get hasSymbol(): boolean {
    return this.#symbol !== -1;
  }

  /** Undefined where the time is none. `symbol` and `interval` are undefined without a column. */
  read(
    fields: readonly string[],
    interval: Interval,
  ): { symbol: string | undefined; interval: string | undefined; time: number } | undefined {
    const time = this.#timeOf(fields[this.#time], interval);
    if (Number.isNaN(time)) return undefined;
    return { symbol: fields[this.#symbol], interval: fields[this.#interval], time };
  }

  #timeOf(field: string, interval: Interval): number {
    if (this.#content === 'datetime')
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(field) ? Date.parse(field) : Number.NaN;
    if (!/^\d{1,15}$/.test(field)) return Number.NaN;
    return this.#content === 'closeTime' ? barStart(Number(field) + 1, interval) : Number(field);
  }
}

function text(content: Content, symbol: string, interval: Interval, bars: Bars, row: number): string {
  switch (content) {
    case 'symbol':
      return symbol;
    case 'interval':
      return interval;
    case 'openTime':
      return String(bars.time[row]);
    case 'datetime':
      return new Date(bars.time[row]).toISOString().replace('.000Z', 'Z');
    case 'closeTime':
      return String(barEnd(bars.time[row], interval) - 1);
    case 'open':
    case 'high':
    case 'low':
    case 'close':
    case 'volume':
      return decimalText(bars[content][row]);
    case 'zero':
      return '0';
    default:
      return decimalText(bars.extra[content]?.[row] ?? Number.NaN);
  }
}

function isSet(name: string): name is keyof typeof COLUMN_SETS {
  return Object.hasOwn(COLUMN_SETS, name);
}

function contentOf(name: string): Content | undefined {
  return Object.hasOwn(CONTENTS, name) ? CONTENTS[name] : undefined;
}
