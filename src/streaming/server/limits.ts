/** What a server bears; one that is broken is counted, and told to whoever broke it. */
export interface ServerLimits {
  /** Connections at a time. */
  readonly clients: number;
  /** Subscriptions of one client. */
  readonly subscriptions: number;
  /** Requests of one client: so many a second in the long run, and so many at once. */
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
  /** Requests beyond these that are refused before the connection is closed. */
  readonly refusals: number;
  /** Bytes of one message of a client's. */
  readonly messageBytes: number;
  /** Bytes that wait for a client before it gets no more until it has caught up. */
  readonly backlogBytes: number;
  /** How long a client may be behind before it is disconnected, ms. */
  readonly slowMs: number;
  /** How long a client may be silent, pongs included, ms. */
  readonly silenceMs: number;
  /** A whole request, that of a websocket too, must be there in this time, ms. */
  readonly requestMs: number;
  /** Until a client must have shown its token, ms. */
  readonly authenticationMs: number;
  /** Streams: venues times symbols times channels. */
  readonly streams: number;
  /** Levels of one side of a book, or orders of one; the worst prices beyond these are not kept for snapshots. */
  readonly levels: number;
  /** Records go out together so often at most, ms. */
  readonly flushMs: number;
}

export const SERVER_LIMITS: ServerLimits = {
  clients: 500,
  subscriptions: 200,
  requestsPerSecond: 20,
  requestBurst: 100,
  refusals: 200,
  messageBytes: 16 * 1024,
  backlogBytes: 2 ** 20,
  slowMs: 10_000,
  silenceMs: 60_000,
  requestMs: 10_000,
  authenticationMs: 5000,
  streams: 10_000,
  levels: 20_000,
  flushMs: 2,
};
