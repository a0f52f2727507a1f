import type { Server } from 'node:http';
import { InputError } from '../model/errors.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** Makes a server listen. Throws InputError `PORT_IN_USE`, `PORT_REFUSED`, `HOST_UNKNOWN`. */
export async function bind(server: Server, { host, port }: ListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, exclusive: true }, resolve);
  try {
    await promise;
  } catch (cause) {
    throw bindError((cause as NodeJS.ErrnoException).code, host, port, cause);
  }
  server.off('error', reject);
}

function bindError(code: string | undefined, host: string, port: number, cause: unknown): unknown {
  const details = { value: port, cause };
  if (code === 'EADDRINUSE') {
    return new InputError('PORT_IN_USE', `something listens on ${host}:${port} already`, {
      ...details,
      fix: 'end it, or give another --port (0 for any that is free)',
    });
  }
  if (code === 'EACCES') {
    return new InputError('PORT_REFUSED', `this machine does not let you listen on port ${port}`, {
      ...details,
      limit: 1024,
      fix: 'give a --port of 1024 or more',
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL') {
    return new InputError('HOST_UNKNOWN', `"${host}" is no address of this machine`, {
      value: host,
      fix: 'leave --host out, or give 127.0.0.1 or ::1',
      cause,
    });
  }
  return cause;
}
