/** What the page is given as JSON in its head; everything long is in sections, see {@link SECTIONS}. */
export interface ReportHead {
  readonly quote: string;
  readonly startValue: number;
  readonly datas: readonly DataHead[];
  /** Symbols of the run, as trades, fills and refusals name them by index. */
  readonly symbols: readonly string[];
  /** One buy-and-hold column a step is stored; otherwise it follows from the closes of the only instrument. */
  readonly holdStored: boolean;
}

export interface DataHead {
  /** Index into `symbols`. */
  readonly symbol: number;
  /** Shown on the tab. */
  readonly label: string;
  readonly base: string;
  readonly bars: number;
  /** Decimals of prices on axes and in the legend. */
  readonly priceDigits: number;
  /** The price that buy and hold starts from. */
  readonly firstPrice: number;
  /** Every bar ends with the step of the same index; otherwise a column of step indices is stored. */
  readonly stepsAreBars: boolean;
  readonly lines: readonly LineHead[];
}

export interface LineHead {
  readonly label: string;
  /** The strategy's field that holds it, or ''. */
  readonly field: string;
  readonly group: string;
  /** On the price's scale; others share a pane with their group. */
  readonly overlay: boolean;
  readonly columns: boolean;
}

/** Text of a report that grows with the run. */
export interface ReportText {
  readonly tags: readonly string[];
  /** Distinct reasons of refusals: code and message. */
  readonly reasons: readonly (readonly [string, string])[];
  readonly log: readonly (readonly [number | null, string])[];
}

/** Ids of the compressed sections. Each holds columns in the order given here. */
export const SECTIONS = {
  /** time (order 2), candles, volume. */
  candles: (data: number) => `candles-${data}`,
  /** One column a line. */
  lines: (data: number) => `lines-${data}`,
  /** For each bar the index of the last step at or before its end, −1 where none. */
  steps: (data: number) => `steps-${data}`,
  /** The account's value a step; buy and hold a step when `holdStored`. */
  equity: 'equity',
  /** See TRADE_COLUMNS. */
  trades: 'trades',
  fills: 'fills',
  refusals: 'refusals',
  /** ReportText as JSON. */
  text: 'text',
} as const;

/** `size` is negative for shorts; `open` is 1 for trades that the run left open. */
export const TRADE_COLUMNS = [
  'id',
  'symbol',
  'size',
  'entryTime',
  'entryPrice',
  'exitTime',
  'exitPrice',
  'pnl',
  'fees',
  'bars',
  'tag',
  'open',
] as const;

/** `size` is negative for sells. */
export const FILL_COLUMNS = ['symbol', 'size', 'price', 'time', 'tag'] as const;

/** `side` is 1 for sells; `size` or `quote` is NaN where the order did not give it, `limit` for market orders. */
export const REFUSAL_COLUMNS = [
  'id',
  'symbol',
  'side',
  'size',
  'quote',
  'limit',
  'time',
  'tag',
  'reason',
] as const;
