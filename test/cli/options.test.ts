import { expect, test } from 'vitest';
import {
  parseAssignment,
  parseCommission,
  parseCount,
  parseFraction,
  parseNumber,
  parseSizer,
  parseTime,
} from '../../src/cli/options/options.ts';

test.each([
  ['2024-01-31', '2024-01-31T00:00:00Z'],
  ['2024-01-31T15:00', '2024-01-31T15:00:00Z'],
  ['2024-01-31 15:00:30', '2024-01-31T15:00:30Z'],
  ['2024-01-31T15:00Z', '2024-01-31T15:00:00Z'],
  ['2024-01-31T15:00+02:00', '2024-01-31T13:00:00Z'],
  ['2024-01-31T15:00-0530', '2024-01-31T20:30:00Z'],
  ['2024-02-29', '2024-02-29T00:00:00Z'],
  ['1706713200000', '2024-01-31T15:00:00Z'],
])('the time %s is %s', (text, iso) => {
  expect(parseTime('--from', text)).toBe(Date.parse(iso));
});

test('a Date and a number are taken as they are', () => {
  expect(parseTime('from', new Date(5))).toBe(5);
  expect(parseTime('from', 5)).toBe(5);
});

test.each(['', '2024', '2024-13-01', '2023-02-29', '31.01.2024', '2024-01-31T25:00', '1706713200', 'now'])(
  'the time "%s" is refused',
  text => {
    expect(() => parseTime('--from', text)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  },
);

test.each([
  ['0.001', 0.001],
  ['0.1%', 0.001],
  ['0.1 %', 0.001],
  ['7%', 0.07],
  ['0', 0],
  ['.5', 0.5],
])('the rate %s is %d', (text, fraction) => {
  expect(parseFraction('--commission', text)).toBe(fraction);
});

test.each(['', '%', '0.1%%', '-1', 'abc', 'Infinity', '0x1'])('the rate "%s" is refused', text => {
  expect(() => parseFraction('--commission', text)).toThrow('give a fraction or a percentage');
});

test('a commission is one rate, or one for makers and one for takers', () => {
  expect(parseCommission('--commission', '0.1%')).toBe(0.001);
  expect(parseCommission('commission', 0.002)).toBe(0.002);
  for (const text of ['maker:0.02%,taker:0.05%', 'taker:0.0005, maker:0.0002']) {
    const both = parseCommission('--commission', text);
    expect(both).toMatchObject({ label: 'maker 0.02 %, taker 0.05 %' });
  }
  const own = { label: 'own', fee: () => 0, affordable: () => 0 };
  expect(parseCommission('commission', own)).toBe(own);
});

test.each([
  'maker:0.1%',
  'maker:1%,maker:1%',
  'maker:1%,taker',
  'maker:1%,taker:1%,other:1%',
  'maker:x,taker:1%',
])('the commission "%s" is refused', text => {
  expect(() => parseCommission('--commission', text)).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID' }),
  );
});

test('numbers may be parted by underscores, counts must be whole', () => {
  expect(parseNumber('--cash', '1_000_000.5')).toBe(1_000_000.5);
  expect(() => parseNumber('--cash', ' ')).toThrow('give a number');
  expect(parseCount('--warmup', '200')).toBe(200);
  expect(() => parseCount('--bars', '0', 1)).toThrow('1 or more');
});

test('sizers are read by their kind', () => {
  expect(parseSizer('--sizer', 'all-in').label).toBe('all in');
  expect(parseSizer('--sizer', 'percent:25').label).toBe('25 % of value');
  expect(parseSizer('--sizer', 'percent:25%').label).toBe('25 % of value');
  expect(parseSizer('--sizer', 'fixed:0.5').label).toBe('fixed 0.5');
  for (const wrong of ['', 'all-in:5', 'percent', 'percent:', 'fixed:a', 'fixed:1:2']) {
    expect(() => parseSizer('--sizer', wrong)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  }
});

test('a parameter is a name, an equals sign and whatever follows', () => {
  expect(parseAssignment('--param', 'text=a=b')).toEqual(['text', 'a=b']);
  expect(parseAssignment('--param', 'text=')).toEqual(['text', '']);
  expect(() => parseAssignment('--param', '=5')).toThrow('write --param name=value');
});
