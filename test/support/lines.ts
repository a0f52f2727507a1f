import { backtest, type Data, type DataFeed, type Line, strategy } from 'qt-trader';

/** The values of lines at every bar of a feed, as a strategy reads them bar by bar with `.now`. */
export async function readLines(
  feed: DataFeed,
  build: (data: Data) => Readonly<Record<string, Line>>,
): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = {};
  class Reader extends strategy() {
    lines = build(this.data);
    read() {
      for (const [name, line] of Object.entries(this.lines)) {
        values[name] ??= [];
        values[name].push(line.now);
      }
    }
    override prenext() {
      this.read();
    }
    next() {
      this.read();
    }
  }
  await backtest({ strategy: Reader, data: feed });
  return values;
}
