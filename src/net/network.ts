/**
 * What everything that talks to the world is given: time, sockets, requests and chance. The real ones are made in
 * `real.ts`; tests and fault runs give virtual ones, so that a day of trouble passes in milliseconds.
 */
export interface Network {
  readonly timers: Timers;
  readonly connect: Connect;
  readonly http: Http;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface Timers {
  /** Epoch ms UTC by this machine's clock. */
  now(): number;
  /** Runs `run` once, `ms` from now. Nothing else keeps a process alive or a virtual clock going. */
  after(ms: number, run: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** Called by a socket, never before `connect` has returned and never after `onClose`. */
export interface SocketHandlers {
  onOpen(): void;
  onMessage(text: string): void;
  /** A binary frame; where nobody wants them, they are dropped. */
  onBinary?(bytes: Uint8Array): void;
  /** The other side asked whether we are there; the answer has been sent. */
  onPing?(): void;
  /** Comes exactly once, also when the connection was never made: `reason` says why, in one line. */
  onClose(code: number, reason: string): void;
}

/** A websocket. */
export interface Socket {
  /** Throws nothing: what is sent on a socket that is not open is lost, as on the wire. */
  send(text: string): void;
  /** Says goodbye; `onClose` follows. */
  close(): void;
  /** Drops it without a word, as for a peer that is gone; `onClose` follows. */
  terminate(): void;
}

export type Connect = (url: string, handlers: SocketHandlers) => Socket;

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Until the whole answer is there, ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Resolves with whatever the server answered, whatever its status. Rejects with a NetworkError when nothing came. */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;
