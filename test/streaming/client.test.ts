import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BookRecord, MarketRecord } from '../../src/model/records.ts';
import { RecordClient } from '../../src/streaming/client/client.ts';
import type { DataMessage } from '../../src/streaming/protocol.ts';
import { book, gap, trade } from '../support/records.ts';
import { ServedNetwork } from '../support/served-network.ts';

const SYMBOLS = ['BTC-USDT', 'ETH-USDT'];

/** A book by the plainest means. */
class TrueBook {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();

  see({ asks, bids, type }: BookRecord): void {
    if (type === 'snapshot') {
      this.bids.clear();
      this.asks.clear();
    }
    for (const [side, changes] of [[this.bids, bids], [this.asks, asks]] as const) // biome-ignore format: short
      for (const [, , price, size] of changes) {
        if (size === 0) side.delete(price);
        else side.set(price, size);
      }
  }

  get text(): string {
    const side = (levels: Map<number, number>, sign: number) =>
      [...levels].sort(([one], [other]) => sign * (one - other));
    return JSON.stringify([side(this.bids, -1), side(this.asks, 1)]);
  }
}

const copyText = (client: RecordClient, symbol: string) => {
  const copy = client.book('okx', symbol);
  if (copy === undefined) return undefined;
  const side = (levels: readonly (readonly unknown[])[]) => levels.map(([, , price, size]) => [price, size]);
  return { isValid: copy.isValid, seq: copy.seq, text: JSON.stringify([side(copy.bids), side(copy.asks)]) };
};

/** What a run is made of, from fast-check: each number is one thing that happens. */
const happenings = fc.array(
  fc.record({ what: fc.nat(99), symbol: fc.nat(1), price: fc.nat(9), size: fc.nat(4) }),
  {
    minLength: 30,
    maxLength: 150,
  },
);

