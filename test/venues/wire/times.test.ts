import { expect, test } from 'vitest';
import { writtenOut } from '../../../src/venues/wire/decimal.ts';
import { JsonCursor } from '../../../src/venues/wire/json-cursor.ts';
import { Members } from '../../../src/venues/wire/members.ts';
import { microsecondsOfSeconds, microsecondsOfText } from '../../../src/venues/wire/times.ts';

test('seconds with a fraction become whole microseconds, finer digits cut off', () => {
  expect(microsecondsOfSeconds('1618678133.365913')).toBe(1618678133365913);
  expect(microsecondsOfSeconds('1626993904.1557319')).toBe(1626993904155731);
  expect(microsecondsOfSeconds('1626993904.5')).toBe(1626993904500000);
  expect(microsecondsOfSeconds('1626993904')).toBe(1626993904000000);
  for (const text of ['', 'now', '-1', '1e9', '1.'])
    expect(() => microsecondsOfSeconds(text)).toThrow('time');
});

test('times in words of the calendar become whole microseconds, whatever their zone and digits', () => {
  const whole = Date.UTC(2026, 7, 12, 19, 28, 44) * 1000;
  expect(microsecondsOfText('2026-08-12T19:28:44Z')).toBe(whole);
  expect(microsecondsOfText('2026-08-12T19:28:44.084233010Z')).toBe(whole + 84233);
  expect(microsecondsOfText('2026-08-12T21:28:44.1+02:00')).toBe(whole + 100000);
  expect(microsecondsOfText('2026-08-12 19:28:44.000001+0000')).toBe(whole + 1);
  for (const text of ['', '2026-08-12', '2026-13-12T19:28:44Z', '2026-08-12T19:28:44']) {
    expect(() => microsecondsOfText(text)).toThrow('time');
  }
});

test('exponents are written out with every digit', () => {
  expect(writtenOut('9.121E-7')).toBe('0.0000009121');
  expect(writtenOut('1.50e-3')).toBe('0.00150');
  expect(writtenOut('12.5e3')).toBe('12500');
  expect(writtenOut('-1.25e1')).toBe('-12.5');
  expect(writtenOut('185.00')).toBe('185.00');
});

test('members are the texts of the wire, and what is missing or no number is refused by name', () => {
  const cursor = new JsonCursor();
  cursor.open(
    '{"price":1.50, "id":9007199254740993123, "side":"buy", "none":null, "more":{"a":[1]}, "bad":"x1"}',
  );
  const members = Members.ofObject(cursor);
  expect(members.decimal('price')).toBe('1.50');
  expect(members.text('id')).toBe('9007199254740993123');
  expect(members.optional('none')).toBe(null);
  expect(() => members.text('none')).toThrow('"none" is missing');
  expect(() => members.decimal('bad')).toThrow('"bad" is no number');
  expect(() => members.text('__proto__')).toThrow('missing');
});
