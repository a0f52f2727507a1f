import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Network } from '../../../../src/net/network.ts';

/** What a leak is found by: so much of a secret in a row. */
const WINDOW = 24;

/** Secrets that went over the wire, and everything else that was written somewhere: none may be in the other. */
export class Secrets {
  /** How many signatures were seen, and how many characters were searched. */
  signatures = 0;
  searched = 0;
  readonly leaks: string[] = [];
  /** Beginnings of secrets, and what they are. */
  readonly #known = new Map<string, string>();

  constructor(keys: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(keys)) {
      for (let at = 0; at + WINDOW <= value.length; at++) this.#known.set(value.slice(at, at + WINDOW), name);
    }
  }

  /** A signature that the exchange has seen. */
  signature(value: string): void {
    this.signatures++;
    for (const form of new Set([value, decodeURIComponent(value)]))
      this.#known.set(form.slice(0, WINDOW), 'a signature');
  }

  /** Searches what was written, by whatever it was written. */
  search(where: string, text: string): void {
    this.searched += text.length;
    for (const { 0: token, index } of text.matchAll(/[A-Za-z0-9+/=%_-]{24,}/g)) {
      for (let at = 0; at + WINDOW <= token.length; at++) {
        const name = this.#known.get(token.slice(at, at + WINDOW));
        if (name === undefined) continue;
        this.leaks.push(`${where} has ${name} at ${index + at}`);
        break;
      }
    }
  }

  /** Searches a thing as it would be printed, with stack and causes. */
  searchValue(where: string, value: unknown): void {
    this.search(where, inspect(value, { depth: 8, showHidden: true, maxStringLength: null }));
    if (value instanceof Error) this.search(where, `${value.stack}`);
  }

  /** Searches every file below a folder, byte by byte, but for those that hold the keys themselves. */
  searchFolder(folder: string, except: (name: string) => boolean = () => false): void {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || except(entry.name)) continue;
      this.search(entry.name, readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    }
  }

  /** A network whose requests are looked through for signatures before they go out. */
  listenIn(network: Network): Network {
    return {
      ...network,
      connect: (url, handlers) => {
        const socket = network.connect(url, handlers);
        return {
          ...bound(socket),
          send: text => {
            this.#collect(text, /"signature":"([^"]+)"/g);
            socket.send(text);
          },
        };
      },
      http: request => {
        this.#collect(`${request.url}&${request.body ?? ''}`, /signature=([^&]+)/g);
        return network.http(request);
      },
    };
  }

  #collect(text: string, pattern: RegExp): void {
    for (const [, value] of text.matchAll(pattern)) this.signature(value!);
  }
}

function bound(socket: ReturnType<Network['connect']>) {
  return { close: () => socket.close(), terminate: () => socket.terminate() };
}
