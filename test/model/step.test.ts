import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Step } from '../../src/model/step.ts';

test('a multiple of a step is the double nearest to its decimal', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e9 }),
      fc.constantFrom(['1', 0], ['0.1', 1], ['0.00001', 5], ['0.00000001', 8], ['0.25', 2], ['0.005', 3]),
      (steps, [text, decimals]) => {
        const units = Number(String(text).replace('.', ''));
        const digits = String(steps * units).padStart(Number(decimals) + 1, '0');
        const at = digits.length - Number(decimals);
        const decimal = Number(`${digits.slice(0, at)}.${digits.slice(at)}`);
        const step = new Step(Number(text));
        expect(step.down(decimal)).toBe(decimal);
        expect(step.up(decimal)).toBe(decimal);
        expect(step.down(steps * step.size)).toBe(decimal);
        expect(step.up(steps * step.size)).toBe(decimal);
      },
    ),
  );
});

test('a number between two multiples goes down to the one and up to the other', () => {
  const tick = new Step(0.01);
  expect([tick.down(1.239), tick.up(1.231)]).toEqual([1.23, 1.24]);
  expect([tick.down(0.0099), tick.up(0.0001)]).toEqual([0, 0.01]);
});

test('a step of 0 leaves every number as it is', () => {
  expect([new Step(0).down(0.1 + 0.2), new Step(0).up(Math.PI)]).toEqual([0.1 + 0.2, Math.PI]);
});

test('a step that is no short decimal is counted in whole steps all the same', () => {
  expect(new Step(1 / 3).down(1)).toBe(1);
  expect(new Step(1 / 3).up(1.1)).toBe(4 / 3);
});
