import { expect, test } from 'vitest';
import { Outbox } from '../../src/streaming/server/outbox.ts';

const bytes = (length: number, value: number) => Buffer.alloc(length, value);

test('what waits is taken together, in its order', () => {
  const outbox = new Outbox();
  outbox.add(Buffer.from('one '));
  outbox.add(Buffer.from('two '));
  expect(outbox.length).toBe(8);
  expect(outbox.take().toString()).toBe('one two ');
  expect(outbox.length).toBe(0);
});

test('memory that nobody reads any more is used again', () => {
  const outbox = new Outbox();
  outbox.add(bytes(1000, 1));
  const first = outbox.take();
  outbox.release(false);
  outbox.add(bytes(1000, 2));
  const second = outbox.take();
  expect(second.buffer).toBe(first.buffer);
  expect(second.byteOffset).toBe(first.byteOffset);
});

test('what somebody still reads is never written over, whatever comes and however much', () => {
  const outbox = new Outbox();
  const held: { readonly taken: Buffer; readonly value: number }[] = [];
  for (let round = 0; round < 300; round++) {
    const value = round % 251;
    const parts = 1 + (round % 7);
    for (let part = 0; part < parts; part++) outbox.add(bytes(1 + ((round * 7919) % 30_000), value));
    const taken = outbox.take();
    expect(taken.every(byte => byte === value)).toBe(true);
    const isHeld = round % 3 === 0;
    if (isHeld) held.push({ taken, value });
    outbox.release(isHeld);
    if (held.length > 20) held.shift();
    for (const one of held) expect(one.taken.compare(bytes(one.taken.length, one.value))).toBe(0);
  }
});
