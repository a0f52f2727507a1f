import type { EngineProgress } from '../../engine/run-stats.ts';
import { number, type TerminalStyle } from '../../report/console/format.ts';

/** Work shorter than this shows no bar, ms. */
const DELAY = 500;
const INTERVAL = 100;
const BAR = 24;

/** One line on a terminal that is rewritten while a run lasts, and leaves nothing behind. */
export class ProgressBar {
  readonly #stream: NodeJS.WriteStream;
  readonly #style: TerminalStyle;
  readonly #start = performance.now();
  #next = this.#start + DELAY;
  #shown = false;

  constructor(stream: NodeJS.WriteStream, style: TerminalStyle) {
    this.#stream = stream;
    this.#style = style;
  }

  update({ bars, done }: EngineProgress): void {
    const now = performance.now();
    if (now < this.#next || this.#stream.isTTY !== true) return;
    this.#next = now + INTERVAL;
    this.#shown = true;
    const rate = bars / ((now - this.#start) / 1000);
    const figures = `${number(bars, 0)} bars  ${number(rate / 1e6, 1)} million/s`;
    this.#stream.write(`\r\u001b[K${this.#bar(done)}${figures}`.slice(0, this.#style.width + 3));
  }

  /** Removes the line. */
  clear(): void {
    if (this.#shown) this.#stream.write('\r\u001b[K');
    this.#shown = false;
  }

  #bar(done: number): string {
    if (Number.isNaN(done)) return '';
    const filled = Math.round(Math.min(1, done) * BAR);
    const [full, empty] = this.#style.unicode ? ['█', '░'] : ['#', '.'];
    return `${full.repeat(filled)}${empty.repeat(BAR - filled)} ${number(done * 100, 0).padStart(3)} %  `;
  }
}
