import { cutToWidth } from '../report/console/width.ts';

/** Redrawn at most this often, ms. */
const PAUSE = 100;

/** The last line of a terminal, rewritten again and again, below lines that stay. Elsewhere there is no such line. */
export class StatusLine {
  readonly #stream: NodeJS.WriteStream;
  #shown = false;
  #next = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Shows what `text` returns, unless the line was drawn a moment ago. */
  show(text: () => string): void {
    const now = performance.now();
    if (!this.isTerminal || now < this.#next) return;
    this.#next = now + PAUSE;
    this.#shown = true;
    const columns = this.#stream.columns > 0 ? this.#stream.columns : 80;
    this.#stream.write(`\r\u001b[K${cutToWidth(text(), columns - 1)}`);
  }

  /** Writes a line that stays. */
  print(line: string): void {
    this.clear();
    this.#stream.write(`${line}\n`);
  }

  clear(): void {
    if (this.#shown) this.#stream.write('\r\u001b[K');
    this.#shown = false;
    this.#next = Number.NEGATIVE_INFINITY;
  }
}
