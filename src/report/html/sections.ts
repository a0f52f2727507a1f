import type { BacktestResult } from '../../backtest/result.ts';
import type { RecordedData } from '../../engine/recorder.ts';
import { barEnd, intervalMs, isFixed } from '../../model/interval.ts';
import { ByteWriter } from './data/bytes.ts';
import { encodeCandles } from './data/candles.ts';
import { decimals, eightDigits, encodeColumn } from './data/column.ts';
import {
  type DataHead,
  FILL_COLUMNS,
  REFUSAL_COLUMNS,
  type ReportHead,
  type ReportText,
  SECTIONS,
  TRADE_COLUMNS,
} from './data/payload.ts';
import { isOnPriceScale, restsAtZero } from './data/scale.ts';

/**
 * Up to this many values that are no decimals (averages, equity …) are stored bit by bit, at about 6 bytes each.
 * With more, a report would be too large to open or send: they are rounded once, to eight significant digits, and
 * the legend shows those. Prices and volumes that are decimals are exact at any size.
 */
const BITWISE_VALUES = 1_000_000;

/** Refused orders beyond this are counted, not listed. */
export const REFUSALS_LISTED = 20_000;

/** A part of the report's data, encoded when it is asked for, so that only one is in memory at a time. */
export interface Section {
  readonly id: string;
  bytes(): Uint8Array<ArrayBuffer>;
}

/** What the page gets: the head at once, the sections one by one. */
export interface ReportData {
  readonly head: ReportHead;
  readonly sections: readonly Section[];
  /** True when values were rounded to eight digits, see BITWISE_VALUES. */
  readonly rounded: boolean;
}

/** Lays out a recorded run for the page. */
export function layOut(result: BacktestResult, recording: readonly RecordedData[]): ReportData {
  const symbols = [...new Set(result.settings.datas.map(data => data.instrument.symbol))];
  const hold = symbols.length > 1 ? buyAndHold(result, recording, symbols) : undefined;
  const inexact = [result.equity.value, ...(hold === undefined ? [] : [hold])]
    .concat(recording.flatMap(data => [data.volume, ...data.lines.map(line => line.values)]))
    .filter(values => decimals([values]) === undefined);
  for (const { open, high, low, close } of recording) {
    if (decimals([open, high, low, close]) === undefined) inexact.push(open, high, low, close);
  }
  const rounded = inexact.reduce((sum, values) => sum + values.length, 0) > BITWISE_VALUES;
  const round = (values: Float64Array) => (rounded ? eightDigits(values) : undefined);
  const column = (writer: ByteWriter, values: Float64Array) =>
    encodeColumn(writer, values, { round: round(values) });

  const tags = new Dictionary();
  const reasons = new Dictionary();
  const heads = recording.map(data => dataHead(data, symbols, result));
  const sections: Section[] = [];
  const add = (id: string, write: (writer: ByteWriter) => void) =>
    sections.push({
      id,
      bytes: () => {
        const writer = new ByteWriter();
        write(writer);
        return writer.view();
      },
    });

  recording.forEach((data, d) => {
    add(SECTIONS.candles(d), writer => {
      encodeColumn(writer, data.time, { order: 2 });
      encodeCandles(writer, data, round(data.high));
      column(writer, data.volume);
    });
  });
  add(SECTIONS.equity, writer => {
    column(writer, result.equity.value);
    if (hold !== undefined) column(writer, hold);
  });
  recording.forEach((data, d) => {
    if (data.lines.length > 0) {
      add(SECTIONS.lines(d), writer => {
        for (const line of data.lines) column(writer, line.values);
      });
    }
    if (!heads[d].stepsAreBars) {
      add(SECTIONS.steps(d), writer => encodeColumn(writer, stepsOf(data, result.equity.time), { order: 2 }));
    }
  });
  add(SECTIONS.trades, writer => writeTrades(writer, result, symbols, tags));
  add(SECTIONS.fills, writer => writeFills(writer, result, tags));
  add(SECTIONS.refusals, writer => writeRefusals(writer, result, tags, reasons));
  // The dictionaries are complete only now: this section is last.
  sections.push({
    id: SECTIONS.text,
    bytes: () => {
      const text: ReportText = {
        tags: tags.texts,
        reasons: reasons.texts.map(reason => JSON.parse(reason)),
        log: result.log.map(({ time, message }) => [Number.isNaN(time) ? null : time, message]),
      };
      return new TextEncoder().encode(JSON.stringify(text));
    },
  });
  const head: ReportHead = {
    quote: result.settings.datas[0]?.instrument.quote ?? '',
    startValue: result.metrics.startValue,
    datas: heads,
    symbols,
    holdStored: hold !== undefined,
  };
  return { head, sections, rounded };
}

function dataHead(data: RecordedData, symbols: readonly string[], result: BacktestResult): DataHead {
  const { instrument, interval, time, close } = data;
  const symbol = symbols.indexOf(instrument.symbol);
  const alone = result.settings.datas.filter(one => one.instrument.symbol === instrument.symbol).length === 1;
  const tick = instrument.tickSize > 0 ? decimals([Float64Array.of(instrument.tickSize)]) : undefined;
  return {
    symbol,
    label: alone ? instrument.symbol : `${instrument.symbol} ${interval}`,
    base: instrument.base,
    bars: time.length,
    priceDigits: Math.min(8, tick ?? decimals([close]) ?? Math.max(2, eightDigits(close) - 2)),
    firstPrice: result.stats.firstPrices[symbol],
    stepsAreBars: stepsAreBars(data, result.equity.time),
    lines: data.lines.map(({ label, group, field, values }) => ({
      label,
      field,
      group,
      overlay: isOnPriceScale(values, close),
      columns: restsAtZero(values) || /\.hist(ogram)?$/i.test(label),
    })),
  };
}

