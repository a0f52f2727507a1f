import { backtest, type Data, type Line, strategy } from '../../../../src/index.ts';
import { InputFeed } from '../feeds.ts';
import type { GoldenFolder } from '../folder.ts';

/** Lines that were read bar by bar. */
export interface ReadLines {
  readonly lines: Readonly<Record<string, number[]>>;
  /** The greatest of their minimum periods. */
  readonly minPeriod: number;
}

/** The values of lines at every bar of an input, `chunk` bars at a time. */
export async function runLines(
  folder: GoldenFolder,
  input: string,
  chunk: number,
  build: (data: Data) => Readonly<Record<string, Line>>,
): Promise<ReadLines> {
  const lines: Record<string, number[]> = {};
  let minPeriod = 0;
  class Reader extends strategy() {
    readonly read = Object.entries(build(this.data));

    override init() {
      for (const [name, line] of this.read) {
        lines[name] = [];
        minPeriod = Math.max(minPeriod, line.minPeriod);
      }
    }

    override prenext() {
      for (const [name, line] of this.read) lines[name].push(line.now);
    }

    next() {
      this.prenext();
    }
  }
  const feed = new InputFeed(folder, { file: input }, 'input', chunk);
  await backtest({ strategy: Reader, data: feed });
  return { lines, minPeriod };
}
