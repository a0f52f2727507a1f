import { InputError } from '../../model/errors.ts';
import { bind } from '../../net/bind.ts';
import { isLoopback } from './authentication.ts';
import type { RecordServer, RecordServerOptions } from './contract.ts';
import { Disseminator } from './disseminator.ts';

export const SERVER_PORT = 8765;

/**
 * Gives out records over websockets: docs/server.md. Throws InputError `PORT_IN_USE`, `PORT_REFUSED`, `HOST_UNKNOWN`,
 * `TOKEN_MISSING` where other machines could read without one.
 */
export async function serveRecords(options: RecordServerOptions = {}): Promise<RecordServer> {
  const { host = '127.0.0.1', port = SERVER_PORT } = options;
  if (!isLoopback(host) && options.token === undefined && options.isPublic !== true) {
    throw new InputError('TOKEN_MISSING', `other machines reach ${host}, and could read everything`, {
      value: host,
      limit: '127.0.0.1',
      fix: 'set QT_SERVE_TOKEN or give --token-file; --public serves without a token',
    });
  }
  const server = new Disseminator(options);
  await bind(server.http, { host, port });
  return server.started(host);
}
