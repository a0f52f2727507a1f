import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Governor, type Need, type Passage } from '../../../src/brokers/binance/gateway/governor.ts';
import { VirtualTimers } from '../../../src/net/virtual-timers.ts';

const START = Date.UTC(2026, 6, 1, 12, 0, 30);
const LIMITS = [
  { kind: 'REQUEST_WEIGHT', spanMs: 60_000, limit: 100 },
  { kind: 'ORDERS', spanMs: 10_000, limit: 10 },
] as const;

function world(limits: Parameters<Governor['allow']>[0] = LIMITS) {
  const timers = new VirtualTimers(START);
  const governor = new Governor(timers);
  governor.allow(limits);
  const sent: { time: number; need: Need }[] = [];
  const refused: { time: number; waitMs: number; why: string }[] = [];
  const ask = (need: Partial<Need>, holdMs = 0): Promise<Passage> => {
    const full: Need = { weight: 1, orders: 0, rank: 'normal', ...need };
    return governor.pass(full).then(passage => {
      if (passage.go) {
        sent.push({ time: timers.now(), need: full });
        timers.after(holdMs, () => passage.done());
      } else refused.push({ time: timers.now(), waitMs: passage.waitMs, why: passage.why });
      return passage;
    });
  };
  return { timers, governor, sent, refused, ask };
}

describe('the governor', () => {
  test('keeps room for what is urgent', async () => {
    const { ask, sent, refused, timers } = world();
    for (let i = 0; i < 100; i++) void ask({ weight: 1 });
    await timers.run({ until: START + 10 });
    // The minute ends too late to wait for.
    expect([sent.length, refused.length]).toEqual([80, 20]);
    expect(refused[0].waitMs).toBe(31_000);
    expect(refused[0].why).toContain('REQUEST_WEIGHT');
    for (let i = 0; i < 30; i++) void ask({ rank: 'urgent' });
    await timers.run({ until: START + 20 });
    expect(sent.length).toBe(97);
  });

  test('counts orders by themselves, so that cancels pass when no more may be placed', async () => {
    const { ask, sent, timers } = world();
    for (let i = 0; i < 12; i++) void ask({ orders: 1 });
    await timers.run({ until: START + 10 });
    expect(sent.length).toBe(8);
    void ask({ rank: 'urgent' });
    void ask({ orders: 1, rank: 'urgent' });
    await timers.run({ until: START + 20 });
    expect(sent.length).toBe(10);
  });

  test('lets urgent requests go first', async () => {
    const { ask, sent, timers, governor } = world();
    governor.silence(2000, false);
    for (let i = 0; i < 3; i++) void ask({ weight: i + 1 });
    void ask({ rank: 'urgent' });
    await timers.run({ until: START + 5000 });
    expect(sent.map(({ need }) => need.rank)).toEqual(['urgent', 'normal', 'normal', 'normal']);
    expect(sent.map(({ need }) => need.weight)).toEqual([1, 1, 2, 3]);
  });

  test('believes the exchange about what has been used, by whomever', async () => {
    const { ask, sent, governor, timers } = world();
    await timers.run({ until: START + 5000 });
    governor.used('REQUEST_WEIGHT', 60_000, 79);
    void ask({ weight: 1 });
    void ask({ weight: 1 });
    await timers.run({ until: START + 5010 });
    expect(sent.length).toBe(1);
    // Orders that were filled count no more.
    for (let i = 0; i < 8; i++) void ask({ orders: 1, rank: 'urgent' });
    await timers.run({ until: START + 5020 });
    governor.used('ORDERS', 10_000, 0);
    for (let i = 0; i < 8; i++) void ask({ orders: 1, rank: 'urgent' });
    await timers.run({ until: START + 5030 });
    expect(sent.length).toBe(17);
  });

  test('waits for the next window when that is soon, and is not early there', async () => {
    const { ask, sent, timers } = world([{ kind: 'REQUEST_WEIGHT', spanMs: 60_000, limit: 10 }]);
    await timers.run({ until: START + 28_500 });
    for (let i = 0; i < 10; i++) void ask({});
    await timers.run({ until: START + 40_000 });
    const [, , , , , , , , ninth] = sent;
    expect(ninth.time).toBe(START + 31_000);
    expect(sent.length).toBe(10);
  });

  test('holds no more than so many, and none longer than so', async () => {
    const { ask, refused, timers, governor } = world();
    governor.silence(15_000, false);
    for (let i = 0; i < 300; i++) void ask({ rank: 'urgent', weight: 0 });
    await timers.run({ until: START });
    expect(refused.length).toBe(100);
    void ask({});
    await timers.run({ until: START });
    expect(refused.length).toBe(101);
    governor.close();
    await timers.run({ until: START });
    expect(refused.length).toBe(301);
    await timers.run();
    expect(timers.pending).toBe(0);
  });

  test('refuses who waits when the silence turns out to be too long', async () => {
    const { ask, refused, timers, governor } = world();
    governor.silence(2000, false);
    void ask({});
    await timers.run({ until: START + 1000 });
    expect(refused.length).toBe(0);
    governor.silence(60_000, false);
    await timers.run({ until: START + 1000 });
    expect(refused).toMatchObject([{ time: START + 1000, waitMs: 60_000 }]);
  });

  test('never exceeds a limit, whatever is asked for and however long answers take', async () => {
    const request = fc.record({
      afterMs: fc.integer({ min: 0, max: 400 }),
      weight: fc.integer({ min: 0, max: 30 }),
      orders: fc.integer({ min: 0, max: 3 }),
      rank: fc.constantFrom('urgent' as const, 'normal' as const),
      holdMs: fc.integer({ min: 0, max: 800 }),
      silenceMs: fc.oneof(
        { weight: 40, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 30_000 }) },
      ),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 27_000, max: 30_500 }),
        fc.array(request, { maxLength: 120 }),
        async (from, requests) => {
          const { ask, sent, governor, timers, refused } = world();
          // The minute ends at 30,000.
          let at = from;
          const silences: [number, number][] = [];
          let answered = 0;
          for (const { afterMs, holdMs, silenceMs, ...need } of requests) {
            at += afterMs;
            timers.after(at, () => {
              void ask(need, holdMs).then(() => answered++);
              if (silenceMs !== null) {
                governor.silence(silenceMs, false);
                silences.push([timers.now(), timers.now() + silenceMs]);
              }
            });
          }
          await timers.run();
          expect(answered).toBe(requests.length);
          expect(sent.length + refused.length).toBe(requests.length);
          // Wherever the server's windows begin, within a second of ours.
          for (const off of [-1000, -500, 0, 500, 1000])
            for (const { kind, spanMs, limit } of LIMITS) {
              const used = new Map<number, number>();
              for (const { time, need } of sent) {
                const window = Math.floor((time + off) / spanMs);
                const amount = kind === 'ORDERS' ? need.orders : need.weight;
                used.set(window, (used.get(window) ?? 0) + amount);
              }
              for (const total of used.values()) expect(total).toBeLessThanOrEqual(limit);
            }
          for (const [from, to] of silences) {
            // What was let go in the same instant may have been so before the silence.
            expect(sent.filter(({ time }) => time > from && time < to)).toEqual([]);
            const after = sent.filter(({ time }) => time >= to && time < to + 10_000).map(({ time }) => time);
            for (let i = 1; i < after.length; i++)
              expect(after[i] - after[i - 1]).toBeGreaterThanOrEqual(200);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
