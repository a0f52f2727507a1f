import type { NetworkError } from '../../model/errors.ts';
import type { Network } from '../../net/network.ts';
import type { DataMessage } from '../protocol.ts';

export interface RecordClientOptions {
  /** `ws://127.0.0.1:8765/` */
  readonly url: string;
  readonly network: Network;
  /** What the server wants to be shown. */
  readonly token?: string;
  /** Every record, in the order of each stream. What was missed is told by `onNotice`, and told anew where it can be. */
  onMessage?(message: DataMessage): void;
  /** What happens to the connection: `CONNECTED`, `DISCONNECTED`, `RECORDS_LOST`, … */
  onNotice?(level: 'info' | 'warning', code: string, message: string): void;
  /** The server does not let this client in, which another attempt would not change. */
  onRefused?(error: NetworkError): void;
}
