import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainDecimal, scaledNumber, scaledText } from '../../../src/venues/wire/decimal.ts';
import { FrameError, JsonCursor } from '../../../src/venues/wire/json-cursor.ts';

/** Reads any JSON by asking for what is there. */
function read(cursor: JsonCursor): unknown {
  if (cursor.isObject) {
    const object: [string, unknown][] = [];
    cursor.object();
    while (cursor.key()) {
      const key = cursor.value();
      object.push([key, read(cursor)]);
    }
    return Object.fromEntries(object);
  }
  if (cursor.isArray) {
    const items: unknown[] = [];
    cursor.array();
    while (cursor.item()) items.push(read(cursor));
    return items;
  }
  if (cursor.isString) return cursor.string();
  const first = String.fromCharCode(cursor.peek());
  if (first === 't' || first === 'f') return cursor.boolean();
  if (first === 'n') return cursor.scalar();
  return cursor.number();
}

function parse(text: string, how: (cursor: JsonCursor) => unknown = read): unknown {
  const cursor = new JsonCursor();
  cursor.open(text);
  const value = how(cursor);
  cursor.close();
  return value;
}

test('what JSON.parse reads is read alike, with or without blanks', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(undefined, 2), (value, blanks) => {
      const text = JSON.stringify(value, null, blanks);
      expect(parse(text)).toEqual(JSON.parse(text));
      parse(text, cursor => cursor.skip());
    }),
    { numRuns: 500 },
  );
});

test('what JSON.parse refuses is refused, wherever a text is cut or changed', () => {
  const text =
    '{"stream":"a@depth","data":{"U":12,"p":-0.5,"b":[["1.5","2e-3"],[1,2]],"x":true,"n":null,"s":"\\u00e9"}}';
  const isRefused = (changed: string) => {
    try {
      parse(changed, cursor => cursor.skip());
      return false;
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError);
      return true;
    }
  };
  const isJson = (changed: string) => {
    try {
      JSON.parse(changed);
      return true;
    } catch {
      return false;
    }
  };
  for (let at = 0; at < text.length; at++) {
    expect([text.slice(0, at), isRefused(text.slice(0, at))]).toEqual([text.slice(0, at), true]);
    for (const other of ['"', ',', '}', ']', '{', '[', ':', '1', 'x', '.', '-', '\n', '']) {
      const changed = text.slice(0, at) + other + text.slice(at + 1);
      // A cursor looks at escapes only where the text of the string is wanted.
      if (changed.includes('\\') && !changed.includes('\\u00e9')) continue;
      expect([changed, isRefused(changed)]).toEqual([changed, !isJson(changed)]);
    }
  }
});

test('nesting without end is refused, not followed', () => {
  expect(() => parse('['.repeat(100_000), cursor => cursor.skip())).toThrow(FrameError);
});

test.each([
  ['61837.63000000', 6183763000000, 8],
  ['"0.00000637"', 637, 8],
  ['9.121E-7', 9121, 10],
  ['1e3', 1000, 0],
  ['-0.0271834', -271834, 7],
  ['1500000000.00000000', 1500000000, 0],
  ['"1234567890.12345600000"', 1234567890123456, 6],
])('%s is its digits and their decimals', (text, mantissa, decimals) => {
  const cursor = new JsonCursor();
  cursor.open(text);
  cursor.decimal();
  expect([cursor.mantissa, cursor.decimals, cursor.isExact]).toEqual([mantissa, decimals, true]);
});

test('a decimal with more digits than a double is known to be one', () => {
  const cursor = new JsonCursor();
  cursor.open('2.2569981869977133124986364029626731768237');
  cursor.decimal();
  expect(cursor.isExact).toBe(false);
  expect(cursor.value()).toBe('2.2569981869977133124986364029626731768237');
});

test('digits and decimals are the text again, and the same double', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 18 }), (mantissa, decimals) => {
      const text = scaledText(mantissa, decimals);
      expect(scaledNumber(mantissa, decimals)).toBe(Number(text));
      expect(plainDecimal(text)).toBe(plainDecimal(`${mantissa}e-${decimals}`));
      const cursor = new JsonCursor();
      cursor.open(text);
      cursor.decimal();
      expect(scaledNumber(cursor.mantissa, cursor.decimals)).toBe(Number(text));
    }),
  );
});
