import { Admin, type BaseOptions, type GenericError } from '@platformatic/kafka';
import { InputError, NetworkError, OutputError, QtError } from '../../model/errors.ts';
import type { KafkaAddress } from './address.ts';
import { type Environment, type Security, securityOf } from './security.ts';

const SECOND = 1000;
const CONNECT_MS = 5 * SECOND;
const REQUEST_MS = 30 * SECOND;
/** Pauses between attempts grow to this. */
const LONGEST_PAUSE_MS = 5 * SECOND;
const FIRST_PAUSE_MS = 100;
/** Attempts of a request that somebody waits for. */
const RETRIES = 8;

/** How a cluster is reached; clients are made of it. */
export interface KafkaConnection {
  readonly address: KafkaAddress;
  readonly options: Omit<BaseOptions, 'clientId'> & Security & { readonly clientId: string };
}

/** Throws what {@link securityOf} throws. */
export function kafkaConnection(
  address: KafkaAddress,
  environment: Environment = process.env,
): KafkaConnection {
  return {
    address,
    options: {
      clientId: `qt-trader-${process.pid}`,
      bootstrapBrokers: address.brokers.map(broker => ({ ...broker })),
      connectTimeout: CONNECT_MS,
      timeout: REQUEST_MS,
      retries: RETRIES,
      retryDelay: (_client, _operation, attempt) =>
        Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10)),
      ...securityOf(address, environment),
    },
  };
}

/** Runs one request with a client of its own. Throws NetworkError, InputError `KAFKA_*`. */
export async function withAdmin<Result>(
  { address, options }: KafkaConnection,
  act: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = new Admin({ ...options, retries: 3 });
  try {
    return await act(admin);
  } catch (error) {
    throw kafkaFailure(error, address);
  } finally {
    await admin.close();
  }
}

/** Makes topics that are not there, with the cluster's own number of partitions and replicas unless told otherwise. */
export async function ensureTopics(
  connection: KafkaConnection,
  topics: readonly string[],
  {
    partitions = -1,
    replicas = -1,
  }: { readonly partitions?: number | undefined; readonly replicas?: number | undefined } = {},
): Promise<void> {
  await withAdmin(connection, async admin => {
    const there = new Set(await admin.listTopics({ includeInternals: false }));
    for (const topic of topics) {
      if (there.has(topic)) continue;
      try {
        await admin.createTopics({ topics: [topic], partitions, replicas });
      } catch (error) {
        if (!isApiError(error, 'TOPIC_ALREADY_EXISTS')) throw error;
      }
    }
  });
}

export function isApiError(error: unknown, ...names: readonly string[]): boolean {
  return names.some(name => findBy(error, 'apiId', name));
}

/** Whether the same request may succeed later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof QtError) return error instanceof NetworkError && error.retriable;
  return typeof (error as Partial<GenericError>)?.findBy === 'function' && !findBy(error, 'canRetry', false);
}

function findBy(error: unknown, property: string, value: unknown): boolean {
  const { findBy: find } = error as Partial<GenericError>;
  return typeof find === 'function' && find.call(error as GenericError, property, value) !== null;
}

const LARGE: readonly string[] = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];
const DENIED: readonly string[] = [
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
];
const REFUSED: readonly string[] = [
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
];

/** What a client said, as an error of ours: one line, with the way out. */
export function kafkaFailure(error: unknown, { name }: KafkaAddress): QtError {
  if (error instanceof QtError) return error;
  const details = { value: name, cause: error };
  const reason = reasonOf(error);
  if (isApiError(error, ...REFUSED) || /\bSASL\b|authentication failed/i.test(reason)) {
    return new InputError('KAFKA_AUTHENTICATION', `${name} does not let this client in: ${reason}`, {
      ...details,
      fix: 'check sasl=, QT_KAFKA_USERNAME and QT_KAFKA_PASSWORD',
    });
  }
  if (isApiError(error, ...DENIED)) {
    return new InputError('KAFKA_DENIED', `${name}: ${reason}`, {
      ...details,
      fix: 'have this user allowed to do so, or use another one',
    });
  }
  if (isApiError(error, ...LARGE)) {
    return new OutputError('KAFKA_RECORD_TOO_LARGE', `${name}: ${reason}`, {
      ...details,
      fix: 'raise max.message.bytes of the topic, or add compression=zstd',
    });
  }
  const unknown = /Unknown topic (\S+?)\.?$/.exec(reason)?.[1];
  if (unknown !== undefined || isApiError(error, 'UNKNOWN_TOPIC_OR_PARTITION')) {
    return new InputError('KAFKA_TOPIC_UNKNOWN', `${name} has no topic ${unknown ?? ''}`.trim(), {
      ...details,
      fix: 'check the name, or let what writes it begin first',
    });
  }
  if (/certificate|self.signed|SSL|TLS/i.test(reason)) {
    return new InputError('KAFKA_TLS', `${name}: ${reason}`, {
      ...details,
      fix: 'name the certificate authority by ca=FILE, and check that the port speaks TLS',
    });
  }
  return new NetworkError('KAFKA_UNREACHABLE', `${name}: ${reason}`, {
    ...details,
    retriable: isPassing(error),
    fix: 'check the address, and that the broker runs; its listener must be advertised under a name that works here',
  });
}

/** The innermost message that says something, in one line. */
function reasonOf(error: unknown): string {
  let at = error;
  for (let depth = 0; depth < 10; depth++) {
    const { cause, errors } = at as { readonly cause?: unknown; readonly errors?: readonly unknown[] };
    const inner = Array.isArray(errors) && errors.length > 0 ? errors[errors.length - 1] : cause;
    if (!(inner instanceof Error)) break;
    at = inner;
  }
  const { code, message } = at as { readonly code?: unknown; readonly message?: unknown };
  const text = String(message ?? '') === '' ? String(code ?? at) : String(message);
  return text.replace(/\s+/g, ' ').slice(0, 300);
}
