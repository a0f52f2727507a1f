import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../../../model/errors.ts';
import { type KeyMaterial, Keys } from './keys.ts';

export interface KeySource {
  /** A JSON file with `apiKey` and `apiSecret`, `privateKey` or `privateKeyFile`, and `passphrase` if it needs one. */
  readonly file?: string | undefined;
  /** Where there is no file: the process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const NAMES = ['apiKey', 'apiSecret', 'privateKey', 'privateKeyFile', 'passphrase'];
/** More than any key needs. */
const MOST_BYTES = 65_536;
const OTHERS = 0o077;

/**
 * Keys from a key file, else from `BINANCE_API_KEY` with `BINANCE_API_SECRET`, `BINANCE_PRIVATE_KEY` or
 * `BINANCE_PRIVATE_KEY_FILE` (and `BINANCE_PRIVATE_KEY_PASSPHRASE`). A file that others on this machine may read is
 * refused. Throws InputError `KEYS_MISSING`, `KEY_FILE_INVALID`, `KEY_FILE_READABLE`, and those of {@link Keys}.
 */
export function loadKeys({ file, environment }: KeySource): Keys {
  return new Keys(file === undefined ? fromEnvironment(environment) : fromFile(file));
}

function fromEnvironment(environment: KeySource['environment']): KeyMaterial {
  const of = (name: string) => environment[name] || undefined;
  const apiKey = of('BINANCE_API_KEY');
  const apiSecret = of('BINANCE_API_SECRET');
  const privateKeyFile = of('BINANCE_PRIVATE_KEY_FILE');
  const privateKey = of('BINANCE_PRIVATE_KEY');
  const fix =
    'set BINANCE_API_KEY and BINANCE_API_SECRET (or BINANCE_PRIVATE_KEY_FILE), or give a key file; never as arguments';
  if (apiKey === undefined) throw new InputError('KEYS_MISSING', 'BINANCE_API_KEY is not set', { fix });
  const given = [apiSecret, privateKey, privateKeyFile].filter(value => value !== undefined).length;
  if (given !== 1) {
    const problem =
      given === 0
        ? 'there is an API key, but no secret and no private key'
        : 'more than one of BINANCE_API_SECRET, BINANCE_PRIVATE_KEY and BINANCE_PRIVATE_KEY_FILE is set';
    throw new InputError('KEYS_MISSING', problem, { fix });
  }
  return {
    apiKey,
    apiSecret,
    privateKey: privateKeyFile === undefined ? privateKey : readSecret(privateKeyFile),
    passphrase: of('BINANCE_PRIVATE_KEY_PASSPHRASE'),
  };
}

function fromFile(file: string): KeyMaterial {
  const text = readSecret(file);
  const invalid = (problem: string) =>
    new InputError('KEY_FILE_INVALID', `${file} ${problem}`, {
      value: file,
      fix: 'give JSON with apiKey and apiSecret, or apiKey and privateKeyFile',
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // What the parser says quotes the text.
    throw invalid('is no JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw invalid('is no JSON object');
  const fields = parsed as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(fields)) {
    if (!NAMES.includes(name)) throw invalid(`has a field that is none of ${NAMES.join(', ')}`);
    if (typeof value !== 'string') throw invalid(`has a ${name} that is no text`);
  }
  const { apiKey, apiSecret, privateKey, privateKeyFile, passphrase } = fields as Record<
    string,
    string | undefined
  >;
  if (apiKey === undefined) throw invalid('has no apiKey');
  if ([apiSecret, privateKey, privateKeyFile].filter(value => value !== undefined).length !== 1) {
    throw invalid('needs exactly one of apiSecret, privateKey and privateKeyFile');
  }
  return {
    apiKey,
    apiSecret,
    privateKey:
      privateKeyFile === undefined ? privateKey : readSecret(resolve(dirname(file), privateKeyFile)),
    passphrase,
  };
}

function readSecret(file: string): string {
  let mode: number;
  let size: number;
  let isFile: boolean;
  try {
    const found = statSync(file);
    mode = found.mode;
    size = found.size;
    isFile = found.isFile();
  } catch {
    throw new InputError('KEY_FILE_INVALID', `the key file ${file} is not there`, {
      value: file,
      fix: 'give the path of a key file',
    });
  }
  // Windows has no such bits; there the file's owner has to see to it.
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    throw new InputError('KEY_FILE_READABLE', `others on this machine may read ${file}`, {
      value: (mode & 0o777).toString(8),
      limit: '600',
      fix: `chmod 600 ${file}`,
    });
  }
  if (!isFile || size > MOST_BYTES) {
    throw new InputError('KEY_FILE_INVALID', `${file} is no key file`, {
      value: file,
      fix: 'give a key file',
    });
  }
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new InputError('KEY_FILE_INVALID', `the key file ${file} cannot be read`, {
      value: file,
      fix: `see to it that this user may read it: chmod 600 ${file}`,
    });
  }
}
