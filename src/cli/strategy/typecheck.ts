import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { shown } from '../files/shown.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { ENTRY_FILE } from './bundle.ts';

/**
 * Checks the types of `file` (absolute) and what it imports, with TypeScript from the file's project or else from the
 * framework's, and flags that do not depend on any tsconfig. Throws `TYPECHECK_FAILED`, `TYPESCRIPT_MISSING`.
 */
export function typecheck(file: string): void {
  const tsc = findTsc(file);
  const folder = mkdtempSync(join(tmpdir(), 'qt-types-'));
  try {
    const project = join(folder, 'tsconfig.json');
    writeFileSync(project, JSON.stringify(projectOf(file)));
    const { stdout, status, error } = spawnSync(process.execPath, [tsc, '-p', project, '--pretty', 'false'], {
      encoding: 'utf8',
    });
    if (error !== undefined) throw error;
    if (status === 0) return;
    const lines = stdout.split('\n').filter(line => /error TS\d+/.test(line) || /^\s/.test(line));
    const count = lines.filter(line => /error TS\d+/.test(line)).length;
    throw new CliError(
      EXIT.strategy,
      'TYPECHECK_FAILED',
      `${shown(file)} has ${count} type error${count === 1 ? '' : 's'}`,
      {
        value: count,
        fix: 'correct what is listed below, or run without --typecheck',
        excerpt: lines.map(line => `  ${line}`).join('\n'),
      },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function projectOf(file: string): object {
  const node = find(file, '@types/node/package.json');
  // In a checkout the entry is source, in a package it is compiled and its types lie beside it.
  const types = ENTRY_FILE.replace(/\.js$/, '.d.ts');
  return {
    compilerOptions: {
      target: 'es2024',
      // Without Node's types console would be unknown; the DOM's bring it, with many names that hide mistakes.
      lib: node === undefined ? ['es2024', 'dom'] : ['es2024'],
      types: node === undefined ? [] : ['node'],
      typeRoots: node === undefined ? [] : [dirname(dirname(node))],
      module: 'preserve',
      moduleResolution: 'bundler',
      resolveJsonModule: true,
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      allowJs: true,
      paths: { 'qt-trader': [existsSync(types) ? types : ENTRY_FILE] },
    },
    files: [file],
  };
}

function findTsc(file: string): string {
  const manifest = find(file, 'typescript/package.json');
  if (manifest === undefined) {
    throw new CliError(
      EXIT.config,
      'TYPESCRIPT_MISSING',
      '--typecheck needs TypeScript, which is not installed',
      {
        fix: 'run "npm install --save-dev typescript" in the project of the strategy',
      },
    );
  }
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin.tsc);
}

/** A file of a package as seen from `file`, or else from the framework. */
function find(file: string, path: string): string | undefined {
  for (const from of [file, import.meta.filename]) {
    try {
      return createRequire(from).resolve(path);
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}
