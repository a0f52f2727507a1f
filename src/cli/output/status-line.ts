import { cutToWidth } from '../../report/console/width.ts';

/** Redrawn at most this often, ms. */
const PAUSE = 100;
const ERASE = '\r\u001b[K';

/** The last line of a terminal, rewritten again and again, below lines that stay. Elsewhere there is no such line. */
export class StatusLine {
  readonly #stream: NodeJS.WriteStream;
  #text: (() => string) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #shown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Shows what `text` returns when the line is next drawn. */
  show(text: () => string): void {
    if (!this.isTerminal) return;
    this.#text = text;
    this.#timer ??= setTimeout(() => this.#draw(), PAUSE).unref();
  }

  /** Writes a line that stays. */
  print(line: string): void {
    this.clear();
    this.#stream.write(`${line}\n`);
  }

  /** Makes room for something else. */
  clear(): void {
    if (this.#shown) this.#stream.write(ERASE);
    this.#shown = false;
  }

  /** The line is not shown any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.clear();
  }

  #draw(): void {
    this.#timer = undefined;
    const columns = this.#stream.columns > 0 ? this.#stream.columns : 80;
    // The last column would move the cursor to the next line.
    this.#stream.write(ERASE + cutToWidth(this.#text!(), columns - 1));
    this.#shown = true;
  }
}
