/** A case as its file has it. Names and values are backtrader's own; see docs/conformance.md. */
export interface GoldenCase {
  readonly id: string;
  readonly description?: string;
  readonly data: readonly DataSpec[];
  readonly resample_extra?: readonly { readonly of: number; readonly params: Values }[];
  readonly config: ConfigSpec;
  readonly sizer?: NamedSpec | null;
  readonly strategy?: NamedSpec;
  readonly signals?: readonly SignalSpec[] | null;
  readonly analyzers_spec: readonly AnalyzerSpec[];
  readonly result: GoldenResult;
}

export type Values = Readonly<Record<string, unknown>>;

export interface NamedSpec {
  readonly name: string;
  readonly params?: Values;
}

export interface DataSpec {
  readonly file: string;
  readonly timeframe?: string;
  readonly compression?: number;
  readonly fromdate?: string;
  readonly todate?: string;
  readonly sessionstart?: string;
  readonly sessionend?: string;
  readonly resample?: Values;
  readonly replay?: Values;
  readonly filters?: readonly NamedSpec[];
}

export interface ConfigSpec extends Values {
  readonly cash: number;
  readonly commission?: readonly Values[];
  readonly slippage?: Values;
  readonly filler?: NamedSpec;
}

export interface SignalSpec {
  readonly type: string;
  readonly indicator: string;
  readonly params?: Values;
}

/** Name, class, parameters. */
export type AnalyzerSpec = readonly [name: string, kind: string, params: Values];

export interface GoldenResult {
  readonly orders: readonly OrderRecord[];
  readonly trades: readonly TradeRecord[];
  readonly trade_events: readonly TradeRecord[];
  readonly bars: BarsRecord;
  readonly final: FinalRecord;
  readonly analyzers: Values;
  readonly extra: Values;
}

export interface OrderRecord {
  ref: number;
  data: number;
  side: 'Buy' | 'Sell';
  exectype: string;
  size: number;
  price: number | null;
  pricelimit: number | null;
  trailamount: number | null;
  trailpercent: number | null;
  created_dt: string;
  created_price: number;
  created_pricelimit: number;
  created_pclose: number;
  valid: string | null;
  tradeid: number;
  parent: number | null;
  transmit: boolean;
  id: string | null;
  events: OrderEventRecord[];
}

export interface OrderEventRecord {
  bar: number;
  dt: string;
  status: string;
  exec_dt: string | null;
  exec_size: number;
  exec_price: number;
  comm: number;
  exec_value: number;
  pnl: number;
  rem: number;
  stop_price?: number;
  limit_price?: number;
  bits?: ExecutionRecord[];
}

export interface ExecutionRecord {
  dt: string;
  size: number;
  price: number;
  closed: number;
  opened: number;
  closedvalue: number;
  openedvalue: number;
  closedcomm: number;
  openedcomm: number;
  pnl: number;
  psize: number;
  pprice: number;
}

export interface TradeRecord {
  ref: number;
  data: number;
  tradeid: number;
  bar: number;
  status: string;
  size: number;
  price: number;
  value: number;
  commission: number;
  pnl: number;
  pnlcomm: number;
  baropen: number;
  dtopen: string;
  barclose: number;
  dtclose: string | null;
  barlen: number;
  long: boolean;
}

export interface BarsRecord {
  n: number;
  stride: number;
  index: number[] | null;
  dt: string[];
  cash: number[];
  value: number[];
  pos: number[][];
  len: number[][];
  sum_value: number;
  sum_cash: number;
}

export interface FinalRecord {
  cash: number;
  value: number;
  positions: { size: number; price: number }[];
}
