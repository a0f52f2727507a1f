import { type BacktestResult, tradesHash } from '../backtest/result.ts';
import type { RunOrigin } from './origin.ts';

/** Changes when a field is renamed, removed or gets another meaning; new fields do not change it. */
export const JSON_FORMAT = 1;

/** The most points of the equity curve. */
export const EQUITY_POINTS = 1000;

/**
 * A run as one JSON document, in pieces that are to be written in order, so that a million trades never are one
 * string. Times are epoch ms UTC; NaN is null, and the infinities are the texts "Infinity" and "-Infinity".
 */
export function* resultJson(result: BacktestResult, origin: RunOrigin = {}): Generator<string> {
  yield headJson(result, origin).slice(0, -1);
  yield* list('trades', result.trades);
  yield* list('orders', result.orders);
  yield* list('fills', result.fills);
  yield* list('log', result.log);
  yield '}\n';
}

/** The same document without its lists: settings, figures and a thinned equity curve. */
export function headJson(result: BacktestResult, origin: RunOrigin = {}): string {
  const { settings } = result;
  const head = {
    format: JSON_FORMAT,
    settings: {
      strategy: settings.strategy,
      strategyFile: origin.strategyFile,
      codeHash: origin.codeHash,
      params: settings.params,
      data: settings.datas.map(({ instrument, interval }, i) => ({
        ...origin.files?.[i],
        interval,
        instrument,
      })),
      ...origin.range,
      cash: settings.cash,
      commission: settings.commission,
      feeIn: settings.feeIn,
      slippage: settings.slippage,
      intrabar: settings.intrabar,
      margin: settings.margin,
      sizer: settings.sizer,
    },
    metrics: result.metrics,
    stats: result.stats,
    tradesHash: tradesHash(result),
    notes: result.notes,
    openTrades: result.openTrades,
  };
  return `${text(head).slice(0, -1)},\n"equity":${text(thinned(result))}}`;
}

function* list(name: string, rows: Iterable<object>): Generator<string> {
  let piece = `,\n"${name}":[`;
  let joint = '\n';
  for (const row of rows) {
    piece += joint + text(row);
    joint = ',\n';
    if (piece.length > 65_536) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}]`;
}

/** At most {@link EQUITY_POINTS} true points of the curve, evenly spread by step; the last step is always one. */
function thinned({ equity }: BacktestResult): { time: number[]; value: number[] } {
  const { length } = equity.time;
  const points = Math.min(length, EQUITY_POINTS);
  const rows = Array.from({ length: points }, (_, i) => Math.floor(((i + 1) * length) / points) - 1);
  return { time: rows.map(row => equity.time[row]), value: rows.map(row => equity.value[row]) };
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, item) => {
    if (typeof item !== 'number' || Number.isFinite(item)) return item;
    return Number.isNaN(item) ? null : String(item);
  });
}
