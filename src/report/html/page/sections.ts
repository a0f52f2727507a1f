import { ByteReader } from '../data/bytes.ts';
import { type Column, decodeColumn } from '../data/column.ts';
import { find } from './dom.ts';

/** The bytes of one of the report's compressed sections. The text is let go: a section is read once. */
export async function readSection(id: string): Promise<Uint8Array> {
  const source = find(`#${id}`);
  const packed = fromBase64(source.textContent ?? '');
  source.remove();
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** All columns of a section, in their stored order. */
export async function readColumns(id: string): Promise<(count: number) => Column[]> {
  const reader = new ByteReader(await readSection(id));
  return count => Array.from({ length: count }, () => decodeColumn(reader));
}

/** A section that holds a table, by its columns' names. */
export async function readTable<const Name extends string>(
  id: string,
  names: readonly Name[],
): Promise<Record<Name, Float64Array>> {
  const columns = (await readColumns(id))(names.length);
  return Object.fromEntries(names.map((name, i) => [name, columns[i].values])) as Record<Name, Float64Array>;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }).fromBase64;
  if (native !== undefined) return native(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
