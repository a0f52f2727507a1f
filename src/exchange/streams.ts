/** Streams of one connection. */
export const STREAM_LIMIT = 1024;
/** Messages that a connection may send a second of real time. */
export const MESSAGE_LIMIT = 5;
const SECOND = 1000;
/** The longest message taken, characters: 1,024 names of streams fit. */
const MESSAGE_LENGTH = 65_536;

/** 1008 of RFC 6455: the peer broke a rule. */
const POLICY_VIOLATION = 1008;

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'];

/** What a session does to the world. */
export interface SessionCalls {
  send(text: string): void;
  /** Ends the connection, because the client broke a rule. */
  close(code: number, reason: string): void;
  /** Streams that the client did not listen to before. */
  subscribed(streams: readonly string[]): void;
  unsubscribed(streams: readonly string[]): void;
  /** The tick that the client has acknowledged. */
  acknowledged(tick: number): void;
}

/** One client's side of Binance's stream protocol: what it listens to, and what it is answered. */
export class StreamSession {
  readonly streams = new Set<string>();
  #combined: boolean;
  readonly #calls: SessionCalls;
  readonly #lockstep: boolean;
  /** When the last messages came, ms. */
  readonly #messages: number[] = [];
  #isOver = false;

  constructor(path: StreamPath, lockstep: boolean, calls: SessionCalls) {
    this.#combined = path.combined;
    this.#lockstep = lockstep;
    this.#calls = calls;
    for (const stream of path.streams) this.streams.add(stream);
    if (this.streams.size > STREAM_LIMIT) this.#end(`more than ${STREAM_LIMIT} streams`);
  }

  /** A payload of a stream as this client gets it. */
  framed(stream: string, payload: string): string {
    return this.#combined ? `{"stream":"${stream}","data":${payload}}` : payload;
  }

  /** Takes a message; `now` is real time, ms. */
  receive(text: string, now: number): void {
    if (this.#isOver) return;
    if (text.length > MESSAGE_LENGTH) {
      this.#end('message too long');
      return;
    }
    const message = parse(text);
    const acknowledged = this.#lockstep ? acknowledgement(message) : undefined;
    // Whoever goes as fast as the replay allows sends far more of these than Binance would take.
    if (acknowledged !== undefined) {
      this.#calls.acknowledged(acknowledged);
      return;
    }
    while (this.#messages.length > 0 && this.#messages[0] <= now - SECOND) this.#messages.shift();
    this.#messages.push(now);
    if (this.#messages.length > MESSAGE_LIMIT) {
      this.#end('too many messages');
      return;
    }
    if (typeof message !== 'object' || message === null || Array.isArray(message)) {
      this.#refuse(3, 'Invalid JSON: expected value at line 1 column 1', undefined);
      return;
    }
    this.#answer(message as Record<string, unknown>);
  }

  #answer(message: Record<string, unknown>): void {
    const { method, params, id } = message;
    if (id !== null && !isId(id)) {
      this.#refuse(2, 'Invalid request: request ID must be an unsigned integer', undefined);
      return;
    }
    if (method === undefined) {
      this.#refuse(2, 'Invalid request: missing field `method`', id);
      return;
    }
    if (typeof method !== 'string' || !METHODS.includes(method)) {
      const known = METHODS.map(name => `\`${name}\``).join(', ');
      this.#refuse(2, `Invalid request: unknown variant \`${method}\`, expected one of ${known}`, id);
      return;
    }
    if (method === 'LIST_SUBSCRIPTIONS') {
      this.#reply([...this.streams], id);
      return;
    }
    if (method === 'SET_PROPERTY' || method === 'GET_PROPERTY') {
      this.#property(method, params, id);
      return;
    }
    if (!Array.isArray(params) || params.some(name => typeof name !== 'string')) {
      this.#refuse(2, 'Invalid request: params must be an array of stream names', id);
      return;
    }
    if (method === 'SUBSCRIBE') this.#subscribe(params, id);
    else {
      const gone = params.filter(name => this.streams.delete(name));
      this.#reply(null, id);
      this.#calls.unsubscribed(gone);
    }
  }

  #subscribe(names: readonly string[], id: unknown): void {
    const fresh = [...new Set(names)].filter(name => !this.streams.has(name));
    if (this.streams.size + fresh.length > STREAM_LIMIT) {
      this.#end(`more than ${STREAM_LIMIT} streams`);
      return;
    }
    for (const name of fresh) this.streams.add(name);
    this.#reply(null, id);
    this.#calls.subscribed(fresh);
  }

  #property(method: string, params: unknown, id: unknown): void {
    const [name, value, ...rest] = Array.isArray(params) ? params : [];
    if (typeof name !== 'string') {
      this.#refuse(2, 'Invalid request: property name must be a string', id);
      return;
    }
    if (name !== 'combined') {
      this.#refuse(0, 'Unknown property', id);
      return;
    }
    if (method === 'GET_PROPERTY') {
      if (value !== undefined) {
        this.#refuse(2, 'Invalid request: too many parameters', id);
        return;
      }
      this.#reply(this.#combined, id);
      return;
    }
    if (rest.length > 0) {
      this.#refuse(2, 'Invalid request: too many parameters', id);
      return;
    }
    if (typeof value !== 'boolean') {
      this.#refuse(1, 'Invalid value type: expected Boolean', id);
      return;
    }
    this.#combined = value;
    this.#reply(null, id);
  }

  #reply(result: unknown, id: unknown): void {
    this.#calls.send(JSON.stringify({ result, id }));
  }

  #refuse(code: number, msg: string, id: unknown): void {
    this.#calls.send(JSON.stringify({ error: { code, msg }, ...(id === undefined ? {} : { id }) }));
  }

  #end(reason: string): void {
    this.#isOver = true;
    this.#calls.close(POLICY_VIOLATION, reason);
  }
}

/** Numbers, words of up to 36 characters. */
function isId(id: unknown): boolean {
  return typeof id === 'string' ? /^[\w-]{1,36}$/.test(id) : Number.isInteger(id);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function acknowledgement(message: unknown): number | undefined {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: unknown };
  if (method !== 'ACK' || !Array.isArray(params)) return undefined;
  return Number.isInteger(params[0]) ? params[0] : undefined;
}

export interface StreamPath {
  readonly combined: boolean;
  readonly streams: readonly string[];
}

/** What the address of a connection asks for: `/ws`, `/ws/a/b`, `/stream?streams=a/b`; undefined for any other. */
export function parseStreamPath(url: string): StreamPath | undefined {
  const [path, query = ''] = url.split('?', 2);
  const [, head, ...rest] = path.split('/');
  const names = (list: readonly string[]) => [...new Set(list.map(decode).filter(name => name !== ''))];
  if (head === 'ws') return { combined: false, streams: names(rest) };
  if (head !== 'stream') return undefined;
  const streams = new URLSearchParams(query).get('streams') ?? '';
  return { combined: true, streams: names([...rest, ...streams.split('/')]) };
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
