import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The charts library as it is embedded. */
export interface ChartLibrary {
  /** The shipped standalone production build, its licence banner at the top. */
  readonly script: string;
  /** The text of the Apache licence, which goes with every copy. */
  readonly licence: string;
  readonly version: string;
}

/** Reads lightweight-charts from the installed package. */
export async function readChartLibrary(): Promise<ChartLibrary> {
  const manifest = createRequire(import.meta.url).resolve('lightweight-charts/package.json');
  const folder = dirname(manifest);
  const [script, licence, about] = await Promise.all(
    ['dist/lightweight-charts.standalone.production.js', 'LICENSE', 'package.json'].map(name =>
      readFile(join(folder, name), 'utf8'),
    ),
  );
  return { script, licence, version: JSON.parse(about).version };
}
