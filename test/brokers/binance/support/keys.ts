import { generateKeyPairSync } from 'node:crypto';
import { Keys } from '../../../../src/brokers/binance/gateway/keys.ts';

export const API_KEY = 'KEYkeyKEYkey0123456789KEYkeyKEYkey0123456789KEYkeyKEYkey01234567';
export const API_SECRET = 'SECRETsecret0123456789SECRETsecret0123456789SECRETsecret01234567';

export const hmacKeys = () => new Keys({ apiKey: API_KEY, apiSecret: API_SECRET });

export function privateKeys(type: 'rsa' | 'ed25519') {
  const pair =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { keys: new Keys({ apiKey: API_KEY, privateKey }), publicKey: pair.publicKey };
}
