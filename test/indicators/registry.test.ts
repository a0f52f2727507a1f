import { type Data, memoryFeed } from 'qt-trader';
import { describe, expect, test } from 'vitest';
import { GROUPS } from '../../src/indicators/definition.ts';
import { INDICATORS } from '../../src/indicators/registry.ts';
import { closes, walk } from '../support/bars.ts';
import { expectChunksAgree, expectGrowingAgrees, readLines } from '../support/lines.ts';
import { inputsOf } from '../support/registry.ts';

const named = INDICATORS.map(one => ({ name: one.definition.name, one }));

describe.each(named)('$name', ({ one }) => {
  const build = (data: Data) => one.linesOf(inputsOf(one, data));

  test('gives the same bits whole, in chunks of any sizes, and bar by bar', () =>
    expectChunksAgree(walk(3500, 7), build));

  test('shows bars that grow as if each were the last one, and then as if it had come whole', () =>
    expectGrowingAgrees(walk(260, 9), build));

  test('says what it is, how it is computed and where that comes from', () => {
    const { title, group, formula, source, lines, inputs } = one.definition;
    expect(GROUPS).toContain(group);
    for (const text of [title, formula, source]) expect(text).toMatch(/\S{2}/);
    expect(title).not.toBe(one.definition.name);
    expect(new Set(lines).size).toBe(lines.length);
    expect(inputs.length).toBeGreaterThan(0);
  });

  test('is NaN below its minimum period and finite from it on', async () => {
    const periods: Record<string, number> = {};
    const values = await readLines(memoryFeed(walk(400, 3)), data => {
      const lines = build(data);
      for (const [name, line] of Object.entries(lines)) periods[name] = line.minPeriod;
      return lines;
    });
    for (const [name, line] of Object.entries(values)) {
      const first = line.findIndex(value => !Number.isNaN(value));
      const rest = line
        .slice(periods[name] - 1)
        .filter(value => one.definition.sparse !== true || !Number.isNaN(value));
      if (one.definition.sparse === true) expect(first).toBeGreaterThanOrEqual(periods[name] - 1);
      else expect(first).toBe(periods[name] - 1);
      expect(rest.length).toBeGreaterThan(0);
      expect(rest.every(Number.isFinite)).toBe(true);
    }
  });

  test('gives finite values on a flat series and nothing on a single bar', async () => {
    const flat = await readLines(memoryFeed(closes(new Array(400).fill(50))), build);
    const last = one.definition.sparse === true ? Number.isNaN : Number.isFinite;
    for (const line of Object.values(flat)) expect(last(line.at(-1))).toBe(true);
    const single = await readLines(memoryFeed(closes([50]), { interval: '1m' }), build);
    for (const line of Object.values(single)) expect(line.length).toBe(1);
  });

  test('refuses a parameter that is not within its limits, and one it does not have', async () => {
    for (const [name, parameter] of Object.entries(one.definition.parameters)) {
      const values = parameter.kind === 'int' ? [-1, 2.5, Number.NaN, 'x'] : [Number.NaN, {}];
      for (const value of values) {
        const wrong = (data: Data) => one.linesOf(inputsOf(one, data), { [name]: value });
        await expect(readLines(memoryFeed(walk(50, 1)), wrong)).rejects.toMatchObject({
          code: 'PARAMETER_INVALID',
        });
      }
    }
    const unknown = (data: Data) => one.linesOf(inputsOf(one, data), { barz: 3 });
    await expect(readLines(memoryFeed(walk(50, 1)), unknown)).rejects.toMatchObject({
      code: 'PARAMETER_UNKNOWN',
    });
  });
});
