import { writeSync } from 'node:fs';

/** Writes pieces one after the other; nothing is held in memory, whatever the speed of the reader. */
export function writeAll(stream: { readonly fd: number }, pieces: Iterable<string>): void {
  for (const piece of pieces) {
    const bytes = Buffer.from(piece);
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(stream.fd, bytes, at);
      } catch (error) {
        // The reader of a non-blocking pipe is behind: try again.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        Atomics.wait(PAUSE, 0, 0, 5);
      }
    }
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** Makes a closed pipe the end of the program instead of an error. */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  }
}
