import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a page piece by piece; the file appears, or changes, only when all of it is there. */
export async function writeWhole(
  file: string,
  pieces: Iterable<string> | AsyncIterable<string>,
): Promise<{ readonly bytes: number }> {
  // The process in the name: two runs may write the same file at the same time.
  const unfinished = `${file}.${process.pid}.part`;
  await mkdir(dirname(file), { recursive: true });
  let bytes = 0;
  try {
    const handle = await open(unfinished, 'w');
    try {
      for await (const piece of pieces) {
        const text = Buffer.from(piece);
        await handle.writeFile(text);
        bytes += text.length;
      }
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return { bytes };
}
