/** How a server stands. */
export interface ServerStatus {
  readonly clients: number;
  readonly subscriptions: number;
  readonly streams: number;
  /** Bytes that wait for clients. */
  readonly backlog: number;
  /** Clients that get nothing until they have caught up. */
  readonly behind: number;
  /** Records since the start, whether somebody wanted them or not. */
  readonly published: number;
  /** Records of more streams than are allowed. */
  readonly refused: number;
  /** Records given to clients since the start, once for each. */
  readonly delivered: number;
  /** Times that a client fell behind, and clients that were disconnected since they stayed there. */
  readonly lagged: number;
  readonly slow: number;
}