function endsOf({ time, interval }: RecordedData): (bar: number) => number {
  const length = isFixed(interval) ? intervalMs(interval) : Number.NaN;
  return Number.isNaN(length) ? bar => barEnd(time[bar], interval) : bar => time[bar] + length;
}

function stepsAreBars(data: RecordedData, steps: Float64Array): boolean {
  if (data.time.length !== steps.length) return false;
  const end = endsOf(data);
  for (let i = 0; i < steps.length; i++) if (end(i) !== steps[i]) return false;
  return true;
}

/** For each bar the index of the last step at or before its end; −1 before the first. */
function stepsOf(data: RecordedData, steps: Float64Array): Float64Array {
  const end = endsOf(data);
  const indices = new Float64Array(data.time.length);
  for (let bar = 0, step = 0; bar < indices.length; bar++) {
    while (step < steps.length && steps[step] <= end(bar)) step++;
    indices[bar] = step - 1;
  }
  return indices;
}

/** The value of holding all instruments in equal parts, at every step; one that has no bar yet counts as unchanged. */
function buyAndHold(
  result: BacktestResult,
  recording: readonly RecordedData[],
  symbols: readonly string[],
): Float64Array {
  const { time } = result.equity;
  const value = new Float64Array(time.length);
  const share = result.metrics.startValue / symbols.length;
  symbols.forEach((symbol, s) => {
    const finest = recording
      .filter(data => data.instrument.symbol === symbol)
      .reduce((best, data) => (data.time.length > best.time.length ? data : best));
    const end = endsOf(finest);
    const first = result.stats.firstPrices[s];
    for (let step = 0, bar = 0; step < time.length; step++) {
      while (bar < finest.time.length && end(bar) <= time[step]) bar++;
      value[step] += bar === 0 ? share : (share * finest.close[bar - 1]) / first;
    }
  });
  return value;
}

function writeTrades(
  writer: ByteWriter,
  result: BacktestResult,
  symbols: readonly string[],
  tags: Dictionary,
): void {
  const columns = table(TRADE_COLUMNS, result.trades.length + result.openTrades.length);
  let row = 0;
  for (const trades of [result.trades, result.openTrades]) {
    for (const trade of trades) {
      columns.id[row] = trade.id;
      columns.symbol[row] = symbols.indexOf(trade.symbol);
      columns.size[row] = trade.side === 'short' ? -trade.size : trade.size;
      columns.entryTime[row] = trade.entryTime;
      columns.entryPrice[row] = trade.entryPrice;
      columns.exitTime[row] = trade.exitTime;
      columns.exitPrice[row] = trade.exitPrice;
      columns.pnl[row] = trade.pnl;
      columns.fees[row] = trade.fees;
      columns.bars[row] = trade.bars;
      columns.tag[row] = tags.index(trade.tag);
      columns.open[row] = trade.open ? 1 : 0;
      row++;
    }
  }
  writeTable(writer, columns);
}

function writeFills(writer: ByteWriter, result: BacktestResult, tags: Dictionary): void {
  const tagOf = new Map<number, string>();
  for (const { id, tag } of result.orders) if (tag !== '') tagOf.set(id, tag);
  const columns = table(FILL_COLUMNS, result.fills.length);
  let row = 0;
  for (const fill of result.fills) {
    columns.symbol[row] = fill.instrument;
    columns.size[row] = fill.side === 'sell' ? -fill.size : fill.size;
    columns.price[row] = fill.price;
    columns.time[row] = fill.time;
    columns.tag[row] = tags.index(tagOf.get(fill.orderId) ?? '');
    row++;
  }
  writeTable(writer, columns);
}

function writeRefusals(
  writer: ByteWriter,
  result: BacktestResult,
  tags: Dictionary,
  reasons: Dictionary,
): void {
  const count = Object.values(result.metrics.orders.refused).reduce((sum, n) => sum + n, 0);
  const columns = table(REFUSAL_COLUMNS, Math.min(count, REFUSALS_LISTED));
  let row = 0;
  for (const order of result.orders) {
    if (order.reason === undefined || order.status === 'completed') continue;
    if (row === columns.id.length) break;
    columns.id[row] = order.id;
    columns.symbol[row] = order.instrument;
    columns.side[row] = order.side === 'sell' ? 1 : 0;
    columns.size[row] = order.size;
    columns.quote[row] = order.quote;
    columns.limit[row] = order.limit;
    columns.time[row] = order.createdAt;
    columns.tag[row] = tags.index(order.tag);
    columns.reason[row] = reasons.index(JSON.stringify([order.reason.code, order.reason.message]));
    row++;
  }
  writeTable(writer, columns);
}

function table<const Name extends string>(names: readonly Name[], rows: number): Record<Name, Float64Array> {
  return Object.fromEntries(names.map(name => [name, new Float64Array(rows)])) as Record<Name, Float64Array>;
}

function writeTable(writer: ByteWriter, columns: Readonly<Record<string, Float64Array>>): void {
  for (const values of Object.values(columns)) encodeColumn(writer, values);
}

/** Texts by index, in the order in which they were first seen. */
class Dictionary {
  readonly texts: string[] = [];
  readonly #indices = new Map<string, number>();

  index(text: string): number {
    let index = this.#indices.get(text);
    if (index === undefined) {
      index = this.texts.push(text) - 1;
      this.#indices.set(text, index);
    }
    return index;
  }
}
