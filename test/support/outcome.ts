import type { BacktestResult } from 'qt-trader';

/** Everything that a run decided and what came of it, to the last bit. */
export function outcome(result: BacktestResult) {
  return {
    orders: JSON.parse(JSON.stringify([...result.orders])),
    fills: [...result.fills],
    trades: [...result.trades],
    times: [...result.equity.time],
    values: [...result.equity.value],
    log: result.log,
    metrics: result.metrics,
  };
}

/** The same without the moments of fills inside bars, which only a live run knows, and what is computed from them. */
export function timeless({ fills, trades, metrics, ...rest }: ReturnType<typeof outcome>) {
  const { longestFlatMs, ...figures } = metrics;
  return {
    ...rest,
    metrics: figures,
    fills: fills.map(({ time, ...fill }) => ({ ...fill, time: fill.maker ? 'in the bar' : time })),
    trades: trades.map(({ entryTime, exitTime, ...trade }) => trade),
  };
}
