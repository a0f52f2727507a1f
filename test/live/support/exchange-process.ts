import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { MAIN } from '../../cli/qt.ts';

/** Starts `qt exchange` on a free port, in a folder with its data; it is ended after the test. */
export async function startExchange(cwd: string, args: readonly string[]): Promise<{ readonly url: string }> {
  const child = spawn(process.execPath, [MAIN, 'exchange', '--port', '0', '--json', ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines = createInterface(child.stdout);
  return new Promise((done, failed) => {
    lines.on('line', line => {
      const { code, url } = JSON.parse(line);
      if (code === 'LISTENING') done({ url });
    });
    child.once('close', () => failed(new Error('the exchange ended before it listened')));
  });
}
