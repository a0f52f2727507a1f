/** What a terminal can show. */
export interface TerminalStyle {
  /** Columns. */
  readonly width: number;
  readonly colour: boolean;
  /** False: ASCII only. */
  readonly unicode: boolean;
}

export type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'bold' | 'dim';

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  green: [32, 39],
  red: [31, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  bold: [1, 22],
  dim: [2, 22],
};

export function paint(
  style: Pick<TerminalStyle, 'colour'>,
  colour: Colour | undefined,
  text: string,
): string {
  if (!style.colour || colour === undefined) return text;
  const [on, off] = CODES[colour];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/** Text of the run's own characters, or of ASCII where the terminal has no others. */
export function plain(style: Pick<TerminalStyle, 'unicode'>, text: string): string {
  if (style.unicode) return text;
  return text
    .replaceAll('·', '.')
    .replaceAll('–', '-')
    .replaceAll('∞', 'inf')
    .replaceAll('×', 'x')
    .replaceAll('…', '...');
}

/** `1,234.50`; `n/a` for NaN. */
export function number(value: number, decimals = 2): string {
  if (Number.isNaN(value)) return 'n/a';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  return withoutNegativeZero(
    value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
  );
}

/** Money in quote, with more decimals the smaller it is. */
export function money(value: number): string {
  const size = Math.abs(value);
  return number(value, size >= 1e7 ? 0 : size >= 1 || size === 0 ? 2 : 6);
}

/** A fraction in percent: 0.0321 → `3.21 %`; `signed` puts a plus before gains. */
export function percent(fraction: number, signed = false): string {
  const text = number(fraction * 100);
  if (Number.isNaN(fraction)) return text;
  return `${signed && fraction > 0 && !/^[0.,]+$/.test(text) ? '+' : ''}${text} %`;
}

/** `312 days`, `7.5 hours`. */
export function duration(ms: number): string {
  if (Number.isNaN(ms)) return 'n/a';
  const units = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
  ] as const;
  for (const [length, name] of units) {
    if (ms < length) continue;
    const count = ms / length;
    const text = number(count, count >= 10 || Number.isInteger(count) ? 0 : 1);
    return `${text} ${name}${text === '1' ? '' : 's'}`;
  }
  return `${number(ms / 1000, 0)} s`;
}

/** `2024-01-31 15:00`, UTC. */
export function utcTime(time: number): string {
  if (!Number.isFinite(time)) return 'n/a';
  const text = new Date(time).toISOString().replace('T', ' ');
  return text.endsWith(':00.000Z')
    ? text.slice(0, 16)
    : text.endsWith('.000Z')
      ? text.slice(0, 19)
      : text.slice(0, 23);
}

function withoutNegativeZero(text: string): string {
  return /^-[0.,]+$/.test(text) ? text.slice(1) : text;
}
