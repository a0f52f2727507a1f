import { InputError } from '../../../model/errors.ts';
import type { Network } from '../../../net/network.ts';
import { realNetwork } from '../../../net/real.ts';
import type { ExchangeEndpoints } from '../../../venues/binance/endpoints.ts';
import { BinanceGateway, type GatewayOptions } from './gateway.ts';
import type { Keys } from './keys.ts';
import { LibraryTransport } from './library-transport.ts';
import { OwnTransport } from './own-transport.ts';

export interface OpenGatewayOptions {
  readonly endpoints: ExchangeEndpoints;
  readonly keys: Keys;
  /**
   * Default: this machine's, where requests go by the client library. Another one (in virtual time, to an exchange in the same
   * process) is beyond the library's reach, so that they are signed and sent by the gateway itself.
   */
  readonly network?: Network;
  /** Overrides which of the two sends requests. */
  readonly transport?: 'library' | 'own';
  readonly recvWindowMs?: number;
  readonly onNotice?: NonNullable<GatewayOptions['onNotice']>;
}

/**
 * A gateway to one of Binance's environments, or to an exchange that speaks its API. Throws InputError `URL_NOT_SECURE` for
 * another machine that would be spoken to in the clear.
 */
export function openGateway(options: OpenGatewayOptions): BinanceGateway {
  const { endpoints, keys, network = realNetwork } = options;
  const { rest } = endpoints.trading;
  if (network === realNetwork) requireSecure(rest);
  const kind = options.transport ?? (network === realNetwork ? 'library' : 'own');
  return new BinanceGateway({
    name: endpoints.name,
    endpoints: endpoints.trading,
    local: endpoints.local,
    network,
    keys,
    transport:
      kind === 'library'
        ? new LibraryTransport(network.timers, rest, keys)
        : new OwnTransport(network.http, rest, keys),
    ...(options.recvWindowMs === undefined ? {} : { recvWindowMs: options.recvWindowMs }),
    ...(options.onNotice === undefined ? {} : { onNotice: options.onNotice }),
  });
}

/** Signed requests can be read, and repeated, by whoever stands between. */
function requireSecure(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return;
  throw new InputError('URL_NOT_SECURE', `orders would be sent to ${hostname} in the clear`, {
    value: url,
    limit: 'https, or an exchange on this machine',
    fix: 'give the https: address',
  });
}
