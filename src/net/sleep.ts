import type { Timers } from './network.ts';

/** Resolves after `ms`, or as soon as `signal` aborts; it never rejects and leaves no timer. */
export function sleep(timers: Timers, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise(resolve => {
    const done = () => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = timers.after(ms, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
