import type { Network } from '../../net/network.ts';
import { realNetwork } from '../../net/real.ts';
import { RecordClient } from './client.ts';
import type { RecordClientOptions } from './options.ts';

/** Follows a `qt serve` at `url` until `close()`; `network` is the real one unless given. */
export function recordClient(
  options: Omit<RecordClientOptions, 'network'> & { readonly network?: Network },
): RecordClient {
  return new RecordClient({ network: realNetwork, ...options });
}
