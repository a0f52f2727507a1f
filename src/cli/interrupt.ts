import { EXIT } from './failure.ts';

/**
 * Calls `stop` at the first Ctrl-C; the second one ends the process at once. Returns a function that gives Ctrl-C
 * back its usual meaning.
 */
export function onInterrupt(stop: () => void): () => void {
  let asked = false;
  const listener = () => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    stop();
  };
  process.on('SIGINT', listener);
  return () => process.off('SIGINT', listener);
}
