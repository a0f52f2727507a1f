/** Middle tones, which read on light and on dark paper. */
export const COLORS = [
  ['blue', '#2f81f7'],
  ['orange', '#db7b00'],
  ['green', '#2da44e'],
  ['purple', '#9a6ee0'],
  ['red', '#e5534b'],
  ['teal', '#1b9e9e'],
  ['pink', '#d6409f'],
] as const;

export const PRICE = '#8b949e';
const UP = '#2da44e';
const DOWN = '#e5534b';

export interface Scale {
  readonly low: number;
  readonly high: number;
  /** Of the upper edge, and down to the lower one. */
  readonly top: number;
  readonly height: number;
}

export const WIDTH = 1280;

export function scaleOf(values: Iterable<number>, top: number, height: number): Scale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 1, high + 1];
  return { low, high, top, height };
}

export function y({ low, high, top, height }: Scale, value: number): number {
  return Math.round(top + ((high - value) / (high - low)) * height);
}

const step = (count: number) => WIDTH / count;

export const x = (i: number, count: number) => Math.round((i + 0.5) * step(count));

/** A line through the values, in whole units and relative steps; a NaN breaks it. */
export function path(values: ArrayLike<number>, scale: Scale, stroke: string, extra = ''): string {
  let d = '';
  let at: readonly [number, number] | undefined;
  let relative = false;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      at = undefined;
      continue;
    }
    const to = [x(i, values.length), y(scale, values[i])] as const;
    if (at === undefined) d += `M${to[0]} ${to[1]}`;
    else d += `${relative ? ' ' : 'l'}${to[0] - at[0]} ${to[1] - at[1]}`;
    relative = at !== undefined;
    at = to;
  }
  return d === '' ? '' : `<path d="${d.replaceAll(' -', '-')}" stroke="${stroke}"${extra}/>`;
}

/** A level that is kept until the next bar, for lines of few values. */
export function steps(values: ArrayLike<number>, scale: Scale, stroke: string): string {
  let d = '';
  let last: number | undefined;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      last = undefined;
      continue;
    }
    const left = Math.round(i * step(values.length));
    const level = y(scale, values[i]);
    if (last === undefined) d += `M${left} ${level}`;
    else if (level !== last) d += `H${left}V${level}`;
    if (i === values.length - 1 || !Number.isFinite(values[i + 1])) {
      d += `H${Math.round((i + 1) * step(values.length))}`;
    }
    last = level;
  }
  return `<path d="${d}" stroke="${stroke}"/>`;
}

/** Bars from 0. */
export function columns(values: ArrayLike<number>, scale: Scale, stroke: string): string {
  let d = '';
  const zero = y(scale, 0);
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) d += `M${x(i, values.length)} ${zero}V${y(scale, values[i])}`;
  }
  return `<path d="${d}" stroke="${stroke}" stroke-width="4" opacity=".55"/>`;
}

/** A level across the picture. */
export function level(at: number): string {
  return `<path d="M0 ${at}H${WIDTH}" stroke="${PRICE}" stroke-width="1" stroke-dasharray="4 6"/>`;
}

export interface Candle {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export function candle({ open, high, low, close }: Candle, i: number, count: number, scale: Scale): string {
  const color = close >= open ? UP : DOWN;
  const middle = x(i, count);
  const half = Math.round(step(count) * 0.32);
  const top = y(scale, Math.max(open, close));
  const height = Math.max(2, y(scale, Math.min(open, close)) - top);
  return (
    `<path d="M${middle} ${y(scale, high)}V${y(scale, low)}" stroke="${color}"/>` +
    `<rect x="${middle - half}" y="${top}" width="${2 * half}" height="${height}" fill="${color}"/>`
  );
}

/** Marks the bars from `from` to `to`. */
export function mark(from: number, to: number, count: number, height: number): string {
  const left = Math.round(from * step(count));
  const width = Math.round((to - from + 1) * step(count));
  return `<rect x="${left}" width="${width}" height="${height}" fill="${COLORS[0][1]}" opacity=".14"/>`;
}

export function svg(title: string, height: number, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="640" height="${height / 2}" fill="none" stroke-width="3" stroke-linejoin="round">`;
  return `${head}\n<title>${title}</title>\n${parts.filter(part => part !== '').join('\n')}\n</svg>\n`;
}
