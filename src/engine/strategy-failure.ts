import { QtError, StrategyError } from '../model/errors.ts';

/** What the strategy's code has thrown, told with the moment at which it happened (epoch ms UTC, NaN before the first bar). */
export function strategyFailure(error: unknown, strategy: string, time: number): QtError {
  if (error instanceof QtError) return error;
  const when = Number.isNaN(time) ? 'before the first bar' : `at ${new Date(time).toISOString()}`;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new StrategyError('STRATEGY_THREW', `${strategy} threw ${when}: ${message}`, {
    value: message,
    cause: error,
  });
}

/** For a `next` that does not come back empty-handed. */
export function asynchronous(): StrategyError {
  return new StrategyError(
    'STRATEGY_ASYNC',
    'next() returned something: a promise, if it is an async function',
    {
      fix: 'make next() synchronous and return nothing; time stands still while it runs',
    },
  );
}
