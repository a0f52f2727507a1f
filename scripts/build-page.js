import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/**
 * Bundles the pages of the HTML reports and of the server into dist/report/html, where the built package reads them: a
 * script for each, and its styles.
 * Runs after tsc, whose output it uses.
 */
export async function buildPage() {
  const { PAGES, STYLES, bundlePage } = await import('../dist/report/html/page-bundle.js');
  const folder = fileURLToPath(new URL('../src/report/html/page', import.meta.url));
  for (const page of Object.keys(PAGES)) {
    const { script, style } = await bundlePage(folder, page);
    await writeFile(new URL(`../dist/report/html/${page}.js`, import.meta.url), script);
    await writeFile(new URL(`../dist/report/html/${STYLES[page]}`, import.meta.url), style);
  }
}

if (import.meta.filename === process.argv[1]) await buildPage();
