import { InputError, suggestion } from '../../model/errors.ts';
import { checkTopic } from './topics.ts';

/** `kafka://host:9092,host2:9092/TOPIC?option=value`, read. */
export interface KafkaAddress {
  readonly brokers: readonly { readonly host: string; readonly port: number }[];
  /** Undefined where the address names none. */
  readonly topic: string | undefined;
  readonly options: ReadonlyMap<string, string>;
  /** Brokers and topic, for messages; never what stands behind the question mark. */
  readonly name: string;
}

/** Options that say how brokers are reached; every address may have them. */
export const CONNECTION_OPTIONS = ['tls', 'ca', 'cert', 'key', 'sasl', 'credentials'] as const;

const DEFAULT_PORT = 9092;
const FORM = 'kafka://HOST:PORT[,HOST:PORT…][/TOPIC][?OPTION=VALUE&…]';

export function isKafkaAddress(text: string): boolean {
  return /^kafka:/i.test(text);
}

/**
 * Reads an address. `known`: options beside those of the connection that make sense where it was given. Throws InputError
 * `KAFKA_ADDRESS`, which never repeats what may be a secret.
 */
export function parseKafkaAddress(text: string, known: readonly string[] = []): KafkaAddress {
  const [, hosts, topic, query] = /^kafka:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(text) ?? [];
  if (hosts?.includes('@') || topic?.includes('@')) {
    throw wrong(
      'has a user or a password in it',
      undefined,
      'take them out: set QT_KAFKA_USERNAME and QT_KAFKA_PASSWORD',
    );
  }
  if (hosts === undefined || hosts === '') {
    throw wrong('names no broker', text.split('?')[0], `write ${FORM}`);
  }
  const brokers = hosts.split(',').map(brokerOf);
  const path = decoded(topic ?? '').replace(/\/$/, '');
  return {
    brokers,
    topic: path === '' ? undefined : path,
    options: optionsOf(query ?? '', [...known, ...CONNECTION_OPTIONS]),
    name: `kafka://${hosts}${path === '' ? '' : `/${path}`}`,
  };
}

function brokerOf(text: string): { host: string; port: number } {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::(\d{1,5}))?$/.exec(text.trim());
  const port = match?.[2] === undefined ? DEFAULT_PORT : Number(match[2]);
  if (match === null || port < 1 || port > 65_535) {
    throw wrong(
      `has the broker "${text}"`,
      text,
      'write HOST or HOST:PORT, a port from 1 to 65535, several with commas',
    );
  }
  return { host: match[1].replace(/^\[|\]$/g, ''), port };
}

function optionsOf(query: string, known: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (/pass|secret|token|user/i.test(name)) {
      throw wrong(
        `has "${name}" in it`,
        name,
        'set QT_KAFKA_USERNAME and QT_KAFKA_PASSWORD, or credentials=FILE',
      );
    }
    if (!known.includes(name)) {
      throw wrong(`has the option "${name}"`, name, suggestion(name, known));
    }
    if (options.has(name)) throw wrong(`has the option "${name}" twice`, name, 'give it once');
    options.set(name, value);
  }
  return options;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`has the topic "${text}"`, text, 'write % as %25');
  }
}

function wrong(problem: string, value: unknown, fix: string): InputError {
  return new InputError('KAFKA_ADDRESS', `the address ${problem}`, { value, limit: FORM, fix });
}

/** One of the values that an option may have. Throws InputError `KAFKA_ADDRESS`. */
export function choiceOf<Choice extends string>(
  { options }: KafkaAddress,
  name: string,
  choices: readonly Choice[],
  otherwise: Choice,
): Choice {
  const given = options.get(name);
  if (given === undefined) return otherwise;
  const found = choices.find(choice => choice === given.toLowerCase());
  if (found !== undefined) return found;
  throw wrong(`has ${name}=${given}`, given, `use one of ${choices.join(', ')}`);
}

/** A whole number that an option gives. Throws InputError `KAFKA_ADDRESS`. */
export function countOf({ options }: KafkaAddress, name: string): number | undefined {
  const given = options.get(name);
  if (given === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(given))
    throw wrong(`has ${name}=${given}`, given, 'give a whole number, 1 or more');
  return Number(given);
}

/** The topics that an address names. Throws InputError `KAFKA_ADDRESS`. */
export function topicsOf({ name, topic }: KafkaAddress): readonly string[] {
  const topics = topic?.split(',').filter(one => one !== '') ?? [];
  if (topics.length === 0) {
    throw new InputError('KAFKA_ADDRESS', `${name} names no topic`, {
      value: name,
      fix: 'add it, several with commas: kafka://HOST:9092/BTC-USDT,ETH-USDT',
    });
  }
  for (const one of topics) checkTopic(one);
  return [...new Set(topics)];
}
