import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The page's own program and styles, each one text. */
export interface PageBundle {
  readonly script: string;
  readonly style: string;
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * The built package has both as files beside this module (scripts/build-page.js). In a checkout that runs from its
 * sources there are none, and the page is bundled on the spot, so that it can never be older than its source.
 */
export async function readPageBundle(page: PageName = 'page'): Promise<PageBundle> {
  if (existsSync(path('./page.js'))) {
    const [script, style] = await Promise.all(
      [`./${page}.js`, `./${STYLES[page]}`].map(name => readFile(path(name), 'utf8')),
    );
    return { script, style };
  }
  return bundlePage(path('./page'), page);
}

/** The pages that there are, and where their programs begin. */
export const PAGES = { page: 'main.ts', 'sweep-page': 'sweep.ts', 'live-page': 'live/main.ts' } as const;
export type PageName = keyof typeof PAGES;

/** What the built styles of each are called; those of the reports are the same. */
export const STYLES: Readonly<Record<PageName, string>> = {
  page: 'page.css',
  'sweep-page': 'page.css',
  'live-page': 'live-page.css',
};

/** Bundles a page from the folder of its sources. The same sources give the same text. */
export async function bundlePage(folder: string, page: PageName = 'page'): Promise<PageBundle> {
  const { build } = await import('esbuild');
  const bundle = async (entry: string) => {
    const { outputFiles } = await build({
      entryPoints: [`${folder}/${entry}`],
      bundle: true,
      minify: true,
      write: false,
      format: 'iife',
      target: ['chrome111', 'firefox115', 'safari16.4'],
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      tsconfigRaw: '{}',
    });
    return outputFiles[0].text;
  };
  const style = page === 'live-page' ? 'live/style.css' : 'style.css';
  const [script, styles] = await Promise.all([bundle(PAGES[page]), bundle(style)]);
  return { script, style: styles };
}
