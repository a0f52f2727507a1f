import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test, vi } from 'vitest';

/** What each example must print: the point of it. */
const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  'backtest-from-code.ts': [24, 48, 96].map(
    fast => new RegExp(`^fast ${fast}: return -?\\d+\\.\\d\\d %, Sharpe -?\\d+\\.\\d\\d, [1-9]\\d* trades$`),
  ),
  'csv-to-json.ts': [
    /^\{"time":"2022-01-01T00:00:00\.000Z","open":42000,"high":42000,"low":41630\.3,"close":41809,"volume":1718\}$/,
    /"time":"2022-01-01T04:00/,
    /"time":"2022-01-01T08:00/,
    /"time":"2022-01-01T12:00/,
    /"time":"2022-01-01T16:00/,
  ],
};

test('every example has its expected output here', () => {
  expect(readdirSync('examples').sort()).toEqual(Object.keys(EXPECTED).sort());
});

test.each(Object.entries(EXPECTED))('examples/%s runs', async (name, lines) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(/* @vite-ignore */ resolve('examples', name));
  const printed = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  expect(printed).toHaveLength(lines.length);
  for (const [i, line] of lines.entries()) expect(printed[i]).toMatch(line);
});
