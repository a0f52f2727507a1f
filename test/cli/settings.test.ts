import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseIni } from '../../src/cli/config/ini.ts';
import { fakeBitfinex } from '../support/fake-bitfinex.ts';
import { folderWith, qt } from './qt.ts';

describe('config.ini', () => {
  test('has sections, comments, quotes and values with signs of their own', () => {
    const text =
      '\uFEFF; of the server\r\n[ server ]\r\naddress = 0.0.0.0 # everybody\nname="a ; b" ; c\nurl = http://x/?a=b#c\nempty =\n';
    expect(parseIni(text, 'x').map(({ key, line, section, value }) => [section, key, value, line])).toEqual([
      ['server', 'address', '0.0.0.0', 3],
      ['server', 'name', 'a ; b', 4],
      ['server', 'url', 'http://x/?a=b#c', 5],
      ['server', 'empty', '', 6],
    ]);
  });

  test.each([
    ['[server]\nprot = 1\n', 'CONFIG_UNKNOWN_KEY', 'did you mean "port"', 2],
    ['[sever]\nport = 1\n', 'CONFIG_UNKNOWN_KEY', 'did you mean "server"', 2],
    ['[server]\nchannels = trade\n', 'CONFIG_INVALID', 'use trades, book', 2],
    ['[server]\nport\n', 'INI_LINE', 'write "key = value"', 2],
    ['[server]\npublic = perhaps\n', 'CONFIG_INVALID', 'yes or no', 2],
  ])('%j is told with its line and a way out', async (ini, code, fix, line) => {
    const cwd = await folderWith({ 'config.ini': ini });
    const { code: exit, stderr } = await qt(['serve', '--from', 'x.jsonl', '--no-config'], { cwd });
    expect(exit).toBe(code === 'INI_LINE' ? 2 : 78);
    expect(stderr).toContain(`qt: ${code}: config.ini, line ${line}`);
    expect(stderr).toContain(fix);
    expect(stderr.trim().split('\n').length).toBe(1);
  });

  test('flags win over config.ini, config.ini over qt.config.ts, that over the defaults', async () => {
    const { addresses } = await fakeBitfinex({
      pairs: ['BTCUSD', 'ETHUSD'],
      frames: () => [],
      next: (_, number) => ['te', [number, 1_564_617_600_000 + number, 0.1, 100]],
    });
    const [, stream, , rest] = addresses;
    const cwd = await folderWith({
      'qt.config.ts': `export default { collect: { venue: 'okx', symbols: ['ethusd'], channels: 'book', out: 'there', sink: 'jsonl' } };`,
      'config.ini': `[collect]\nvenue = bitfinex\nsymbols = btcusd\nchannels = trades\nstream = ${stream}\nrest = ${rest}\n`,
    });
    const { code, stderr } = await qt(['collect', '--symbols', 'ethusd'], {
      cwd,
      onStart: child => {
        // A busy machine takes its time to begin.
        const file = join(cwd, 'there/bitfinex.jsonl');
        const timer = setInterval(() => {
          if (!existsSync(file) || !readFileSync(file, 'utf8').includes('"trade"')) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 100);
        child.once('close', () => clearInterval(timer));
      },
    });
    expect(code, stderr).toBe(0);
    const lines = readFileSync(join(cwd, 'there/bitfinex.jsonl'), 'utf8').trim().split('\n');
    const records = lines.map(line => JSON.parse(line)).filter(({ kind }) => kind !== 'gap');
    expect(new Set(records.map(({ symbol, kind }) => `${symbol} ${kind}`))).toEqual(
      new Set(['ETH-USD trade']),
    );
  });

  test('without a venue there is nothing to collect', async () => {
    const cwd = await folderWith();
    const { code, stderr } = await qt(['collect', '--symbols', 'btcusd', '--no-config'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('qt: OPTION_MISSING: --venue')]);
  });
});
