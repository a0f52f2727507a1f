import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: what comes is anything, until a test has looked at it
type Message = Record<string, any>;

/** What a server says, as anybody's client would see it: nothing of the project's own client is in it. */
export class PlainClient {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data, isBinary) => {
      if (isBinary) throw new Error('a binary frame');
      this.messages.push(JSON.parse(data.toString()));
    });
    socket.on('error', () => {});
    this.closed = new Promise(resolve =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  static async open(url: string, options: ClientOptions = {}): Promise<PlainClient> {
    const client = new PlainClient(new WebSocket(url, { perMessageDeflate: false, ...options }));
    onTestFinished(() => client.socket.terminate());
    await once(client.socket, 'open');
    return client;
  }

  send(what: unknown): void {
    this.socket.send(typeof what === 'string' ? what : JSON.stringify(what));
  }

  /** The first message, from now on or before, for which this is so; it is taken out with those before it. */
  async next(wanted: (message: Message) => boolean = () => true): Promise<Message> {
    for (;;) {
      const at = this.messages.findIndex(wanted);
      if (at >= 0) return this.messages.splice(0, at + 1)[at];
      await this.#arrival();
    }
  }

  #arrival(): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error('closed'));
      this.socket.once('close', gone);
      this.socket.once('message', () => {
        this.socket.off('close', gone);
        resolve();
      });
    });
  }

  event(name: string): Promise<Message> {
    return this.next(message => message.event === name);
  }
}
