import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { noKafka } from '../support/kafka-broker.ts';

const run = promisify(execFile);
const START = 'scripts/kafka-start.js';
const STOP = 'scripts/kafka-stop.js';

const accepts = (port: number) =>
  new Promise<boolean>(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

test.skipIf(noKafka)(
  'a broker is there when its address is printed, and gone when it was stopped',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qt-kafka-start-'));
    try {
      const { stdout } = await run(process.execPath, [START, '--port', '0', '--folder', folder]);
      const port = Number(/^kafka:\/\/127\.0\.0\.1:(\d+)\n$/.exec(stdout)?.[1]);
      expect(await accepts(port)).toBe(true);
      const again = await run(process.execPath, [START, '--folder', folder]);
      expect(again.stdout).toBe(stdout);
      await run(process.execPath, [STOP, '--folder', folder]);
      expect(await accepts(port)).toBe(false);
    } finally {
      await run(process.execPath, [STOP, '--folder', folder]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test('without Java the exit code is 69, and a sentence says what to install', () => {
  const { status, stderr } = spawnSync(process.execPath, [START, '--port', '0'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: '/nonexistent' },
  });
  expect(status).toBe(69);
  expect(stderr).toMatch(/^Java is missing: install .*\n$/);
});
