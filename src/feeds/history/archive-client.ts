import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NetworkError, OutputError } from '../../model/errors.ts';
import { BackOff } from '../../net/back-off.ts';
import type { Download, DownloadResponse } from '../../net/download.ts';
import type { HttpResponse, Network } from '../../net/network.ts';
import { sleep } from '../../net/sleep.ts';
import type { Archive } from '../../venues/binance/history.ts';
import { silenceUntil } from '../../venues/binance/rest.ts';
import { explainStatus } from '../live/market-rest.ts';
import type { HistoryNotice } from './contract.ts';

const CHECKSUM_TIMEOUT_MS = 15_000;
/** The longest time without a byte. */
const IDLE_MS = 30_000;
/** A download that is slower than this, on average after a minute, is begun again where it stopped. */
const LEAST_BYTES_PER_SECOND = 1000;
const SLOW_AFTER_MS = 60_000;
/** A month of a symbol's seconds is a tenth of this. */
const MOST_BYTES = 2 ** 30;
const ATTEMPTS = 6;
/** Where nothing has ever been answered, there is probably no network. */
const ATTEMPTS_UNREACHED = 3;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** What is asked to wait for longer than this ends with an error that says so, ms. */
export const LONGEST_SILENCE_MS = 600_000;

export interface ArchiveClientOptions {
  /** Where archives are, without a slash at the end. */
  readonly url: string;
  readonly network: Network;
  readonly download: Download;
  /** Where files lie while they are needed: a folder for one series alone, made when the first one comes. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onNotice: (notice: HistoryNotice) => void;
  /** Bytes have come; `share` of the archive is there, NaN where its length is not known. */
  readonly onBytes: (archive: Archive, bytes: number, share: number) => void;
}

/**
 * Downloads archives. A file is named after the checksum that it must have, so what a stopped download left is gone on
 * with, by this process or a later one, and can never become something else.
 */
export class ArchiveClient {
  readonly #options: ArchiveClientOptions;
  #silentUntil = 0;
  #reached = false;

  constructor(options: ArchiveClientOptions) {
    this.#options = options;
  }

