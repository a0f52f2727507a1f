/** Why a case cannot be run; undefined for one that can. */
export function pendingReason(json: object): string | undefined {
  return 'backtest' in json && 'stats' in json ? 'backtesting.py' : undefined;
}
