import { createReadStream, type ReadStream } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { crc32, createGunzip } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { DataError, suggest } from '../../model/errors.ts';
import type { ByteSource } from './window.ts';

/** One text inside a file: the file itself, or an entry of a zip. */
export interface CsvText {
  /** For messages: the path as given, with the entry's name for a zip. */
  readonly name: string;
  /** The name of the entry, of several in a zip. */
  readonly entry?: string;
  readonly source: ByteSource;
}

/** A file that holds one or more CSV texts, packed or not. */
export interface CsvFile {
  readonly notes: readonly string[];
  /** Bytes of the file read so far, over its size. */
  progress(): number;
  /** The texts in order, each to be read to its end before the next. */
  texts(): AsyncGenerator<CsvText>;
  close(): Promise<void>;
}

/** What a foreign file begins with, and its name. */
const FOREIGN: readonly [string, string][] = [
  ['28b52ffd', 'zstd-compressed'],
  ['425a68', 'bzip2-compressed'],
  ['fd377a585a', 'xz-compressed'],
  ['377abcaf', 'a 7z archive'],
  ['50415231', 'a Parquet file'],
  ['89484446', 'an HDF5 file'],
  ['53514c697465', 'an SQLite database'],
  ['fffe', 'UTF-16 text'],
  ['feff', 'UTF-16 text'],
];

/** Opens a file; what it is packed with its first bytes say, not its name. */
export async function openCsvFile(path: string): Promise<CsvFile> {
  const { handle, size } = await openFile(path);
  try {
    const head = new Uint8Array(8);
    const { bytesRead } = await handle.read(head, 0, 8, 0);
    if (bytesRead === 0) {
      throw new DataError('CSV_EMPTY', 'the file is empty', { file: path, fix: 'give a file with rows' });
    }
    const hex = Buffer.from(head.subarray(0, bytesRead)).toString('hex');
    const foreign = FOREIGN.find(([magic]) => hex.startsWith(magic));
    if (foreign !== undefined) {
      throw new DataError('CSV_BINARY', `the file is ${foreign[1]}`, {
        file: path,
        value: foreign[1],
        limit: 'text in UTF-8, plain, gzip or zip',
        fix: 'save it as CSV in UTF-8, plain, gzip or zip',
      });
    }
    if (hex.startsWith('504b0304') || hex.startsWith('504b0506')) {
      await handle.close();
      return await openZip(path);
    }
    if (hex.startsWith('1f8b')) {
      await handle.close();
      return gzipFile(path, size);
    }
    return plainFile(path, handle, size);
  } catch (error) {
    await handle.close().catch(() => {});
    throw error;
  }
}

function plainFile(path: string, handle: FileHandle, size: number): CsvFile {
  let position = 0;
  const source: ByteSource = {
    async read(target) {
      const { bytesRead } = await handle.read(target, 0, target.length, position).catch(error => {
        throw unreadable(path, error);
      });
      position += bytesRead;
      return bytesRead;
    },
  };
  return {
    notes: [],
    progress: () => Math.min(1, position / size),
    async *texts() {
      yield { name: path, source };
    },
    close: () => handle.close(),
  };
}

function gzipFile(path: string, size: number): CsvFile {
  let packed: ReadStream | undefined;
  return {
    notes: [],
    progress: () => Math.min(1, (packed?.bytesRead ?? 0) / size),
    async *texts() {
      // Made only now: a stream that fails before someone listens ends the process.
      packed = createReadStream(path, { highWaterMark: 1 << 18 });
      const unpacked = createGunzip({ chunkSize: 1 << 18 });
      packed.on('error', error => unpacked.destroy(error));
      packed.pipe(unpacked);
      try {
        yield {
          name: path,
          source: streamSource(unpacked, error => corrupt('CSV_GZIP_CORRUPT', path, error)),
        };
      } finally {
        packed.destroy();
        unpacked.destroy();
      }
    },
    async close() {},
  };
}

