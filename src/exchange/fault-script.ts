import { InputError, suggestion } from '../model/errors.ts';

/** What can go wrong, by the name it has in scripts. */
export const FAULT_KINDS = [
  'drop',
  'duplicate',
  'delay',
  'reorder',
  'missing-close',
  'cut',
  'halfopen',
  'shutdown',
  'reject-connect',
  'skew',
  'rest-slow',
  'rest-hang',
  'rest-broken',
  'rest-5xx',
  'rest-429',
  'rest-418',
  'rest-lag',
  'order-lost',
  'order-503',
  'order-503-not',
  'order-late',
  'order-never',
  'order-unseen',
  'order-429',
  'order-race',
  'order-partial',
  'order-stuck',
  'order-expired',
  'cancel-only',
  'report-drop',
  'report-duplicate',
  'report-reorder',
  'report-delay',
  'account-cut',
  'account-halfopen',
  'account-1021',
  'account-2015',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One line of a script. */
export interface Fault {
  readonly kind: FaultKind;
  /** Chance of each occasion, 0 … 1; 0 for a fault that happens at a certain time. */
  readonly rate: number;
  /** Market ms after the replay began; undefined for a fault by chance. */
  readonly at: number | undefined;
  /** How long or how much, ms: equally likely from least to most. */
  readonly least: number;
  readonly most: number;
}

export type FaultScript = readonly Fault[];

interface Form {
  /** `name=RATE`. */
  readonly byChance: boolean;
  /** `name@TIME`. */
  readonly atTime: boolean;
  /** What follows a colon when nothing does, ms; undefined where nothing may follow. */
  readonly amount?: readonly [number, number];
}

const CHANCE: Form = { byChance: true, atTime: false };
const FORMS: Readonly<Record<Exclude<FaultKind, 'skew' | 'rest-lag'>, Form>> = {
  drop: CHANCE,
  duplicate: CHANCE,
  delay: { ...CHANCE, amount: [500, 5000] },
  reorder: CHANCE,
  'missing-close': CHANCE,
  cut: { byChance: true, atTime: true },
  halfopen: { byChance: true, atTime: true },
  shutdown: { byChance: true, atTime: true, amount: [10_000, 10_000] },
  'reject-connect': CHANCE,
  'rest-slow': { ...CHANCE, amount: [500, 5000] },
  'rest-hang': CHANCE,
  'rest-broken': CHANCE,
  'rest-5xx': CHANCE,
  'rest-429': { ...CHANCE, amount: [1000, 5000] },
  'rest-418': { byChance: true, atTime: true, amount: [120_000, 120_000] },
  'order-lost': CHANCE,
  'order-503': CHANCE,
  'order-503-not': CHANCE,
  'order-late': { ...CHANCE, amount: [0, 4000] },
  'order-never': CHANCE,
  'order-unseen': { ...CHANCE, amount: [1000, 5000] },
  'order-429': { ...CHANCE, amount: [1000, 5000] },
  'order-race': CHANCE,
  'order-partial': CHANCE,
  'order-stuck': CHANCE,
  'order-expired': CHANCE,
  'cancel-only': { byChance: false, atTime: true, amount: [600_000, 600_000] },
  'report-drop': CHANCE,
  'report-duplicate': CHANCE,
  'report-reorder': CHANCE,
  'report-delay': { ...CHANCE, amount: [500, 5000] },
  'account-cut': { byChance: true, atTime: true },
  'account-halfopen': { byChance: true, atTime: true },
  'account-1021': CHANCE,
  'account-2015': CHANCE,
};

const DURATION = /^(-?\d+(?:\.\d+)?)(ms|s|m|h|d)?$/;
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads a script: entries parted by commas or line ends, `NAME=RATE[:MS[..MS]]`, `NAME@TIME[:MS]`, `skew=MS`,
 * `rest-lag=MS`; MS and TIME may have a unit (`30s`, `10m`, `1h`). Throws `FAULTS_INVALID`.
 */
export function parseFaults(script: string): FaultScript {
  return script
    .split(/[,\n]/)
    .map(entry => entry.replace(/#.*/, '').trim())
    .filter(entry => entry !== '')
    .map(parseFault);
}

/** The same from a JSON file: an object of names, each with what stands behind it, or an array of that. */
export function faultsFromJson(text: string): FaultScript {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw invalid(text.slice(0, 40), 'the file is no JSON', { cause });
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(text.slice(0, 40), 'the file is no object of names');
  }
  return Object.entries(given).flatMap(([name, values]) =>
    [values]
      .flat()
      .map(value => parseFault(String(value).startsWith('@') ? name + value : `${name}=${value}`)),
  );
}

function parseFault(entry: string): Fault {
  const [, name, sign, value] = /^([a-z0-9-]+)\s*([=@])\s*(.+)$/.exec(entry) ?? [];
  if (name === undefined) throw invalid(entry, 'this is no NAME=RATE and no NAME@TIME');
  const kind = FAULT_KINDS.find(known => known === name);
  if (kind === undefined) throw invalid(entry, suggestion(name, FAULT_KINDS));
  if (kind === 'skew' || kind === 'rest-lag') {
    if (sign === '@') throw invalid(entry, `write ${kind}=MS`);
    const amount = duration(entry, value, kind === 'skew');
    return { kind, rate: 1, at: undefined, least: amount, most: amount };
  }
  const form = FORMS[kind];
  const [first, amounts, ...rest] = value.split(':');
  if (rest.length > 0 || (amounts !== undefined && form.amount === undefined)) {
    throw invalid(
      entry,
      `${kind} takes ${form.amount === undefined ? 'nothing' : 'one duration'} after a colon`,
    );
  }
  const [least, most] = amounts === undefined ? (form.amount ?? [0, 0]) : range(entry, amounts);
  if (sign === '@') {
    if (!form.atTime) throw invalid(entry, `${kind} happens by chance: write ${kind}=0.01`);
    return { kind, rate: 0, at: duration(entry, first, false), least, most };
  }
  if (!form.byChance) throw invalid(entry, `${kind} happens at a time: write ${kind}@30m`);
  const rate = /^\d*\.?\d+$/.test(first) ? Number(first) : Number.NaN;
  if (!(rate >= 0 && rate <= 1)) throw invalid(entry, 'a rate is a number from 0 to 1');
  return { kind, rate, at: undefined, least, most };
}

function range(entry: string, text: string): readonly [number, number] {
  const [from, to, ...rest] = text.split('..');
  const least = duration(entry, from, false);
  const most = to === undefined ? least : duration(entry, to, false);
  if (rest.length > 0 || most < least) throw invalid(entry, 'a range is written 500..5000');
  return [least, most];
}

/** In ms. */
function duration(entry: string, text: string, mayBeNegative: boolean): number {
  const [, digits, unit = 'ms'] = DURATION.exec(text.trim()) ?? [];
  const value = Number(digits) * UNITS[unit as keyof typeof UNITS];
  if (Number.isNaN(value) || (value < 0 && !mayBeNegative)) {
    throw invalid(entry, `"${text}" is no duration: write 500, 30s, 10m or 1h`);
  }
  return Math.round(value);
}

function invalid(entry: string, fix: string, details: { cause?: unknown } = {}): InputError {
  return new InputError('FAULTS_INVALID', `the fault "${entry}" cannot be read`, {
    value: entry,
    limit: FAULT_KINDS,
    fix,
    ...details,
  });
}
