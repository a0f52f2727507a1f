import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { suggest } from '../../model/errors.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { shown } from './shown.ts';

/** The absolute path of a file that must exist; `what` is what the message calls it: "strategy", "data file". */
export async function requireFile(path: string, what: string, folder = process.cwd()): Promise<string> {
  const file = resolve(folder, path);
  const info = await stat(file).catch(() => undefined);
  if (info?.isFile()) return file;
  if (info?.isDirectory()) {
    const names = await list(file);
    throw new CliError(EXIT.noInput, 'FILE_IS_FOLDER', `the ${what} "${shown(file)}" is a folder`, {
      value: path,
      fix: names.length === 0 ? 'name a file' : `name a file in it: ${names.slice(0, 6).join(', ')}`,
    });
  }
  throw new CliError(EXIT.noInput, 'FILE_NOT_FOUND', `there is no ${what} "${shown(file)}"`, {
    value: path,
    fix: await nearest(file),
  });
}

/** The most likely file meant: by name in the same folder, then in the nearest folder that exists. */
async function nearest(file: string): Promise<string> {
  const folder = dirname(file);
  const near = suggest(basename(file), await list(folder));
  if (near !== undefined) return `did you mean ${shown(join(folder, near))}?`;
  for (const beside of ['strategies', 'data']) {
    const other = join(process.cwd(), beside);
    const found = other === folder ? undefined : suggest(basename(file), await list(other));
    if (found !== undefined) return `did you mean ${shown(join(other, found))}?`;
  }
  const folderName = suggest(basename(folder), await list(dirname(folder)));
  if (folderName !== undefined && folderName !== basename(folder)) {
    const other = join(dirname(folder), folderName);
    const found = suggest(basename(file), await list(other));
    if (found !== undefined) return `did you mean ${shown(join(other, found))}?`;
  }
  return `check the path; it is relative to ${process.cwd()}`;
}

async function list(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter(name => !name.startsWith('.')).sort();
}
