import { createHash, createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { inspect } from 'node:util';
import { InputError } from '../../../model/errors.ts';
import { Redactor } from './redact.ts';

export type KeyType = 'HMAC' | 'RSA' | 'Ed25519';

/** What an account's owner has been given by the exchange, or has given to it. */
export interface KeyMaterial {
  readonly apiKey: string;
  /** Of an HMAC key. */
  readonly apiSecret?: string | undefined;
  /** Of an RSA or Ed25519 key: PEM, whose line ends may be CRLF or the two characters `\n`. */
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
}

/** The forms in which a client library wants them. */
export type LibraryKeys =
  | { readonly apiKey: string; readonly apiSecret: string }
  | { readonly apiKey: string; readonly privateKey: string };

/**
 * An account's keys. They sign, and cannot be printed: as a text, as JSON and in a debugger's eyes they are
 * `[redacted]`. Throws InputError `KEY_INVALID`, `KEY_PASSPHRASE`, `KEY_TYPE`; the errors hold nothing of the keys.
 */
export class Keys {
  readonly type: KeyType;
  /** Tells accounts' keys apart, and tells nothing else: the beginning of a hash of the API key. */
  readonly fingerprint: string;
  /** Knows what these keys look like. */
  readonly redactor: Redactor;
  readonly #apiKey: string;
  readonly #secret: string | KeyObject;

  constructor({ apiKey, apiSecret, privateKey, passphrase }: KeyMaterial) {
    this.#apiKey = checked('API key', apiKey);
    if ((apiSecret === undefined) === (privateKey === undefined)) {
      throw new InputError('KEY_INVALID', 'an API key needs a secret or a private key, and not both', {
        fix: 'give the secret of an HMAC key, or the private key of an RSA or Ed25519 key',
      });
    }
    if (apiSecret !== undefined) {
      this.type = 'HMAC';
      this.#secret = checked('API secret', apiSecret);
    } else {
      this.#secret = readPrivateKey(privateKey!, passphrase);
      this.type = this.#secret.asymmetricKeyType === 'rsa' ? 'RSA' : 'Ed25519';
    }
    this.fingerprint = createHash('sha256').update(`qt-trader ${this.#apiKey}`).digest('hex').slice(0, 12);
    this.redactor = new Redactor([
      this.#apiKey,
      ...(apiSecret === undefined ? [] : [apiSecret.trim()]),
      ...(passphrase === undefined ? [] : [passphrase]),
      ...(privateKey === undefined ? [] : pemLines(privateKey)),
    ]);
  }

  /** To be sent as `X-MBX-APIKEY`, and nowhere else. */
  revealApiKey(): string {
    return this.#apiKey;
  }

  /** To be given to a client library that signs by itself, and to nothing else. */
  revealForLibrary(): LibraryKeys {
    const apiKey = this.#apiKey;
    if (typeof this.#secret === 'string') return { apiKey, apiSecret: this.#secret };
    return { apiKey, privateKey: this.#secret.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }

  /** The signature of a payload: HMAC SHA-256 in hex; RSASSA-PKCS1-v1_5 with SHA-256, or Ed25519, in base64. */
  sign(payload: string): string {
    if (typeof this.#secret === 'string') {
      return createHmac('sha256', this.#secret).update(payload).digest('hex');
    }
    const digest = this.type === 'RSA' ? 'sha256' : null;
    return sign(digest, Buffer.from(payload), this.#secret).toString('base64');
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}

function checked(name: string, value: string): string {
  const trimmed = value.trim();
  // Anything else cannot stand in a header.
  if (/^[\x21-\x7e]{1,512}$/.test(trimmed)) return trimmed;
  const problem = trimmed === '' ? `the ${name} is empty` : `the ${name} has characters that no key has`;
  throw new InputError('KEY_INVALID', problem, { fix: `copy the ${name} again, without spaces or quotes` });
}

function readPrivateKey(text: string, passphrase: string | undefined): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({
      key: pem(text),
      format: 'pem',
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch (error) {
    // The error itself goes no further: it is made by a library that has seen the key.
    const code = String((error as { code?: unknown }).code ?? '');
    if (
      /ENCRYPTED|passphrase|bad decrypt|MISSING_PASSPHRASE|BAD_DECRYPT/i.test(`${code} ${text.slice(0, 200)}`)
    ) {
      throw new InputError('KEY_PASSPHRASE', 'the private key is encrypted and cannot be opened', {
        fix: 'give its passphrase in BINANCE_PRIVATE_KEY_PASSPHRASE, or "passphrase" in the key file',
      });
    }
    throw new InputError('KEY_INVALID', 'the private key is no PEM that can be read', {
      fix: 'give the file that begins with -----BEGIN PRIVATE KEY-----, unchanged',
    });
  }
  const type = key.asymmetricKeyType;
  if (type === 'rsa' || type === 'ed25519') return key;
  throw new InputError('KEY_TYPE', `the private key is of the kind ${type}, which Binance does not take`, {
    value: type,
    limit: ['rsa', 'ed25519'],
    fix: 'make an Ed25519 or RSA key',
  });
}

/** Variables of an environment often hold a PEM in one line. */
function pem(text: string): string {
  return `${text.replaceAll('\\r', '').replaceAll('\\n', '\n').replaceAll('\r', '').trim()}\n`;
}

function pemLines(text: string): string[] {
  return pem(text)
    .split('\n')
    .filter(line => !line.startsWith('-----'));
}
