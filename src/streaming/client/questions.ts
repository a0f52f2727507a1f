import { NetworkError } from '../../model/errors.ts';
import type { Timers } from '../../net/network.ts';
import type { EventMessage } from '../protocol.ts';

/** Until an answer must be there, ms. */
const ANSWER_MS = 10_000;
/** Questions without an answer. */
const MOST_QUESTIONS = 1000;

interface Question {
  resolve(answer: EventMessage): void;
  reject(error: NetworkError): void;
}

/** What the server was asked and has not answered yet. */
export class Questions {
  readonly #timers: Timers;
  readonly #open = new Map<string, Question>();
  #ids = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Resolves with the answer to what `send` sends under an id. Rejects with NetworkError. */
  ask(send: (id: string) => void): Promise<EventMessage> {
    return new Promise((resolve, reject) => {
      if (this.#open.size >= MOST_QUESTIONS) {
        reject(notConnected());
        return;
      }
      const id = `q${++this.#ids}`;
      const done = (run: () => void) => {
        timer.cancel();
        this.#open.delete(id);
        run();
      };
      const timer = this.#timers.after(ANSWER_MS, () =>
        this.reject(id, new NetworkError('SERVER_SILENT', 'the server did not answer')),
      );
      this.#open.set(id, {
        resolve: answer => done(() => resolve(answer)),
        reject: error => done(() => reject(error)),
      });
      send(id);
    });
  }

  resolve(id: string | undefined, answer: EventMessage): void {
    if (id !== undefined) this.#open.get(id)?.resolve(answer);
  }

  reject(id: string | undefined, error: NetworkError): void {
    if (id !== undefined) this.#open.get(id)?.reject(error);
  }

  /** The connection is gone, and the answers with it. */
  lost(): void {
    for (const question of this.#open.values())
      question.reject(new NetworkError('NOT_CONNECTED', 'the connection was lost'));
  }
}

export function notConnected(): NetworkError {
  return new NetworkError('NOT_CONNECTED', 'there is no connection to the server at the moment');
}
