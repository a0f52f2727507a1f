// Writes docs/indicators.md and its pictures from the declarations of the indicators.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { documents } from './indicators/documents.ts';

const docs = new URL('../docs/', import.meta.url);
const images = new URL('images/indicators/', docs);
const files = await documents();
mkdirSync(images, { recursive: true });
for (const name of readdirSync(images)) {
  if (!files.has(`images/indicators/${name}`)) rmSync(new URL(name, images));
}
for (const [path, text] of files) writeFileSync(new URL(path, docs), text);
console.log(`docs/indicators.md and ${files.size - 1} pictures`);
