/**
 * What the local exchange (`qt exchange`) says beyond Binance's own API, and only to those who ask: which data it
 * replays, and, in lockstep, when everything that is known at a moment has been sent.
 *
 * Its REST answers `GET /local/v1/info`. Its streams include `!replay`: a {@link ReplayTick} follows all frames of each
 * moment. In lockstep the exchange's time stands still until every connection that subscribed to `!replay` has
 * answered the tick with `{"method":"ACK","params":[n]}`; without such a connection it stands still, too. To a
 * connection that subscribes while a tick is not acknowledged, the frames of that moment and the tick are sent (again).
 * A moment has two ticks if both happen: first what closed at it, then what opened.
 *
 * A connection to its WebSocket API is waited for as well once it has sent the method `replay.subscribe`: after all
 * events of a moment it gets `{"event":{"e":"replay",…}}`, a {@link ReplayTick}, and answers with the same
 * `{"method":"ACK","params":[n]}`. Such a connection alone does not make time go on, nor the replay begin.
 */
export interface LocalInfo {
  readonly lockstep: boolean;
  /** Market milliseconds a millisecond; null in lockstep, whose time stands still between ticks. */
  readonly speed: number | null;
  /** The market's time now, epoch ms UTC. */
  readonly time: number;
  /** The market's time at the end of the data, epoch ms UTC. */
  readonly end: number;
  /** What is replayed: one entry a data file, with the interval of its bars. Longer intervals are made from them. */
  readonly series: readonly { readonly symbol: string; readonly interval: string }[];
}

export const REPLAY_STREAM = '!replay';
/** On the WebSocket API; without parameters, the result is `{}`. */
export const REPLAY_METHOD = 'replay.subscribe';
export const INFO_PATH = '/local/v1/info';

/** `{"stream":"!replay","data":{…}}` on combined streams, the object alone on raw ones, `{"event":{…}}` on the WebSocket API. */
export interface ReplayTick {
  readonly e: 'replay';
  /** The market's time, epoch ms UTC. */
  readonly E: number;
  /** Counted from 0 over the whole replay; what ACK names. */
  readonly n: number;
  /** True for the last one: the data is over. Sent without lockstep as well. */
  readonly end: boolean;
}
