import { type Commission, makerTakerCommission } from '../../brokers/simulated/commission.ts';
import { fixedSize } from '../../engine/sizers/fixed.ts';
import { allIn, percentOfValue } from '../../engine/sizers/percent.ts';
import { riskOf } from '../../engine/sizers/risk.ts';
import type { Sizer } from '../../engine/sizers/sizer.ts';
import { InputError } from '../../model/errors.ts';

/** `commission` as an option, `--commission`, or a key of the config: how messages call what was given. */
type Name = string;

function invalid(name: Name, value: unknown, fix: string): InputError {
  return new InputError('OPTION_INVALID', `${name} was ${JSON.stringify(value)}`, { value, limit: fix, fix });
}

/** A number; thousands may be parted by underscores, as in code. */
export function parseNumber(name: Name, text: string | number): number {
  const value = typeof text === 'number' ? text : Number(text.replace(/(?<=\d)_(?=\d)/g, ''));
  if (!Number.isFinite(value) || (typeof text === 'string' && text.trim() === '')) {
    throw invalid(name, text, 'give a number, such as 10000 or 0.5');
  }
  return value;
}

export function parseCount(name: Name, text: string | number, least = 0): number {
  const value = parseNumber(name, text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw invalid(name, text, `give a whole number, ${least} or more`);
  }
  return value;
}

/** A port to listen on; 0 for any that is free. */
export function parsePort(name: Name, text: string | number): number {
  const port = parseCount(name, text);
  if (port > 65_535) throw invalid(name, text, 'give a port up to 65535, or 0 for any that is free');
  return port;
}

/** `0.001` is a fraction, `0.1%` the same in percent. */
export function parseFraction(name: Name, text: string | number): number {
  if (typeof text === 'number') return parseNumber(name, text);
  const percent = /^(.*\S)\s*%$/.exec(text.trim());
  const digits = (percent?.[1] ?? text).trim();
  const value = Number(digits);
  if (!/^[\d.][\d._e-]*$/i.test(digits) || !Number.isFinite(value)) {
    throw invalid(name, text, 'give a fraction or a percentage: 0.001 or 0.1%');
  }
  // Division, not multiplication by 0.01: 0.1 % is to be exactly 0.001.
  return percent === null ? value : value / 100;
}

/** A rate, or `maker:0.02%,taker:0.05%`, in either order. */
export function parseCommission(name: Name, given: string | number | Commission): number | Commission {
  if (typeof given === 'object') return given;
  if (typeof given === 'number' || !given.includes(':')) return parseFraction(name, given);
  const rates = new Map<string, number>();
  for (const part of given.split(',')) {
    const [kind, rate] = part.split(':').map(word => word.trim());
    if (rate === undefined || rates.has(kind)) throw invalid(name, given, COMMISSION);
    rates.set(kind, parseFraction(name, rate));
  }
  const [maker, taker] = [rates.get('maker'), rates.get('taker')];
  if (rates.size !== 2 || maker === undefined || taker === undefined) throw invalid(name, given, COMMISSION);
  return makerTakerCommission({ maker, taker });
}

const COMMISSION = 'give one rate, 0.001 or 0.1%, or both: maker:0.02%,taker:0.05%';

/** `all-in`, `percent:50`, `fixed:0.1` or `risk:1%`. */
export function parseSizer(name: Name, given: string | Sizer): Sizer {
  if (typeof given !== 'string') return given;
  const fix =
    'use all-in, percent:50 (of the account), fixed:0.1 (base units) or risk:1% (of the account, at the stop)';
  const [kind, amount, ...rest] = given.split(':');
  if (rest.length === 0) {
    if (kind === 'all-in' && amount === undefined) return allIn();
    if (kind === 'percent' && amount) return percentOfValue(parseNumber(name, amount.replace(/%$/, '')));
    if (kind === 'fixed' && amount) return fixedSize(parseNumber(name, amount));
    if (kind === 'risk' && amount) return riskOf({ fraction: parseFraction(name, amount) });
  }
  throw invalid(name, given, fix);
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** An ISO date or date-time, UTC unless it names a zone, or epoch ms; as epoch ms. */
export function parseTime(name: Name, given: string | number | Date): number {
  const fix = 'give a date (2024-01-31), a date-time (2024-01-31T15:00Z) or epoch milliseconds';
  if (given instanceof Date || typeof given === 'number') {
    const time = Number(given);
    if (!Number.isFinite(time)) throw invalid(name, given, fix);
    return time;
  }
  const text = given.trim();
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const parts = DATE.exec(text);
  if (parts === null) throw invalid(name, given, fix);
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = parts;
  // Date.parse takes 30 February for 1 March; a mistyped date must not move a run.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    throw invalid(name, given, 'give a day that exists');
  }
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  if (Number.isNaN(time)) throw invalid(name, given, fix);
  return time;
}

/** `fast=5` → `['fast', '5']`. */
export function parseAssignment(name: Name, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw invalid(name, text, `write ${name} name=value, such as ${name} fast=5`);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
