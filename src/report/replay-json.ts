import type { Comparison } from '../live/comparison/compare.ts';
import type { PlacedOrder } from '../live/comparison/orders.ts';
import type { Examination } from '../live/examine.ts';

/** Changes when a field is renamed, removed or gets another meaning; new fields do not change it. */
export const REPLAY_FORMAT = 1;

/** What looking back at a session has found as one JSON document, in pieces. Times are epoch ms UTC; NaN is null. */
export function* replayJson(found: Examination): Generator<string> {
  const { session, codeChanged, changes, replay, backtest, counts, account } = found;
  const { differences: replayed, withinBar: _, slippage: __, ...again } = replay;
  const { differences: compared, ...history } = backtest;
  const head = {
    format: REPLAY_FORMAT,
    session: { ...session, identity: undefined },
    codeChanged,
    changes,
    identical: replay.identical && backtest.identical,
    incidents: { ...counts, ...account },
  };
  yield `${JSON.stringify(head).slice(0, -1)},\n`;
  yield* part('replay', again, replayed, 'session', 'replay');
  yield ',\n';
  yield* part('backtest', history, compared, 'live', 'backtest');
  yield '}\n';
}

function* part(
  name: string,
  figures: object,
  differences: Comparison['differences'],
  left: string,
  right: string,
): Generator<string> {
  const causes: Record<string, number> = {};
  for (const { cause } of differences) causes[cause] = (causes[cause] ?? 0) + 1;
  let piece = `"${name}":${JSON.stringify({ ...figures, causes }).slice(0, -1)},"differences":[`;
  let joint = '\n';
  for (const one of differences) {
    const { time, symbol, what, cause, detail } = one;
    const sides = { [left]: side(one.left, one.leftOrder), [right]: side(one.right, one.rightOrder) };
    piece += joint + JSON.stringify({ time, symbol, what, cause, detail, ...sides });
    joint = ',\n';
    if (piece.length > 65_536) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}]}`;
}

function side(text: string, order: PlacedOrder | undefined) {
  return { text, order: order ?? null };
}
