import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MarketRecord } from '../../src/model/records.ts';
import { kraken } from '../support/venue-simulator/kraken.ts';
import { okx } from '../support/venue-simulator/okx.ts';
import { servedVenue } from '../support/venue-simulator/served.ts';
import { folderWith, qt } from './qt.ts';

const SECOND = 1000;
const until = async (is: () => boolean, what: string, ms = 20 * SECOND) => {
  for (const end = Date.now() + ms; !is(); ) {
    if (Date.now() > end) throw new Error(`${what}: not within ${ms / SECOND} s`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
};

/** The records that a file has by now; the last line may be half written. */
function recordsIn(file: string): MarketRecord[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as MarketRecord);
}

/** The process below `parent` that collects this venue. */
function processOf(venue: string, { pid: parent }: ChildProcess): number | undefined {
  for (const name of readdirSync('/proc').filter(one => /^\d+$/.test(one))) {
    try {
      const of = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      if (of === parent && words.includes(venue)) return Number(name);
    } catch {
      // It has ended meanwhile.
    }
  }
  return undefined;
}

test.runIf(existsSync('/proc/self/status'))(
  'a venue whose process is killed is collected again, and the other one misses nothing',
  async () => {
    const [one, other] = [await servedVenue(okx), await servedVenue(kraken, { seed: 2 })];
    const cwd = await folderWith();
    const file = (venue: string) => join(cwd, `collected/${venue}.jsonl`);
    const countIn = (venue: string) => recordsIn(file(venue)).length;
    let [killedAt, endedAt] = [0, 0];
    const play = async (child: ChildProcess) => {
      try {
        await until(() => countIn('okx') > 50 && countIn('kraken') > 50, 'both venues have records');
        const pid = processOf('kraken', child)!;
        killedAt = Date.now() * 1000;
        process.kill(pid, 'SIGKILL');
        const isAgain = (record: MarketRecord) =>
          record.kind === 'book' && record.type === 'delta' && record.receiveTime > killedAt + SECOND * 1000;
        await until(() => recordsIn(file('kraken')).some(isAgain), 'books again after the kill');
        expect(processOf('kraken', child)).not.toBe(pid);
      } finally {
        endedAt = Date.now() * 1000;
        child.kill('SIGINT');
      }
    };
    let played: Promise<void> | undefined;
    const { code, stderr } = await qt(
      [
        ...['collect', '--venue', 'okx,kraken', '--symbols', 'BTC-USDT,ETH-USDT,BTC-USD,ETH-USD'],
        ...['--sink', 'jsonl', '--stream', `okx=${one.stream},kraken=${other.stream}`],
        ...['--rest', `okx=${one.rest},kraken=${other.rest}`],
      ],
      {
        cwd,
        onStart: child => {
          played = play(child);
          played.catch(() => {});
        },
      },
    );
    await played?.catch(error => expect.unreachable(`${error.message}\n${stderr}`));
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /warning VENUE_RESTARTED: the process of kraken was killed; it is started again in/,
    );
    expect(stderr).not.toContain('the process of okx');

    // Every stream ends with a gap once it is told to.
    const whole = recordsIn(file('okx')).filter(({ receiveTime }) => receiveTime < endedAt);
    expect(whole.filter(({ kind }) => kind === 'gap')).toEqual([]);
    for (const symbol of ['BTC-USDT', 'ETH-USDT']) {
      const ids = whole.flatMap(record =>
        record.kind === 'trade' && record.symbol === symbol ? [Number(record.id)] : [],
      );
      expect(ids).toEqual(ids.map((_, at) => ids[0] + at));
      const books = whole.filter(record => record.kind === 'book' && record.symbol === symbol);
      expect(books.filter(record => record.kind === 'book' && record.type === 'snapshot').length).toBe(1);
      expect(books.some(({ receiveTime }) => receiveTime > killedAt + SECOND * 1000)).toBe(true);
    }
    const again = recordsIn(file('kraken')).filter(({ receiveTime }) => receiveTime > killedAt);
    expect(new Set(again.map(({ symbol }) => symbol))).toEqual(new Set(['BTC-USD', 'ETH-USD']));
    expect(again.some(record => record.kind === 'book' && record.type === 'snapshot')).toBe(true);
  },
  60 * SECOND,
);

test('an address of several venues says which one it is for', async () => {
  const cwd = await folderWith();
  const args = ['collect', '--venue', 'okx,kraken', '--symbols', 'BTC-USDT', '--stream'];
  for (const stream of ['ws://127.0.0.1:1', 'okx=ws://127.0.0.1:1,bybit=ws://127.0.0.1:1']) {
    const { code, stderr } = await qt([...args, stream], { cwd });
    expect(stderr).toMatch(/^qt: OPTION_INVALID: --stream /);
    expect(code).toBe(2);
  }
});
