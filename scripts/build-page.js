import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/**
 * Bundles the page of the HTML report into dist/report/html/page.js and page.css, where the built package reads it.
 * Runs after tsc, whose output it uses.
 */
export async function buildPage() {
  const { bundlePage } = await import('../dist/report/html/page-bundle.js');
  const { script, style } = await bundlePage(
    fileURLToPath(new URL('../src/report/html/page', import.meta.url)),
  );
  await writeFile(new URL('../dist/report/html/page.js', import.meta.url), script);
  await writeFile(new URL('../dist/report/html/page.css', import.meta.url), style);
}

if (import.meta.filename === process.argv[1]) await buildPage();
