import { expect, test } from 'vitest';
import { serveHistory } from '../support/history-server.ts';
import { HistoryVenue } from '../support/history-venue.ts';
import { folderWith, qt, SMA } from './qt.ts';

const FROM = Date.UTC(2024, 0, 1);
const TO = Date.UTC(2024, 2, 10);
const RUN = [
  'backtest',
  SMA,
  '--symbol',
  'BTCUSDT',
  '--interval',
  '1h',
  '--from',
  '2024-01-01',
  '--to',
  '2024-03-10',
];
const JSON_ONLY = ['--json', '--no-config'];
const NOWHERE = { QT_ARCHIVE_URL: 'http://127.0.0.1:9', QT_REST_URL: 'http://127.0.0.1:9' };

async function scene(listed = 0) {
  const venue = new HistoryVenue({ now: () => Date.now(), listed });
  const url = await serveHistory(venue);
  return { venue, cwd: await folderWith(), env: { QT_ARCHIVE_URL: url, QT_REST_URL: url } };
}

test('a backtest downloads what is missing, says so, and does not ask again', async () => {
  const { venue, cwd, env } = await scene();
  const first = await qt([...RUN, ...JSON_ONLY], { cwd, env });
  expect(first.stderr.split('\n')).toEqual([
    'BTCUSDT 1h: downloading what is missing from 2024-01-01 00:00 to 2024-03-10 00:00 UTC',
    'BTCUSDT 1h: 2,156 bars downloaded',
    '',
  ]);
  expect(first.code).toBe(0);
  const result = JSON.parse(first.stdout);
  expect(result.stats.bars - result.stats.warmupBars).toBe((TO - FROM) / 3_600_000);
  expect(result.stats.warmupBars).toBeGreaterThan(0);
  const asked = venue.asked.length;
  const second = await qt([...RUN, ...JSON_ONLY], { cwd, env });
  expect(second).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(second.stdout).metrics).toEqual(result.metrics);
  expect(venue.asked.length).toBe(asked);
});

test('--warmup of a backtest comes from the store', async () => {
  const { venue, cwd, env } = await scene();
  const args = [...RUN, ...JSON_ONLY, '--warmup', '700'];
  const first = await qt(args, { cwd, env });
  expect(JSON.parse(first.stdout).stats.warmupBars).toBe(700);
  expect(
    Math.min(...venue.asked.map(path => Number(/startTime=(\d+)/.exec(path)?.[1] ?? FROM))),
  ).toBeLessThan(FROM);
  const asked = venue.asked.length;
  const second = await qt([...args, '--offline'], { cwd, env });
  expect(second).toMatchObject({ code: 0, stderr: '' });
  const [one, other] = [first, second].map(({ stdout }) => JSON.parse(stdout));
  expect(other.stats.warmupBars).toBe(700);
  expect(other.tradesHash).toBe(one.tradesHash);
  expect(venue.asked.length).toBe(asked);
});

test('with --offline a backtest asks nobody, and says what is missing and which command gets it', async () => {
  const { venue, cwd, env } = await scene();
  const { code, stderr } = await qt([...RUN, ...JSON_ONLY, '--offline'], { cwd, env });
  expect(venue.asked).toEqual([]);
  expect(code).toBe(66);
  expect(stderr).toMatch(
    /^qt: DATA_MISSING: .*"qt data fetch BTCUSDT 1h --from 2024-01-01 --to 2024-03-10" gets them/,
  );
});

test('without network a backtest says that too', async () => {
  const { cwd } = await scene();
  const { code, stderr } = await qt([...RUN, ...JSON_ONLY], { cwd, env: NOWHERE });
  expect(code).toBe(66);
  expect(stderr).toContain('not all could be downloaded: the connection was refused');
  expect(stderr).toMatch(
    /\nqt: DATA_MISSING: .*"qt data fetch BTCUSDT 1h --from 2024-01-01 --to 2024-03-10"/,
  );
});

test('a run that begins before the symbol was listed begins with its first bar', async () => {
  const listed = Date.UTC(2024, 1, 3, 5);
  const { cwd, env } = await scene(listed);
  const { code, stdout } = await qt([...RUN, ...JSON_ONLY, '--quiet'], { cwd, env });
  expect(code).toBe(0);
  expect(JSON.parse(stdout).stats.bars).toBe((TO - listed) / 3_600_000);
});

test('two backtests at once share one download', async () => {
  const { cwd, env } = await scene();
  const args = [...RUN, ...JSON_ONLY];
  const outcomes = await Promise.all([qt(args, { cwd, env }), qt(args, { cwd, env })]);
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
  const [one, other] = outcomes.map(({ stdout }) => JSON.parse(stdout).metrics);
  expect(one).toEqual(other);
});
