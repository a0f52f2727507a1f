import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const CASE = /\.json(\.gz)?$/;

/** A folder of cases that cannot be used; its message is one line. */
export class FolderError extends Error {}

/** One file of a folder, read when it is asked for. */
export interface CaseFile {
  /** The file's name without its ending. */
  readonly name: string;
  read(): unknown;
}

/** A folder laid out as `cases/`, `indicators/`, `inputs/`. */
export class GoldenFolder {
  readonly #root: string;
  readonly cases: readonly CaseFile[];
  readonly indicators: readonly CaseFile[];

  constructor(root: string) {
    this.#root = root;
    if (!isFolder(root))
      throw new FolderError(`${root} is no folder: give one with cases/ and inputs/ in it`);
    if (!isFolder(join(root, 'cases')))
      throw new FolderError(`${root} has no cases/: give a folder with cases/ and inputs/ in it`);
    this.cases = filesOf(join(root, 'cases'));
    if (this.cases.length === 0) throw new FolderError(`${join(root, 'cases')} holds no *.json or *.json.gz`);
    this.indicators = isFolder(join(root, 'indicators')) ? filesOf(join(root, 'indicators')) : [];
  }

  /** The text of a file of `inputs/`, packed or not. */
  input(file: string): string {
    const path = join(this.#root, 'inputs', basename(file));
    for (const candidate of [path, `${path}.gz`]) if (existsSync(candidate)) return textOf(candidate);
    throw new Error(`inputs/${file} is not there, neither as such nor as .gz`);
  }
}

function filesOf(folder: string): CaseFile[] {
  return readdirSync(folder)
    .filter(name => CASE.test(name))
    .sort()
    .map(name => ({
      name: name.replace(CASE, ''),
      read: () => JSON.parse(textOf(join(folder, name))),
    }));
}

function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory();
