import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../model/errors.ts';
import type { Danfo, DataFrameLike } from './contract.ts';

/** Columns that a frame is made of, all of one length. */
export type FrameColumns = Readonly<Record<string, Float64Array | readonly string[] | readonly boolean[]>>;

const PACKAGES = ['danfojs-node', 'danfojs'];

/** What has to stand in package.json for the packages to install from the registry alone. */
const OVERRIDES = '"overrides": { "xlsx": "0.18.5", "@tensorflow/tfjs-node": "npm:@tensorflow/tfjs@^4" }';

/**
 * Imports `danfojs-node`, or else `danfojs`, from beside this library or from the working folder. Throws `DANFO_MISSING`,
 * which says how to install it: neither is a dependency of ours. `Module`: its type, `typeof import('danfojs-node')`.
 */
export async function loadDanfo<Module extends Danfo = Danfo>(): Promise<Module> {
  const require = createRequire(join(process.cwd(), 'package.json'));
  let failure: unknown;
  for (const name of PACKAGES) {
    for (const place of [() => name, () => pathToFileURL(require.resolve(name)).href]) {
      try {
        const found = danfoOf(await import(place()));
        if (found !== undefined) return found as Module;
      } catch (error) {
        // A package that is there and does not load tells more than one that is not.
        if (failure === undefined || isAbsent(failure)) failure = error;
      }
    }
  }
  const why = isAbsent(failure) ? '' : ` (it is installed, and fails: ${(failure as Error).message})`;
  throw new InputError('DANFO_MISSING', `frames need danfojs-node or danfojs, which cannot be loaded${why}`, {
    value: PACKAGES,
    fix: `put ${OVERRIDES} into package.json and run: npm install danfojs-node; toColumns() and columns need neither`,
    cause: failure,
  });
}

/** Its exports, however the module wraps them. */
export function danfoOf(module: unknown): Danfo | undefined {
  if (typeof module !== 'object' || module === null) return undefined;
  const { DataFrame, default: inner } = module as { DataFrame?: unknown; default?: unknown };
  if (typeof DataFrame === 'function') return module as Danfo;
  return inner === module ? undefined : danfoOf(inner);
}

/** A frame of these columns. Doubles stay doubles in it, until danfojs calculates with them. Throws `DANFO_INVALID`. */
export function frameOf<Frame = DataFrameLike>(columns: FrameColumns, module: Danfo<Frame>): Frame {
  const danfo = danfoOf(module);
  if (danfo === undefined) {
    throw new InputError('DANFO_INVALID', 'the module that was given has no DataFrame', {
      value: module,
      limit: PACKAGES,
      fix: "give what `import * as dfd from 'danfojs-node'` gives",
    });
  }
  const names = Object.keys(columns);
  const values = names.map(name => columns[name]);
  const dtypes = values.map(dtypeOf);
  // A frame's own guess of types looks at the beginning only, and calls an Infinity a whole number.
  const make = (rows: unknown[][]) => new danfo.DataFrame(rows as never, { columns: names, dtypes } as never);
  // Without rows, columns cannot be told from their values.
  if ((values[0]?.length ?? 0) === 0) return make([]) as Frame;
  const rows: unknown[][] = Array.from({ length: values[0].length }, () => new Array(names.length));
  for (const [column, list] of values.entries()) {
    for (let row = 0; row < rows.length; row++) rows[row][column] = list[row];
  }
  return make(rows) as Frame;
}

function dtypeOf(values: FrameColumns[string]): string {
  if (values instanceof Float64Array) return 'float32';
  return typeof values[0] === 'boolean' ? 'boolean' : 'string';
}

/** Epoch ms as ISO 8601 text UTC, '' where there is no time. Text cannot be rounded to float32. */
export function timeTexts(times: Float64Array): string[] {
  return Array.from(times, isoTime);
}

export function isoTime(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString().replace('.000Z', 'Z') : '';
}

function isAbsent(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return error === undefined || /^(ERR_)?MODULE_NOT_FOUND$/.test(code ?? '');
}
