import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DOCUMENT = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

/** Puts a section in its place in docs/benchmarks.md. */
export function writeSection(name: string, content: string): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  const begin = `<!-- ${name}:begin -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(`<!-- ${name}:end -->`);
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no section ${name}`);
  writeFileSync(DOCUMENT, `${document.slice(0, from + begin.length)}\n\n${content}\n\n${document.slice(to)}`);
}
