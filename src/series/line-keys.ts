import type { Kernel } from './kernel.ts';
import type { Line } from './line.ts';

const keys = new WeakMap<Line, string>();

/** What a line holds, in words that are the same in every run of this thread; undefined where nobody knows. */
export function keyOf(line: Line): string | undefined {
  return keys.get(line);
}

export function keyLine(line: Line, key: string): void {
  keys.set(line, key);
}

/** Names a kernel, and with it its lines, by what it computes. One that has a name keeps it. */
export function keyKernel(kernel: Kernel, key: string): void {
  if (kernel.key !== undefined) return;
  kernel.key = key;
  for (const [name, line] of Object.entries<Line>(kernel.outputs)) keyLine(line, `${key}.${name}`);
}
