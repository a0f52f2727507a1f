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
