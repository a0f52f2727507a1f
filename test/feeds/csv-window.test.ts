import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWindow } from '../../src/feeds/csv/window.ts';

test('a window shows the source in order, with a line feed behind its last byte, where every scan stops', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 500 }),
      fc.integer({ min: 1, max: 64 }),
      fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 60 }),
      async (data, step, uses) => {
        let given = 0;
        const window = new ByteWindow(
          {
            async read(target) {
              expect(target.length).toBeLessThanOrEqual(step);
              const part = data.subarray(given, given + target.length);
              target.set(part);
              given += part.length;
              return part.length;
            },
          },
          step,
        );
        let seen = 0;
        for (const use of uses) {
          await window.fillTo(use);
          expect(window.length >= use || window.final).toBe(true);
          expect(window.bytes[window.end]).toBe(10);
          const part = window.bytes.subarray(window.start, window.end);
          expect(part).toEqual(data.subarray(seen, seen + part.length));
          const taken = Math.min(use, window.length);
          window.start += taken;
          seen += taken;
        }
      },
    ),
  );
});
