import { relative } from 'node:path';

/** A path as short as it can be said from here. */
export function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path === '' || path.startsWith('..') ? file : path;
}
