import { EXIT } from './failure.ts';

/**
 * Calls `stop` at the first of these signals (Ctrl-C unless told otherwise); the second one ends the process at once.
 * Returns a function that gives them back their usual meaning.
 */
export function onInterrupt(stop: () => void, signals: readonly NodeJS.Signals[] = ['SIGINT']): () => void {
  let asked = false;
  const listener = () => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    stop();
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