describe('a client of the server', () => {
  test('whatever is dropped and cut: a book that it calls valid is the server’s, and in the end all are', async () => {
    const runs = process.env.QT_SOAK === undefined ? 60 : 3000;
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(happenings, fc.integer(), fc.nat(40), async (things, seed, percent) => {
        const random = randomNumbers(seed);
        let isFaulty = true;
        const world = new ServedNetwork({ drops: () => isFaulty && random() * 100 < percent }, random);
        const client = new RecordClient({ url: 'ws://server/', network: world.network });
        client.subscribe({ channel: 'book', topic: 'BTC-USDT' });
        client.subscribe({ venue: 'okx' });
        // What is true at each number of each book: its text, or undefined while a gap is open or nothing is known.
        const truth = SYMBOLS.map(() => ({ book: new TrueBook(), isKnown: false, gaps: new Set<number>() }));
        const texts = SYMBOLS.map(() => new Map<string, string | undefined>());
        let run = 1;
        // A stream begins with its first book, and with what is wrong with it.
        const seqs = [0, 0];
        const write = (at: number, records: readonly MarketRecord[]) => {
          for (const record of records) {
            const one = truth[at];
            if (record.kind === 'book') {
              one.book.see(record);
              one.isKnown ||= record.type === 'snapshot';
            } else if (record.kind === 'gap') {
              if (record.state === 'open') one.gaps.add(record.gap);
              else one.gaps.delete(record.gap);
            }
            if (record.kind === 'book' && seqs[at] === 0) seqs[at] = one.gaps.size;
            if (record.kind === 'book' || (record.kind === 'gap' && seqs[at] > 0)) seqs[at]++;
            const isUsable = one.isKnown && one.gaps.size === 0;
            texts[at].set(`${run} ${seqs[at]}`, isUsable ? one.book.text : undefined);
          }
          world.hub.write(records);
        };
        const check = () => {
          for (const [at, symbol] of SYMBOLS.entries()) {
            const copy = copyText(client, symbol);
            if (copy?.isValid !== true) continue;
            seen++;
            // Before it has heard of another run of the server, what it has is of the last one.
            const known = [...Array(run).keys()].map(back => texts[at].get(`${run - back} ${copy.seq}`));
            expect(known).toContain(copy.text);
          }
        };
        const begin = (at: number) =>
          write(at, [book('snapshot', [[50, 1], [49, 2]], [[60, 1]], { symbol: SYMBOLS[at] })]); // biome-ignore format: short
        let gaps = 0;
        begin(0);
        for (const { price, size, symbol: at, what } of things) {
          const symbol = SYMBOLS[at];
          if (what < 70) write(at, [book('delta', [[40 + price, size]], [[60 + price, size]], { symbol })]);
          else if (what < 76) begin(at);
          else if (what < 84) write(at, [gap(++gaps, 'open', { symbol })]);
          else if (what < 92 && truth[at].gaps.size > 0) {
            const [first] = truth[at].gaps;
            if (size > 2) begin(at);
            write(at, [gap(first, 'closed', { symbol })]);
          } else if (what < 96) world.cut();
          else if (what === 99) {
            run++;
            world.restart();
            seqs.fill(0);
            for (const one of truth)
              Object.assign(one, { book: new TrueBook(), isKnown: false, gaps: new Set() });
            begin(0);
            begin(1);
          } else write(at, [trade(1, { symbol })]);
          await world.timers.run({ until: world.timers.now() + (size === 0 ? 3000 : 20) });
          check();
        }
        isFaulty = false;
        for (let minute = 0; minute < 5; minute++) {
          for (const [at, symbol] of SYMBOLS.entries()) {
            for (const open of [...truth[at].gaps]) write(at, [gap(open, 'closed', { symbol })]);
            if (!truth[at].isKnown) begin(at);
            write(at, [book('delta', [[30 + minute, 1]], [], { symbol })]);
          }
          await world.timers.run({ until: world.timers.now() + 60_000 });
          check();
        }
        for (const [at, symbol] of SYMBOLS.entries()) {
          expect(copyText(client, symbol)).toEqual({
            isValid: true,
            seq: seqs[at],
            text: truth[at].book.text,
          });
        }
        await Promise.all([client.close(), world.timers.run({ until: world.timers.now() + 1000 })]);
      }),
      { numRuns: runs },
    );
    expect(seen).toBeGreaterThan(runs * 10);
  });

  test('every record comes once and in order when nothing is dropped, however often the connection is cut', async () => {
    const random = randomNumbers(5);
    const world = new ServedNetwork({ drops: () => false }, random);
    const ids: number[] = [];
    const notices: string[] = [];
    const client = new RecordClient({
      url: 'ws://server/',
      network: world.network,
      onMessage: ({ data }: DataMessage) => {
        if (data.kind === 'trade') ids.push(Number(data.id));
      },
      onNotice: (_, code) => notices.push(code),
    });
    client.subscribe({ topic: 'BTC-USDT', channel: 'trades' });
    await world.timers.run({ until: world.timers.now() + 1000 });
    for (let id = 1; id <= 2000; id++) {
      world.hub.write([trade(id)]);
      if (id % 450 === 0) world.cut();
      await world.timers.run({ until: world.timers.now() + 20 });
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort((a, b) => a - b)).toEqual(ids);
    // What was told while it was away is missing, and it knows exactly how much.
    expect(client.lost).toBe(2000 - ids.length);
    expect(client.lost).toBeGreaterThan(0);
    expect(notices).toContain('RECORDS_LOST');
    await Promise.all([client.close(), world.timers.run({ until: world.timers.now() + 1000 })]);
  });

  test('subscriptions that change while it connects are those that it has in the end', async () => {
    const world = new ServedNetwork({ drops: () => false }, () => 0.5);
    const seen = new Set<string>();
    const client = new RecordClient({
      url: 'ws://server/',
      network: world.network,
      onMessage: ({ topic }) => seen.add(topic),
    });
    client.subscribe({ topic: 'A' });
    client.subscribe({ topic: 'B' });
    await world.timers.run({ until: world.timers.now() + 12 });
    client.subscribe({ topic: 'C' });
    client.unsubscribe({ topic: 'A' });
    await world.timers.run({ until: world.timers.now() + 5000 });
    world.hub.write(['A', 'B', 'C'].map(symbol => trade(1, { symbol })));
    await world.timers.run({ until: world.timers.now() + 1000 });
    expect([...seen].sort()).toEqual(['B', 'C']);
    client.unsubscribe();
    client.subscribe();
    await world.timers.run({ until: world.timers.now() + 1000 });
    world.hub.write([trade(2, { symbol: 'D' })]);
    await world.timers.run({ until: world.timers.now() + 1000 });
    expect([...seen].sort()).toEqual(['B', 'C', 'D']);
    await Promise.all([client.close(), world.timers.run({ until: world.timers.now() + 1000 })]);
  });

  test('a wrong token ends it with an error, the right one is shown again after each cut', async () => {
    for (const token of ['right-token', 'wrong-token', undefined]) {
      const world = new ServedNetwork({ drops: () => false }, () => 0.5, {}, 'right-token');
      const refused: string[] = [];
      let seen = 0;
      const client = new RecordClient({
        url: 'ws://server/',
        network: world.network,
        ...(token === undefined ? {} : { token }),
        onMessage: () => seen++,
        onRefused: ({ code }) => refused.push(code),
      });
      client.subscribe({ topic: 'A' });
      for (const id of [1, 2, 3]) {
        await world.timers.run({ until: world.timers.now() + 5000 });
        world.hub.write([trade(id, { symbol: 'A' })]);
        await world.timers.run({ until: world.timers.now() + 1000 });
        world.cut();
      }
      expect([seen, refused]).toEqual(token === 'right-token' ? [3, []] : [0, ['UNAUTHORISED']]);
      await Promise.all([client.close(), world.timers.run({ until: world.timers.now() + 1000 })]);
    }
  });

  test('while a server is away it tries with growing pauses, and questions are answered or told to be hopeless', async () => {
    const world = new ServedNetwork({ drops: () => false }, () => 1);
    world.isAway = true;
    const client = new RecordClient({ url: 'ws://server/', network: world.network });
    await expect(client.list()).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    await world.timers.run({ until: world.timers.now() + 120_000 });
    world.isAway = false;
    world.hub.write([trade(1)]);
    await world.timers.run({ until: world.timers.now() + 31_000 });
    expect(client.isConnected).toBe(true);
    const [list, delay] = [client.list(), client.ping()];
    await world.timers.run({ until: world.timers.now() + 100 });
    expect(await list).toEqual([{ venue: 'okx', topic: 'BTC-USDT', channel: 'trades', seq: 1 }]);
    expect(await delay).toBe(10);
    await Promise.all([client.close(), world.timers.run({ until: world.timers.now() + 1000 })]);
  });
});

/** Uniform numbers from 0 to 1, always the same ones (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
