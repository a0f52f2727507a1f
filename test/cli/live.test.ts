import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { qt, SMA } from './qt.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'qt-live-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

test.each(['SIGINT', 'SIGTERM'] as const)(
  'told by %s to stop while the exchange cannot be reached, qt live says so in one line, and is no bug',
  async signal => {
    const series = ['--symbol', 'BTCUSDT', '--interval', '1m', '--exchange', 'http://127.0.0.1:1'];
    const { code, stderr } = await qt(['live', '--paper', SMA, ...series, '--json'], {
      cwd,
      onStart: child => child.stdout!.once('data', () => child.kill(signal)),
    });
    expect(stderr).toBe('qt: INTERRUPTED: stopped before the end, nothing was written\n');
    expect(code).toBe(130);
  },
);
