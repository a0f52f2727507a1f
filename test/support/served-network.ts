import type { Network, Socket, SocketHandlers } from '../../src/net/network.ts';
import { VirtualTimers } from '../../src/net/virtual-timers.ts';
import { Counters } from '../../src/streaming/server/counters.ts';
import { Hub } from '../../src/streaming/server/hub.ts';
import { SERVER_LIMITS, type ServerLimits } from '../../src/streaming/server/limits.ts';
import { Session } from '../../src/streaming/server/session.ts';

/** Texts of the frames in bytes of a server's, without compression; a frame may not be cut. */
export function textsOf(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== 0x81) throw new Error(`byte ${bytes[at]} begins no text frame`);
    let length = bytes[at + 1];
    let header = 2;
    if (length === 126) {
      length = bytes.readUInt16BE(at + 2);
      header = 4;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at + 2));
      header = 10;
    }
    texts.push(bytes.toString('utf8', at + header, at + header + length));
    at += header + length;
  }
  return texts;
}

export interface ServedFaults {
  /** Whether a message of the server's never comes. */
  drops(): boolean;
}

/** A server and its clients without sockets, in virtual time: messages take 5 ms, some of them for ever. */
export class ServedNetwork {
  readonly timers = new VirtualTimers(1_700_000_000_000);
  readonly counters = new Counters();
  readonly limits: ServerLimits;
  readonly #faults: ServedFaults;
  readonly #random: () => number;
  readonly #cuts = new Set<() => void>();
  hub: Hub;
  #runs = 0;
  /** Connections are refused meanwhile. */
  isAway = false;
  readonly token: string | undefined;

  constructor(
    faults: ServedFaults,
    random: () => number,
    limits: Partial<ServerLimits> = {},
    token?: string,
  ) {
    this.#faults = faults;
    this.#random = random;
    this.limits = { ...SERVER_LIMITS, ...limits };
    this.token = token;
    this.hub = this.#newHub();
  }

  get network(): Network {
    return {
      timers: this.timers,
      random: this.#random,
      connect: (_, handlers) => this.#connect(handlers),
      http: () => Promise.reject(new Error('no requests here')),
    };
  }

  /** Ends every connection. */
  cut(): void {
    for (const cut of [...this.#cuts]) cut();
  }

  /** A server that has forgotten everything, sequences included. */
  restart(): void {
    this.cut();
    this.hub = this.#newHub();
  }

  #newHub(): Hub {
    this.#runs++;
    return new Hub({ timers: this.timers, clock: () => this.timers.now() * 1000, limits: this.limits });
  }

  #connect(handlers: SocketHandlers): Socket {
    let isOpen = false;
    let isOver = false;
    let isCut = false;
    let session: Session | undefined;
    const end = (code: number, reason: string) => {
      if (isOver) return;
      isOver = true;
      isOpen = false;
      session?.end();
      this.#cuts.delete(cut);
      this.timers.after(5, () => handlers.onClose(code, reason));
    };
    const cut = () => {
      isCut = true;
      end(1006, 'cut');
    };
    this.timers.after(5, () => {
      if (isOver) return;
      if (this.isAway) {
        end(1006, 'refused');
        return;
      }
      isOpen = true;
      this.#cuts.add(cut);
      session = new Session({
        hub: this.hub,
        link: {
          write: bytes => {
            for (const text of textsOf(bytes)) {
              if (this.#faults.drops()) continue;
              this.timers.after(5, () => {
                // What was written before a goodbye comes before it.
                if (!isCut) handlers.onMessage(text);
              });
            }
          },
          buffered: 0,
          close: end,
          terminate: cut,
        },
        limits: this.limits,
        counters: this.counters,
        server: `run ${this.#runs}`,
        isDeflated: false,
        now: () => this.timers.now(),
        clock: () => this.timers.now() * 1000,
        isToken: this.token === undefined ? undefined : given => given === this.token,
      });
      handlers.onOpen();
    });
    return {
      send: text => {
        if (isOpen) this.timers.after(5, () => session?.receive(text));
      },
      close: () => end(1000, 'bye'),
      terminate: cut,
    };
  }
}