  /**
   * The path of the whole and verified file, to be given to {@link remove} after use; undefined when there is no such
   * archive. Rejects with a NetworkError once attempts are used up or senseless, or with the signal's reason.
   */
  async get(archive: Archive): Promise<string | undefined> {
    const { network, signal, onNotice } = this.#options;
    const { random, timers } = network;
    const backOff = new BackOff({ first: FIRST_PAUSE_MS, most: LONGEST_PAUSE_MS, random });
    for (;;) {
      try {
        return await this.#attempt(archive);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof NetworkError) || !error.retriable) throw error;
        if (backOff.attempts >= (this.#reached ? ATTEMPTS : ATTEMPTS_UNREACHED) - 1) throw error;
        const wait = Math.max(backOff.next(), this.#silentUntil - timers.now());
        if (wait > LONGEST_SILENCE_MS) throw askedToWait(this.#silentUntil);
        const message = `${archive.name}: ${error.message}; again in ${(wait / 1000).toFixed(1)} s`;
        // Of a server that was never there, one sentence at the end says all.
        if (this.#reached) onNotice({ code: 'ARCHIVE_RETRY', message });
        await sleep(timers, wait, signal);
        signal.throwIfAborted();
      }
    }
  }

  /** The server has answered, whatever it said. */
  get isReached(): boolean {
    return this.#reached;
  }

  async remove(file: string): Promise<void> {
    await rm(file, { force: true });
  }

  /** Nothing more is wanted, nor is what downloads have left. */
  async clean(): Promise<void> {
    await rm(this.#options.folder, { recursive: true, force: true });
  }

  async #attempt(archive: Archive): Promise<string | undefined> {
    const { folder } = this.#options;
    const checksum = await this.#checksum(archive);
    if (checksum === undefined) return undefined;
    await mkdir(folder, { recursive: true }).catch(error => {
      throw notWritable(folder, error);
    });
    const file = join(folder, `${archive.name}.${checksum.slice(0, 16)}.part`);
    if (!(await this.#fetch(archive, file))) return undefined;
    const found = await sha256(file);
    if (found === checksum) return file;
    await rm(file, { force: true });
    throw new NetworkError('ARCHIVE_CHECKSUM', 'the file does not have its checksum', {
      value: found,
      limit: checksum,
    });
  }

  /** Undefined where there is none. */
  async #checksum(archive: Archive): Promise<string | undefined> {
    const { url, network, signal } = this.#options;
    const address = `${url}${archive.path}.CHECKSUM`;
    await this.#quiet();
    const answer = await network.http({ url: address, timeoutMs: CHECKSUM_TIMEOUT_MS, signal });
    this.#reached = true;
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw this.#refused(address, answer);
    const [, checksum, name] = /^([0-9a-f]{64}) [ *](\S+)\s*$/i.exec(answer.body) ?? [];
    if (checksum === undefined || name !== archive.name) {
      throw new NetworkError('ARCHIVE_UNREADABLE', 'the answer is no checksum', {
        value: answer.body.slice(0, 80),
        limit: 'SHA-256 and name',
      });
    }
    return checksum.toLowerCase();
  }

  /** Appends to the file until it is whole; false where there is no archive. */
  async #fetch(archive: Archive, file: string): Promise<boolean> {
    const { url, download, signal } = this.#options;
    const address = url + archive.path;
    const have = (await stat(file).catch(() => undefined))?.size ?? 0;
    await this.#quiet();
    const answer = await download({
      url: address,
      headers: have === 0 ? {} : { range: `bytes=${have}-` },
      idleMs: IDLE_MS,
      signal,
    });
    const { status, headers } = answer;
    if (status === 200 || status === 206) {
      const goesOn =
        status === 206 && Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1]) === have;
      if (status === 206 && !goesOn) {
        await dropBody(answer);
        await rm(file, { force: true });
        throw new NetworkError('ARCHIVE_UNREADABLE', 'another part came than was asked for', {
          value: headers['content-range'],
          limit: have,
        });
      }
      await this.#write(archive, answer, file, goesOn ? have : 0);
      return true;
    }
    await dropBody(answer);
    if (status === 404) return false;
    // Nothing is beyond what is there already: it is whole, which its checksum shows, or something else altogether.
    if (status === 416 && have > 0) return true;
    throw this.#refused(address, { status, headers, body: '' });
  }

  async #write(
    archive: Archive,
    { headers, body }: DownloadResponse,
    path: string,
    from: number,
  ): Promise<void> {
    const { network, onBytes } = this.#options;
    const { timers } = network;
    const started = timers.now();
    const length = Number(headers['content-length']);
    let file: FileHandle;
    try {
      file = await open(path, from === 0 ? 'w' : 'r+');
    } catch (error) {
      throw notWritable(path, error);
    }
    let at = from;
    try {
      for await (const piece of body) {
        if (at === 0 && piece.length > 0 && piece[0] !== ZIP[0]) throw noArchive(headers['content-type']);
        await file.write(piece, 0, piece.length, at).catch(error => {
          throw notWritable(path, error);
        });
        at += piece.length;
        onBytes(archive, piece.length, at / (from + length));
        if (at > MOST_BYTES) throw tooLong();
        const elapsed = timers.now() - started;
        if (elapsed > SLOW_AFTER_MS && ((at - from) * 1000) / elapsed < LEAST_BYTES_PER_SECOND)
          throw tooSlow();
      }
    } finally {
      await file.close();
    }
    if (Number.isFinite(length) && at - from < length) {
      throw new NetworkError('CONNECTION_LOST', 'the answer was cut off', {
        value: at - from,
        limit: length,
      });
    }
  }

  /** Waits while the server wants to hear nothing. */
  async #quiet(): Promise<void> {
    const { network, signal } = this.#options;
    const wait = this.#silentUntil - network.timers.now();
    if (wait > LONGEST_SILENCE_MS) throw askedToWait(this.#silentUntil);
    if (wait > 0) await sleep(network.timers, wait, signal);
    signal.throwIfAborted();
  }

  #refused(url: string, answer: HttpResponse): NetworkError {
    const { status, headers } = answer;
    if (status === 429 || status === 418 || headers['retry-after'] !== undefined) {
      this.#silentUntil = Math.max(
        this.#silentUntil,
        silenceUntil(answer, this.#options.network.timers.now()),
      );
    }
    const retriable = status >= 500 || [408, 418, 425, 429].includes(status);
    return new NetworkError('HTTP_STATUS', `HTTP status ${status}${explainStatus(status)}`, {
      value: url,
      retriable,
    });
  }
}

/** What every zip begins with. */
const ZIP = [0x50, 0x4b];

async function dropBody({ body }: DownloadResponse): Promise<void> {
  try {
    for await (const _ of body) break;
  } catch {
    // What it would have said does not matter.
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 18 })) hash.update(piece);
  return hash.digest('hex');
}

function noArchive(type: string | undefined): NetworkError {
  const kind = type === undefined ? '' : ` (${type.slice(0, 40)})`;
  return new NetworkError('ARCHIVE_UNREADABLE', `the answer is no zip${kind}`, {
    value: type,
    limit: 'a zip',
  });
}

function tooSlow(): NetworkError {
  return new NetworkError('TOO_SLOW', 'the download is too slow', {
    limit: `${LEAST_BYTES_PER_SECOND} bytes/s`,
  });
}

function tooLong(): NetworkError {
  return new NetworkError('ANSWER_TOO_LONG', `the file is longer than ${MOST_BYTES} bytes`, {
    limit: MOST_BYTES,
    retriable: false,
  });
}

/** The server asked for more silence than a command should wait for. */
export function askedToWait(until: number): NetworkError {
  const time = `${new Date(until).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return new NetworkError('ASKED_TO_WAIT', `the server wants to hear nothing until ${time}`, {
    value: until,
    limit: LONGEST_SILENCE_MS,
    retriable: false,
  });
}

function notWritable(path: string, cause: unknown): OutputError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new OutputError('FETCH_NOT_WRITABLE', `${path} cannot be written (${reason})`, {
    value: path,
    fix: 'make room on the disk or check the permissions, then run the same command again',
    cause,
  });
}
