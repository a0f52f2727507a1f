import { readTheme } from './theme.ts';

/** What a heat map shows: a run for each cell, -1 for none, rows from the bottom up. */
export interface HeatCells {
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly runs: Int32Array;
  /** A run's value; NaN where it has none. */
  readonly value: (run: number) => number;
  readonly written: (run: number) => string;
  readonly better: 'higher' | 'lower';
  readonly across: string;
  readonly up: string;
}

const LEFT = 64;
const BOTTOM = 40;
const TOP = 8;
/** Cells narrower than this have no room for a number, px. */
const ROOM = 44;

/** Draws the map as large as its frame; returns which run stands at a place on it, in px, or -1. */
export function drawHeat(canvas: HTMLCanvasElement, cells: HeatCells): (x: number, y: number) => number {
  const theme = readTheme();
  const { columns, rows, runs } = cells;
  const width = canvas.parentElement!.clientWidth;
  const cell = Math.max(3, (width - LEFT) / columns.length);
  const tall = Math.max(3, Math.min(cell, 36, 720 / rows.length));
  const height = TOP + tall * rows.length + BOTTOM;
  const ratio = devicePixelRatio;
  canvas.width = Math.round((LEFT + cell * columns.length) * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  canvas.style.width = `${LEFT + cell * columns.length}px`;
  const pen = canvas.getContext('2d')!;
  pen.scale(ratio, ratio);
  pen.font = `11px ${theme.font}`;
  const rank = ranksOf(cells);
  for (let row = 0; row < rows.length; row++) {
    for (let column = 0; column < columns.length; column++) {
      const run = runs[row * columns.length + column];
      const left = LEFT + column * cell;
      const top = TOP + (rows.length - 1 - row) * tall;
      const share = run < 0 ? Number.NaN : rank(cells.value(run));
      pen.globalAlpha = Number.isNaN(share) ? 1 : 0.12 + 0.88 * Math.abs(share * 2 - 1);
      pen.fillStyle = Number.isNaN(share) ? theme.grid : share >= 0.5 ? theme.up : theme.down;
      pen.fillRect(left, top, cell - (cell > 8 ? 1 : 0), tall - (tall > 8 ? 1 : 0));
      pen.globalAlpha = 1;
      if (run < 0 || cell < ROOM || tall < 14) continue;
      pen.fillStyle = theme.ink;
      pen.textAlign = 'center';
      pen.textBaseline = 'middle';
      pen.fillText(cells.written(run), left + cell / 2, top + tall / 2);
    }
  }
  pen.fillStyle = theme.muted;
  labels(pen, cells, cell, tall, height);
  return (x, y) => {
    const column = Math.floor((x - LEFT) / cell);
    const row = rows.length - 1 - Math.floor((y - TOP) / tall);
    const inside = column >= 0 && column < columns.length && row >= 0 && row < rows.length;
    return inside ? runs[row * columns.length + column] : -1;
  };
}

/** By rank, not by size: one run far off would leave no colours for the others. 1 is best. */
function ranksOf({ runs, value, better }: HeatCells): (value: number) => number {
  const sorted = Float64Array.from(
    runs.filter(run => run >= 0),
    value,
  )
    .filter(one => !Number.isNaN(one))
    .sort();
  return one => {
    if (Number.isNaN(one)) return Number.NaN;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < one) low = middle + 1;
      else high = middle;
    }
    const share = sorted.length < 2 ? 0.5 : low / (sorted.length - 1);
    return better === 'higher' ? share : 1 - share;
  };
}

function labels(
  pen: CanvasRenderingContext2D,
  { columns, rows, across, up }: HeatCells,
  cell: number,
  tall: number,
  height: number,
): void {
  const everyColumn = Math.ceil(44 / cell);
  pen.textAlign = 'center';
  pen.textBaseline = 'top';
  for (let i = 0; i < columns.length; i += everyColumn) {
    pen.fillText(columns[i], LEFT + (i + 0.5) * cell, height - BOTTOM + 4);
  }
  pen.fillText(across, LEFT + (columns.length * cell) / 2, height - 18);
  const everyRow = Math.ceil(14 / tall);
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  for (let i = 0; i < rows.length; i += everyRow) {
    pen.fillText(rows[i], LEFT - 6, TOP + (rows.length - i - 0.5) * tall);
  }
  pen.textAlign = 'left';
  pen.fillText(up, 2, height - BOTTOM + 10);
}