async function openZip(path: string): Promise<CsvFile> {
  let zip: ZipFile;
  const entries: Entry[] = [];
  try {
    zip = await openPromise(path, { autoClose: false });
    for await (const entry of zip.eachEntry()) entries.push(entry);
  } catch (error) {
    throw corrupt('CSV_ZIP_CORRUPT', path, error);
  }
  const files = entries.filter(entry => !/\/$|(^|\/)(\.|__MACOSX\/)/.test(entry.fileName));
  const named = files.filter(entry => /\.(csv|tsv|txt)$/i.test(entry.fileName));
  const chosen = named.length === 0 && files.length === 1 ? files : named;
  chosen.sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
  const names = files.map(entry => entry.fileName);
  if (chosen.length === 0 || names.includes('[Content_Types].xml')) {
    zip.close();
    const found = names.length === 0 ? 'nothing' : names.slice(0, 5).join(', ');
    throw new DataError('CSV_ZIP_NO_CSV', `the zip holds no CSV file, but ${found}`, {
      file: path,
      value: names.slice(0, 5),
      limit: 'entries named .csv, .tsv or .txt',
      fix: 'pack CSV files, or export the sheet as CSV',
    });
  }
  const others = names.filter(name => !chosen.some(entry => entry.fileName === name));
  let packedBefore = 0;
  let unpackedNow = 0;
  let current: Entry | undefined;
  const total = chosen.reduce((sum, entry) => sum + entry.compressedSize, 0);
  return {
    notes:
      others.length === 0 ? [] : [`${path}: entries that are not CSV were ignored: ${others.join(', ')}`],
    progress() {
      const share = current === undefined ? 0 : unpackedNow / Math.max(1, current.uncompressedSize);
      return Math.min(1, (packedBefore + share * (current?.compressedSize ?? 0)) / Math.max(1, total));
    },
    async *texts() {
      for (const entry of chosen) {
        const name = chosen.length === 1 ? path : `${path} (${entry.fileName})`;
        if (entry.isEncrypted()) {
          throw new DataError('CSV_ZIP_CORRUPT', `entry ${entry.fileName} is encrypted`, {
            file: path,
            value: entry.fileName,
            fix: 'unpack it and give the CSV file',
          });
        }
        const failed = (error: unknown) => corrupt('CSV_ZIP_CORRUPT', name, error);
        const stream = await zip.openReadStreamPromise(entry).catch(error => {
          throw failed(error);
        });
        current = entry;
        unpackedNow = 0;
        let sum = 0;
        const inner = streamSource(stream, failed);
        const source: ByteSource = {
          async read(target) {
            const length = await inner.read(target);
            unpackedNow += length;
            if (length > 0) sum = crc32(target.subarray(0, length), sum);
            else if (sum !== entry.crc32) throw failed(new Error('the checksum does not match'));
            return length;
          },
        };
        try {
          yield chosen.length === 1 ? { name, source } : { name, entry: entry.fileName, source };
        } finally {
          stream.destroy();
        }
        packedBefore += entry.compressedSize;
        current = undefined;
      }
    },
    async close() {
      zip.close();
    },
  };
}

/** A readable stream as a source that is asked; what of a chunk does not fit is kept for the next read. */
function streamSource(stream: Readable, failed: (error: unknown) => DataError): ByteSource {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let chunk = new Uint8Array(0);
  return {
    async read(target) {
      while (chunk.length === 0) {
        const next = await chunks.next().catch(error => {
          throw failed(error);
        });
        if (next.done) return 0;
        chunk = next.value as Uint8Array<ArrayBuffer>;
      }
      const part = chunk.subarray(0, target.length);
      target.set(part);
      chunk = chunk.subarray(part.length);
      return part.length;
    },
  };
}

async function openFile(path: string): Promise<{ handle: FileHandle; size: number }> {
  try {
    // Asked before opening: a pipe would wait for its writer there.
    const about = await stat(path);
    if (about.isFile()) return { handle: await open(path, 'r'), size: about.size };
    const isDirectory = about.isDirectory();
    throw new DataError(
      isDirectory ? 'CSV_IS_DIRECTORY' : 'CSV_UNREADABLE',
      `this is ${isDirectory ? 'a directory' : 'not a regular file'}`,
      { file: path, value: path, fix: isDirectory ? 'name one file in it' : 'save the data to a file first' },
    );
  } catch (error) {
    if (error instanceof DataError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' || code === 'ENOTDIR' ? await notFound(path, error) : unreadable(path, error);
  }
}

async function notFound(path: string, cause: unknown): Promise<DataError> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => undefined);
  const near = names === undefined ? undefined : suggest(basename(path), names);
  const advice = near === undefined ? 'check the path' : `did you mean "${near}"?`;
  return new DataError('CSV_NOT_FOUND', 'there is no such file', {
    file: path,
    value: path,
    cause,
    fix: names === undefined ? `there is no folder "${folder}" either` : advice,
  });
}

function unreadable(path: string, cause: unknown): DataError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new DataError('CSV_UNREADABLE', `the file cannot be read (${reason})`, {
    file: path,
    value: reason,
    cause,
    fix: 'check its permissions and its disk',
  });
}

function corrupt(code: 'CSV_GZIP_CORRUPT' | 'CSV_ZIP_CORRUPT', file: string, cause: unknown): DataError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const kind = code === 'CSV_GZIP_CORRUPT' ? 'gzip' : 'zip';
  return new DataError(code, `the ${kind} data is corrupt or cut off (${reason})`, {
    file,
    value: reason,
    cause,
    fix: 'download or pack it again',
  });
}
