import { DataError } from '../model/errors.ts';

/** First line of a capture. `venue` and `symbols` are the venue's own words. */
export interface CaptureHeader {
  readonly kind: 'header';
  readonly venue: string;
  readonly symbols: readonly string[];
  readonly channels: readonly string[];
  /** Decimals of instruments whose frames do not show them. */
  readonly instruments?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * A line of a capture, in the order of what happened. `t` is the receive time, seconds since the epoch, UTC; `p`, where it
 * is, the time at which the records that came of it were published.
 */
export type CaptureLine =
  | CaptureHeader
  | {
      readonly kind: 'connect';
      readonly t: number;
      readonly p?: number;
      readonly conn: number;
      readonly url: string;
    }
  | {
      readonly kind: 'send';
      readonly t: number;
      readonly p?: number;
      readonly conn: number;
      readonly text: string;
    }
  | {
      readonly kind: 'recv';
      readonly t: number;
      readonly p?: number;
      readonly conn: number;
      readonly text: string;
    }
  | {
      readonly kind: 'recv';
      readonly t: number;
      readonly p?: number;
      readonly conn: number;
      readonly b64: string;
    }
  | {
      readonly kind: 'close';
      readonly t: number;
      readonly p?: number;
      readonly conn: number;
      readonly reason: string;
    }
  | { readonly kind: 'lost'; readonly lines: number }
  | {
      readonly kind: 'http';
      readonly t: number;
      readonly p?: number;
      readonly method: string;
      readonly url: string;
      readonly status: number;
      readonly text: string;
    };

type Member = 'text' | 'number' | 'integer' | 'address' | 'decimals';

const SOCKET = { t: 'number', conn: 'integer' } as const;

/** What a line of each kind must have. */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, Member>>>> = {
  header: { venue: 'text' },
  connect: { ...SOCKET, url: 'text' },
  send: { ...SOCKET, text: 'text' },
  recv: SOCKET,
  close: { ...SOCKET, reason: 'text' },
  http: { t: 'number', method: 'text', url: 'address', status: 'integer', text: 'text' },
  lost: { lines: 'integer' },
};
const OPTIONAL: Readonly<Record<string, Member>> = { p: 'number', instruments: 'decimals' };

const FITS: Readonly<Record<Member, (value: unknown) => boolean>> = {
  text: value => typeof value === 'string',
  number: value => Number.isFinite(value),
  integer: value => Number.isSafeInteger(value),
  address: value => typeof value === 'string' && URL.canParse(value),
  decimals: value =>
    isObject(value) &&
    Object.values(value).every(one => isObject(one) && Object.values(one).every(Number.isSafeInteger)),
};

/** Reads a line of a capture. Throws DataError `CAPTURE_LINE` where it is none, or lacks what its kind has. */
export function parseCaptureLine(file: string, line: number, text: string): CaptureLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, line, 'is not a line of a capture', text, cause);
  }
  const wrong = isObject(value) ? wrongMember(value) : 'is not a line of a capture';
  if (wrong !== undefined) throw invalid(file, line, wrong, text);
  return value as CaptureLine;
}

function wrongMember(line: Readonly<Record<string, unknown>>): string | undefined {
  const { kind } = line;
  if (typeof kind !== 'string' || !Object.hasOwn(MEMBERS, kind)) return 'has no kind that is known';
  for (const [name, member] of Object.entries(MEMBERS[kind])) {
    if (!FITS[member](line[name])) return `"${kind}" without a "${name}" that fits`;
  }
  for (const [name, member] of Object.entries(OPTIONAL)) {
    if (line[name] !== undefined && !FITS[member](line[name])) return `"${name}" does not fit`;
  }
  const frame = 'text' in line ? line.text : line.b64;
  return kind === 'recv' && typeof frame !== 'string' ? '"recv" without "text" or "b64"' : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(file: string, line: number, message: string, text: string, cause?: unknown): DataError {
  return new DataError('CAPTURE_LINE', message, {
    ...{ file, line, value: text.slice(0, 80), fix: 'see docs/capture.md for the format' },
    ...(cause === undefined ? {} : { cause }),
  });
}
