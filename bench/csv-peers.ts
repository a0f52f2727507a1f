import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Six columns: time, open, high, low, close, volume. */
export type SixColumns = readonly Float64Array[];
export type CsvPeer = (path: string) => Promise<SixColumns>;

interface Papa {
  parse(text: string, options: { skipEmptyLines: boolean; chunk(result: { data: string[][] }): void }): void;
}
interface CsvParse {
  parse(options: { bom: boolean }): NodeJS.ReadWriteStream & AsyncIterable<string[]>;
}
interface Udsv {
  inferSchema(text: string): object;
  initParser(schema: object): { typedCols(text: string): number[][] };
}

/**
 * The peers that are installed in bench/peers/csv, each doing the whole job by its fastest way found: read the file,
 * make numbers, fill six Float64Arrays. Checking comes after, in {@link checkColumns}, and is part of the job.
 */
export function csvPeers(): Map<string, CsvPeer> {
  const require = createRequire(new URL('./peers/csv/package.json', import.meta.url));
  const peers = new Map<string, CsvPeer>();
  const add = <T>(name: string, title: string, make: (library: T) => CsvPeer) => {
    try {
      peers.set(title, make(require(name) as T));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  };
  add<Udsv>('udsv', 'udsv (typed columns)', udsv => async path => {
    const text = readFileSync(path, 'utf8');
    const parser = udsv.initParser(udsv.inferSchema(text));
    return parser.typedCols(text).map(column => Float64Array.from(column));
  });
  add<Papa>('papaparse', 'papaparse (chunks)', papa => async path => {
    const rows = new RowCollector();
    papa.parse(readFileSync(path, 'utf8'), {
      skipEmptyLines: true,
      chunk: ({ data }) => {
        for (const row of data) rows.add(row);
      },
    });
    return rows.columns();
  });
  add<CsvParse>('csv-parse', 'csv-parse (stream)', ({ parse }) => async path => {
    const rows = new RowCollector();
    for await (const row of createReadStream(path).pipe(parse({ bom: true })) as AsyncIterable<string[]>) {
      rows.add(row);
    }
    return rows.columns();
  });
  return peers;
}

/** Rows of text as numbers in columns that grow; the first row is the header. */
class RowCollector {
  #columns = Array.from({ length: 6 }, () => new Float64Array(1 << 16));
  #length = -1;

  add(row: readonly string[]): void {
    if (this.#length >= 0) {
      if (row.length !== 6) throw new Error(`row ${this.#length} has ${row.length} fields`);
      if (this.#length === this.#columns[0].length) {
        this.#columns = this.#columns.map(column => {
          const larger = new Float64Array(column.length * 2);
          larger.set(column);
          return larger;
        });
      }
      for (let i = 0; i < 6; i++) this.#columns[i][this.#length] = Number(row[i]);
    }
    this.#length++;
  }

  columns(): SixColumns {
    return this.#columns.map(column => column.subarray(0, this.#length));
  }
}

/** The checks that the CSV feed makes of each bar, for parsers that make none. */
export function checkColumns([time, open, high, low, close, volume]: SixColumns): void {
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < time.length; i++) {
    const good =
      time[i] > last &&
      low[i] >= 0 &&
      low[i] <= open[i] &&
      low[i] <= close[i] &&
      open[i] <= high[i] &&
      close[i] <= high[i] &&
      high[i] < Number.POSITIVE_INFINITY &&
      volume[i] >= 0 &&
      volume[i] < Number.POSITIVE_INFINITY;
    if (!good) throw new Error(`row ${i} is no bar`);
    last = time[i];
  }
}
