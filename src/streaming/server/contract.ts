import type { RecordSink } from '../../collection/sinks/sink.ts';
import type { RawRecord } from '../protocol.ts';
import type { ServerLimits } from './limits.ts';
import type { ServerStatus } from './status.ts';

export interface RecordServerOptions {
  /** Default 127.0.0.1, which only this machine reaches. */
  readonly host?: string;
  /** 0 for any that is free; default 8765. */
  readonly port?: number;
  /** What clients must show; without one, anybody who reaches the server may read. */
  readonly token?: string;
  /** Serve other machines without a token. */
  readonly isPublic?: boolean;
  /** Origins whose pages may connect, `https://example.com`, or `*`; default: the server's own page. */
  readonly origins?: readonly string[];
  /** Offer permessage-deflate; default false. */
  readonly compress?: boolean;
  readonly limits?: Partial<ServerLimits>;
  /** The page at `/`; none unless given. */
  readonly page?: string;
  /** Time, µs UTC; default this machine's. */
  readonly clock?: () => number;
}

export interface RecordServer {
  readonly host: string;
  readonly port: number;
  /** `ws://127.0.0.1:8765/`. */
  readonly url: string;
  /** What is written to it goes to whoever has subscribed to it. */
  readonly sink: RecordSink;
  readonly status: ServerStatus;
  /** A line of the wire, for the channel `raw`. */
  raw(record: RawRecord): void;
  /** A venue has nobody any more who tells of it: its books are not to be used until they come anew. */
  down(venue: string, cause: string, detail: string): void;
  /** Says goodbye to every client. */
  close(): Promise<void>;
}
