import type { Keys } from './keys.ts';

/** Parameters of a request by name, in the order in which they are sent. */
export type Parameters = Readonly<Record<string, string>>;

/** Names and values percent-encoded, as REST sends and signs them. Source: spot REST API, "SIGNED endpoint security". */
export function queryString(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

/** A query string with its signature at the end. */
export function signedQuery(keys: Keys, parameters: Parameters): string {
  const query = queryString(parameters);
  return `${query}&signature=${encodeURIComponent(keys.sign(query))}`;
}

/**
 * What a request of the WebSocket API signs: its parameters in the order of their names, with the API key among them, not
 * encoded. Source: spot WebSocket API, "SIGNED request security".
 */
export function sortedPayload(parameters: Readonly<Record<string, string | number>>): string {
  return Object.keys(parameters)
    .sort()
    .map(name => `${name}=${parameters[name]}`)
    .join('&');
}

/** The parameters of a signed request of the WebSocket API, key and signature included. */
export function signedParameters(
  keys: Keys,
  parameters: Readonly<Record<string, string | number>>,
): Record<string, string | number> {
  const full = { ...parameters, apiKey: keys.revealApiKey() };
  return { ...full, signature: keys.sign(sortedPayload(full)) };
}
