import { expect, test } from 'vitest';
import { bool, choice, float, int, numbers } from '../../src/model/parameters.ts';
import { axesOf, parseAxis } from '../../src/research/axes.ts';
import { combine } from '../../src/research/combinations.ts';
import { parseCondition } from '../../src/research/condition.ts';

const NAMES = ['fast', 'slow', 'mode', 'on'];
const meets = (text: string, params = {}) =>
  parseCondition(text, NAMES)({ fast: 5, slow: 20, mode: 'long', on: true, ...params });

test('a condition compares, reckons and joins as it is read', () => {
  expect(meets('fast < slow')).toBe(true);
  expect(meets('fast >= slow')).toBe(false);
  expect(meets('2 * fast + 10 == slow')).toBe(true);
  expect(meets('2 + 3 * fast == 17')).toBe(true);
  expect(meets('(2 + 3) * fast == 25')).toBe(true);
  expect(meets('-fast < 0 and slow % 3 == 2')).toBe(true);
  expect(meets('fast > 10 or slow > 10 and on')).toBe(true);
  expect(meets('not (fast > 10) && !(slow < 10)')).toBe(true);
  expect(meets('1 < fast < slow <= 20')).toBe(true);
  expect(meets('1 < fast < 5')).toBe(false);
  expect(meets("mode == 'long' and mode != 'short'")).toBe(true);
  expect(meets('max(fast, slow) - min(fast, slow) == abs(fast - slow)')).toBe(true);
  expect(meets('slow / fast >= 4', { fast: 6 })).toBe(false);
  expect(meets('fast<1e1')).toBe(true);
});

test('a condition that cannot be read says where, and a wrong name which was meant', () => {
  const code = (text: string) => {
    try {
      meets(text);
      return undefined;
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as Error).message}`;
    }
  };
  expect(code('fats < slow')).toMatch(/CONDITION_INVALID .*"fats".*did you mean "fast"/);
  for (const text of [
    '',
    'fast <',
    'fast < slow)',
    '(fast < slow',
    'fast = slow',
    'fast; slow',
    'process.exit()',
    'fast',
  ]) {
    expect(code(text)).toMatch(/^CONDITION_INVALID/);
  }
  expect(code('mode < 3')).toMatch(/CONDITION_INVALID .*"long"/);
  expect(code('constructor')).toMatch(/CONDITION_INVALID/);
  expect(code('x'.repeat(2000))).toMatch(/CONDITION_INVALID/);
});

test('ranges have both ends and the decimals of what was typed; lists are read by kind', () => {
  const set = {
    n: int(5, { min: 1, max: 100 }),
    x: float(0.1),
    m: choice(['a', 'b']),
    on: bool(true),
    l: numbers([1]),
  };
  const values = (name: string, text: string) => {
    const [axis] = axesOf(set, { [name]: parseAxis(set, name, text) });
    return 'values' in axis ? axis.values : axis;
  };
  expect(values('n', '5:20:5')).toEqual([5, 10, 15, 20]);
  expect(values('n', '5:19:5')).toEqual([5, 10, 15]);
  expect(values('n', '5:7')).toEqual([5, 6, 7]);
  expect(values('x', '0.1:0.5:0.1')).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
  expect(values('x', '-0.2:0.2:0.1')).toEqual([-0.2, -0.1, 0, 0.1, 0.2]);
  expect(values('x', '0:1')).toEqual({ name: 'x', from: 0, to: 1 });
  expect(values('m', 'a,b')).toEqual(['a', 'b']);
  expect(values('on', 'true,false')).toEqual([true, false]);
  expect(values('l', '1,2;3,4')).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('a grid has each combination once, the last parameter varies fastest, and the schedule is all of them', () => {
  const set = { a: int(1), b: int(1), c: int(1) };
  const axes = axesOf(set, { a: [1, 2], b: { from: 1, to: 7 }, c: [5, 6, 7] });
  const all = combine(axes, { kind: 'grid' }, () => true);
  expect(all.length).toBe(42);
  expect(all.params(0)).toEqual({ a: 1, b: 1, c: 5 });
  expect(all.params(1)).toEqual({ a: 1, b: 1, c: 6 });
  expect(all.params(41)).toEqual({ a: 2, b: 7, c: 7 });
  expect([...all.schedule].sort((x, y) => x - y)).toEqual(Array.from({ length: 42 }, (_, i) => i));
});

test('numbers of any size are drawn where a range has no step, and a grid refuses it', () => {
  const axes = axesOf({ x: float(0.5), n: int(3) }, { x: { from: 0, to: 1 }, n: [1, 2] });
  expect(() => combine(axes, { kind: 'grid' }, () => true)).toThrow(/has no step/);
  const drawn = combine(axes, { kind: 'random', samples: 50, seed: 3 }, ({ x }) => Number(x) < 0.5);
  expect(drawn.length).toBe(50);
  for (let i = 0; i < 50; i++) expect(Number(drawn.params(i).x)).toBeLessThan(0.5);
});
