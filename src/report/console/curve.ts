import { number, paint, plain, type TerminalStyle } from './format.ts';

export interface CurveInput {
  /** Epoch ms UTC, ascending. */
  readonly time: ArrayLike<number>;
  readonly value: ArrayLike<number>;
  /** Drawn as a dotted line across: where the account began. */
  readonly base: number;
}

/** Dots of a braille character by row and column, as bits of its code point above U+2800. */
const BRAILLE = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/**
 * A curve as lines of text, `rows` high and as wide as the style allows: braille dots, or asterisks in ASCII. Each
 * column of dots spans the lowest to the highest value of its stretch of time, so that no spike is lost.
 */
export function drawCurve(input: CurveInput, style: TerminalStyle, rows = 8): string[] {
  const { time, value, base } = input;
  const count = value.length;
  if (count < 2) return [];
  const { low, high } = extent(value, base);
  const labels = axisLabels(low, high, rows);
  const margin = Math.max(...labels.map(label => label.length)) + 2;
  const columns = Math.max(10, style.width - margin - 1);
  const [across, down] = style.unicode ? [2, 4] : [1, 1];
  const width = columns * across;
  const height = rows * down;
  const row = (v: number) => Math.min(height - 1, Math.round(((high - v) / (high - low)) * (height - 1)));
  const cells = new Uint8Array(columns * rows);
  const dot = (x: number, y: number) => {
    const cell = Math.floor(y / down) * columns + Math.floor(x / across);
    cells[cell] |= style.unicode ? BRAILLE[y % 4][x % 2] : 1;
  };
  const baseRow = row(base);
  const dotted = new Uint8Array(columns * rows);
  const start = time[0];
  const span = time[count - 1] - start;
  let i = 0;
  let before = row(value[0]);
  for (let x = 0; x < width; x++) {
    // The stretch of time that this column of dots stands for; one without a value goes on level.
    const end = start + (span * (x + 1)) / width;
    let top = before;
    let bottom = before;
    for (; i < count && (time[i] <= end || x === width - 1); i++) {
      before = row(value[i]);
      top = Math.min(top, before);
      bottom = Math.max(bottom, before);
    }
    for (let y = top; y <= bottom; y++) dot(x, y);
    if (x % (across * 2) === 0) dotted[Math.floor(baseRow / down) * columns + Math.floor(x / across)] = 1;
  }
  const axis = style.unicode ? '│' : '|';
  const lines: string[] = [];
  for (let r = 0; r < rows; r++) {
    let line = paint(style, 'dim', `${labels[r].padStart(margin - 2)} ${axis}`);
    const from = r * columns;
    const last = lastDrawn(cells, dotted, from, from + columns);
    for (let c = from; c < last; ) {
      // Colours cost characters: neighbours of one kind are painted at once.
      const curve = cells[c] !== 0;
      let text = '';
      for (; c < last && (cells[c] !== 0) === curve; c++) {
        if (!curve) text += dotted[c] === 1 ? plain(style, '·') : ' ';
        else text += style.unicode ? String.fromCharCode(0x2800 + cells[c]) : '*';
      }
      line += paint(style, curve ? 'cyan' : 'dim', text);
    }
    lines.push(line);
  }
  lines.push(paint(style, 'dim', dates(start, start + span, columns, margin)));
  return lines;
}

/** The cell after the last one that holds anything. */
function lastDrawn(cells: Uint8Array, dotted: Uint8Array, from: number, to: number): number {
  while (to > from && cells[to - 1] === 0 && dotted[to - 1] === 0) to--;
  return to;
}

function extent(value: ArrayLike<number>, base: number): { low: number; high: number } {
  let low = base;
  let high = base;
  for (let i = 0; i < value.length; i++) {
    if (value[i] < low) low = value[i];
    if (value[i] > high) high = value[i];
  }
  if (low === high) {
    const room = Math.abs(low) * 0.01 || 1;
    return { low: low - room, high: high + room };
  }
  return { low, high };
}

/** Labels for the first, the last and the middle rows; the others are empty. */
function axisLabels(low: number, high: number, rows: number): string[] {
  const decimals = high - low >= 20 ? 0 : high - low >= 0.2 ? 2 : 6;
  const labelled = new Set([0, Math.floor((rows - 1) / 2), rows - 1]);
  return Array.from({ length: rows }, (_, r) =>
    labelled.has(r) ? number(high - ((high - low) * r) / (rows - 1), decimals) : '',
  );
}

/** The axis of time: as many stamps, evenly spread, as fit. */
function dates(from: number, to: number, columns: number, margin: number): string {
  const size = to - from > 4 * 86_400_000 ? 10 : 16;
  const count = Math.max(2, Math.min(5, Math.floor(columns / (size + 6)) + 1));
  let line = ' '.repeat(margin);
  for (let n = 0; n < count; n++) {
    const text = new Date(from + ((to - from) * n) / (count - 1))
      .toISOString()
      .replace('T', ' ')
      .slice(0, size);
    const centre = margin + (columns * n) / (count - 1);
    const at = Math.round(Math.min(margin + columns - size, Math.max(margin, centre - size / 2)));
    if (n > 0 && at <= line.length) continue;
    line = line.padEnd(at) + text;
  }
  return line;
}
