import { number } from '../../report/console/format.ts';
import type { ServerStatus } from '../../streaming/server/status.ts';
import { StatusLine } from '../output/status-line.ts';

/** Lines of state, and what happens: for people, or as JSON for programs. */
export class ServeScreen {
  readonly #isJson: boolean;
  readonly #isQuiet: boolean;
  readonly #line = new StatusLine(process.stdout);
  #published = 0;

  constructor(flags: { readonly json?: boolean; readonly quiet?: boolean }) {
    this.#isJson = flags.json === true;
    this.#isQuiet = flags.quiet === true;
  }

  /** Once a second. */
  state(status: ServerStatus): void {
    const rate = status.published - this.#published;
    this.#published = status.published;
    if (this.#isJson) {
      process.stdout.write(`${JSON.stringify({ kind: 'state', time: Date.now(), ...status })}\n`);
      return;
    }
    if (this.#isQuiet) return;
    const text = stateText(status, rate);
    if (this.#line.isTerminal) this.#line.show(() => text);
    else process.stdout.write(`${text}\n`);
  }

  notice(level: 'info' | 'warning', code: string, message: string): void {
    if (this.#isJson) process.stderr.write(`${JSON.stringify({ level, code, message })}\n`);
    else if (level === 'warning') {
      this.#line.clear();
      process.stderr.write(`warning ${code}: ${message}\n`);
    } else if (!this.#isQuiet) this.#line.print(message);
  }

  /** The beginning and the end, which are always told. */
  tell(kind: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.#isJson) process.stdout.write(`${JSON.stringify({ kind, message, ...fields })}\n`);
    else this.#line.print(message);
  }

  close(): void {
    this.#line.close();
  }
}

function stateText(status: ServerStatus, rate: number): string {
  const { backlog, behind, clients, published, slow, streams, subscriptions } = status;
  const parts = [
    `clients ${number(clients, 0)}`,
    `subscriptions ${number(subscriptions, 0)}`,
    `streams ${number(streams, 0)}`,
    `backlog ${number(backlog, 0)} B`,
    `published ${number(published, 0)} (${number(rate, 0)}/s)`,
  ];
  if (behind > 0) parts.push(`behind ${number(behind, 0)}`);
  if (slow > 0) parts.push(`too slow ${number(slow, 0)}`);
  return parts.join(', ');
}
