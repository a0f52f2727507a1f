import { createHmac, timingSafeEqual, verify } from 'node:crypto';
import type { Key } from './account.ts';

/** True when `signature` is that of the payload by the key: hex of an HMAC in any case, base64 of RSA and Ed25519. */
export function isSigned({ kind, secret }: Key, payload: string, signature: string): boolean {
  const bytes = Buffer.from(payload, 'utf8');
  if (typeof secret === 'string') {
    const expected = createHmac('sha256', secret).update(bytes).digest();
    if (!/^[0-9a-f]{64}$/i.test(signature)) return false;
    return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
  }
  const given = Buffer.from(signature, 'base64');
  try {
    return verify(kind === 'rsa' ? 'RSA-SHA256' : null, bytes, secret, given);
  } catch {
    return false;
  }
}

/** What of a REST request is signed, as it was sent: query and body without the signature. */
export function signedPart(query: string, body: string): { payload: string; signature: string | undefined } {
  const [askedQuery, ofQuery] = withoutSignature(query);
  const [askedBody, ofBody] = withoutSignature(body);
  return { payload: askedQuery + askedBody, signature: ofQuery ?? ofBody };
}

/** What of a request on the WebSocket API is signed: its parameters in the order of their names. */
export function signedParameters(parameters: ReadonlyMap<string, string>): string {
  return [...parameters]
    .filter(([name]) => name !== 'signature')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function withoutSignature(text: string): [rest: string, signature: string | undefined] {
  const pairs = text.split('&');
  const at = pairs.findIndex(pair => pair.startsWith('signature='));
  if (at === -1) return [text, undefined];
  const [pair] = pairs.splice(at, 1);
  const value = pair.slice('signature='.length);
  try {
    return [pairs.join('&'), decodeURIComponent(value)];
  } catch {
    return [pairs.join('&'), value];
  }
}
