import { readFileSync } from 'node:fs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { SASLOptions } from '@platformatic/kafka';
import { InputError } from '../../model/errors.ts';
import { choiceOf, type KafkaAddress } from './address.ts';

const MECHANISMS = {
  none: undefined,
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
  oauthbearer: 'OAUTHBEARER',
} as const;
type Mechanism = keyof typeof MECHANISMS;

export interface Security {
  readonly tls?: TlsOptions;
  readonly sasl?: SASLOptions;
}

/** Where names and passwords come from beside files. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How a broker is spoken to. Certificates come from files, names and passwords from `QT_KAFKA_USERNAME` and
 * `QT_KAFKA_PASSWORD` or a file of two lines, tokens from the file that `QT_KAFKA_TOKEN_FILE` names, which is read anew each time a
 * connection is made. Throws InputError `KAFKA_ADDRESS`, `KAFKA_FILE`, `KAFKA_CREDENTIALS`, `KAFKA_PLAINTEXT`.
 */
export function securityOf(address: KafkaAddress, environment: Environment): Security {
  const { options } = address;
  const files = ['ca', 'cert', 'key'].filter(name => options.has(name));
  const isTls = choiceOf(address, 'tls', ['true', 'false'], files.length > 0 ? 'true' : 'false') === 'true';
  const mechanism = choiceOf(address, 'sasl', Object.keys(MECHANISMS) as Mechanism[], 'none');
  if (options.has('cert') !== options.has('key')) {
    throw new InputError('KAFKA_ADDRESS', 'the address has one of cert and key', {
      value: files,
      fix: 'give both: the certificate of this client, and its private key',
    });
  }
  const shownInClear = mechanism === 'plain' || mechanism === 'oauthbearer';
  if (shownInClear && !isTls && !address.brokers.every(({ host }) => isLoopback(host))) {
    throw new InputError(
      'KAFKA_PLAINTEXT',
      `sasl=${mechanism} without TLS shows the password to everybody on the way`,
      {
        value: mechanism,
        fix: 'add tls=true, or use sasl=scram-sha-512',
      },
    );
  }
  const tls = Object.fromEntries(files.map(name => [name, contentOf(options.get(name)!)]));
  return {
    ...(isTls ? { tls } : {}),
    ...(mechanism === 'none' ? {} : { sasl: saslOf(mechanism, options.get('credentials'), environment) }),
  };
}

function saslOf(
  mechanism: Exclude<Mechanism, 'none'>,
  file: string | undefined,
  environment: Environment,
): SASLOptions {
  const wire = MECHANISMS[mechanism];
  if (mechanism === 'oauthbearer') {
    const tokenFile = environment.QT_KAFKA_TOKEN_FILE;
    if (tokenFile === undefined) throw missing('QT_KAFKA_TOKEN_FILE', mechanism);
    contentOf(tokenFile);
    return { mechanism: wire, token: () => contentOf(tokenFile).trim() };
  }
  const given = file === undefined ? environment : credentialsOf(file);
  const username = given.QT_KAFKA_USERNAME ?? '';
  const password = given.QT_KAFKA_PASSWORD ?? '';
  if (username === '') throw missing('QT_KAFKA_USERNAME', mechanism);
  if (password === '') throw missing('QT_KAFKA_PASSWORD', mechanism);
  return { mechanism: wire, username, password };
}

/** A file of lines `username=…` and `password=…`. */
function credentialsOf(file: string): Environment {
  const found = new Map<string, string>();
  for (const line of contentOf(file).split(/\r?\n/)) {
    const [, name, value] = /^\s*(username|password)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) found.set(`QT_KAFKA_${name.toUpperCase()}`, value);
  }
  return Object.fromEntries(found);
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError('KAFKA_FILE', `${file} cannot be read`, {
      value: file,
      fix: 'check the path and the permissions',
      cause: error,
    });
  }
}

function missing(name: string, mechanism: Mechanism): InputError {
  return new InputError('KAFKA_CREDENTIALS', `sasl=${mechanism} needs ${name}, which is not set`, {
    value: name,
    fix: 'set it in the environment, or name a file with lines username=… and password=… by credentials=FILE',
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}
