import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildFailure, build, type Message, type Plugin } from 'esbuild';
import { StrategyError } from '../../model/errors.ts';
import { shown } from '../files/shown.ts';
import { CliError, EXIT } from '../output/failure.ts';

/** A user's TypeScript or JavaScript file, bundled with what it imports by a relative path, and loaded. */
export interface LoadedFile {
  readonly exports: Readonly<Record<string, unknown>>;
  /** SHA-256 of the bundled code; the same wherever the file lies. */
  readonly codeHash: string;
  /** The bundled code with its source map: a module that other threads of this machine can import. */
  readonly code: string;
}

/** This very copy of the framework: its entry lies beside this folder, as .ts in a checkout, as .js in dist. */
const ENTRY = pathToFileURL(resolve(import.meta.dirname, `../../index${extname(import.meta.filename)}`)).href;
const PACKAGE = 'qt-trader';

/** Bundles `file` (absolute) and imports the result. Throws CliErrors that name file, line and column. */
export async function loadFile(file: string): Promise<LoadedFile> {
  const { code, map, hash } = await bundle(file);
  const folder = await mkdtemp(join(tmpdir(), 'qt-'));
  try {
    const target = join(folder, 'bundle.mjs');
    const inline = Buffer.from(JSON.stringify(map)).toString('base64');
    const whole = `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`;
    await writeFile(target, whole);
    process.setSourceMapsEnabled(true);
    return { exports: await evaluate(target, file), codeHash: hash, code: whole };
  } finally {
    // Everything is in memory by now, the source map included.
    await rm(folder, { recursive: true, force: true });
  }
}

async function evaluate(target: string, file: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(target).href);
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new StrategyError('STRATEGY_THREW', `${shown(file)} threw while it was loaded: ${message}`, {
      value: message,
      cause: error,
    });
  }
}

interface Bundle {
  readonly code: string;
  readonly map: object;
  readonly hash: string;
}

async function bundle(file: string): Promise<Bundle> {
  const externals = new Map<string, string>();
  const folder = dirname(file);
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      // Relative to the file, so that neither code nor hash depends on where the command was started.
      absWorkingDir: folder,
      outfile: join(folder, 'bundle.mjs'),
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      conditions: [],
      keepNames: true,
      sourcemap: 'external',
      legalComments: 'none',
      logLevel: 'silent',
      plugins: [imports(externals)],
    });
    const code = outputFiles.find(({ path }) => path.endsWith('.mjs'))!.text;
    const map = JSON.parse(outputFiles.find(({ path }) => path.endsWith('.map'))!.text);
    // Absolute, because the bundle is not loaded from the folder that esbuild made them relative to.
    map.sources = map.sources.map((source: string) => pathToFileURL(resolve(folder, source)).href);
    let portable = code;
    for (const [url, name] of externals)
      portable = portable.replaceAll(JSON.stringify(url), JSON.stringify(name));
    return { code, map, hash: createHash('sha256').update(portable).digest('hex') };
  } catch (error) {
    const [first] = (error as Partial<BuildFailure>).errors ?? [];
    throw first === undefined ? error : buildError(first, folder, file);
  }
}

/**
 * `qt-trader` is the running framework, so that there is exactly one copy of it, also for a file outside any project.
 * Other packages are looked up from the file that imports them, and stay what they are: imports by absolute path.
 */
function imports(externals: Map<string, string>): Plugin {
  const external = (url: string, name: string) => {
    externals.set(url, name);
    return { path: url, external: true };
  };
  return {
    name: 'imports',
    setup(builder) {
      builder.onResolve({ filter: /^[^./]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (kind === 'entry-point' || pluginData === SECOND || /^[A-Za-z]:[\\/]/.test(path)) return undefined;
        if (isBuiltin(path)) return { path, external: true };
        if (path === PACKAGE) return external(ENTRY, path);
        const found = await builder.resolve(path, { kind, importer, resolveDir, pluginData: SECOND });
        if (found.errors.length > 0) {
          const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
          return {
            errors: [{ text: `the package "${path}" is not installed`, detail: { fix: missing(name) } }],
          };
        }
        if (found.external) return { path: found.path, external: true };
        // A path alias of the user's tsconfig leads to source, which belongs into the bundle.
        return /[\\/]node_modules[\\/]/.test(found.path)
          ? external(pathToFileURL(found.path).href, path)
          : { path: found.path };
      });
    },
  };
}

/** Marks the lookups that the plugin itself asks esbuild for. */
const SECOND = Symbol('second');

function missing(name: string): string {
  return `run "npm install ${name}" in the project of the file, or correct the name`;
}

function buildError({ text, location, detail, notes }: Message, folder: string, file: string): CliError {
  const place =
    location === null
      ? shown(file)
      : `${shown(resolve(folder, location.file))}:${location.line}:${location.column + 1}`;
  const unresolved = detail?.fix !== undefined || /^Could not resolve/.test(text);
  const fix: string =
    detail?.fix ?? (unresolved ? 'correct the path of the import' : 'correct the line below');
  const note = notes.find(one => one.text !== '' && one.location === null && !unresolved)?.text;
  const problem = `${place}: ${text}${note === undefined ? '' : ` (${note})`}`;
  return new CliError(EXIT.strategy, unresolved ? 'IMPORT_NOT_FOUND' : 'SYNTAX', problem, {
    fix,
    value: text,
    ...(location === null
      ? {}
      : { excerpt: excerpt(location.lineText, location.line, location.column, location.length) }),
  });
}

/** The source line and a caret below the column; tabs stay tabs, so that the caret stands right. */
function excerpt(lineText: string, line: number, column: number, length: number): string {
  const label = `  ${line} | `;
  const before = Buffer.from(lineText).subarray(0, column).toString().replace(/[^\t]/g, ' ');
  return `${label}${lineText}\n${' '.repeat(label.length)}${before}^${'~'.repeat(Math.max(0, length - 1))}`;
}

/** For --typecheck and messages: this framework's entry as a path. */
export const ENTRY_FILE = fileURLToPath(ENTRY);
