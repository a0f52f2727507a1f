import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** This package's own folder; src/cli and dist/cli are equally deep in it. */
export const packageRoot = resolve(import.meta.dirname, '../..');

export const version: string = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')).version;
