import { realHttp } from './http.ts';
import type { Network, Timers } from './network.ts';
import { realConnect } from './socket.ts';

/** The longest time that setTimeout knows, ms. */
const LONGEST_MS = 2 ** 31 - 1;

const realTimers: Timers = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), LONGEST_MS));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** The world as it is: this machine's clock, real sockets and requests. */
export const realNetwork: Network = {
  timers: realTimers,
  connect: realConnect,
  http: realHttp,
  random: Math.random,
};

/** Time, µs UTC: the wall clock's, without its steps of a millisecond. */
export function microseconds(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}
