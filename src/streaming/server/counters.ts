/** What has happened to the clients of a server, since its start. */
export class Counters {
  /** Connections that were taken. */
  accepted = 0;
  /** Connections that were turned away: too many, a wrong origin, host or token. */
  rejected = 0;
  /** Records given to clients: one that three clients get counts three times. */
  delivered = 0;
  /** Bytes of these. */
  bytes = 0;
  /** Times that a client fell behind, and got snapshots instead of what it had missed. */
  lagged = 0;
  /** Records that clients behind did not get. */
  skipped = 0;
  /** Clients that were disconnected since they did not catch up. */
  slow = 0;
  /** Requests that made no sense. */
  malformed = 0;
  /** Requests beyond what a client may send. */
  limited = 0;
  /** Clients that were disconnected for what they sent, or since they were silent. */
  expelled = 0;
  /** Connections whose frames broke the protocol: too long, no UTF-8, not masked, … */
  violations = 0;
}
