import { money, number, percent } from '../data/format.ts';
import type { SweepPayload } from '../data/sweep-payload.ts';
import { element, find, setText } from './dom.ts';
import { drawHeat, type HeatCells } from './heat-map.ts';
import { onThemeChange } from './theme.ts';

/** Of an axis that is not on the map: the best over all its values. */
const BEST = 'best';

const sweep = JSON.parse(find('#sweep').textContent ?? '') as SweepPayload;
const form = find<HTMLFormElement>('.choices');
const canvas = find<HTMLCanvasElement>('.map canvas');
const output = find<HTMLOutputElement>('.cell');

const varying = sweep.axes.map((_, i) => i).filter(i => sweep.axes[i].values.length > 1);
const byWidth = varying.toSorted((a, b) => sweep.axes[b].values.length - sweep.axes[a].values.length);
const chosen = {
  figure: 0,
  // The two longest axes say most; an axis that does not vary still makes a map of one row.
  x: byWidth[0] ?? 0,
  y: byWidth[1] ?? byWidth[0] ?? 0,
  others: sweep.axes.map((): number | typeof BEST => BEST),
};
let cells: HeatCells | undefined;

function choice(
  title: string,
  options: readonly [string, string][],
  value: string,
  change: (value: string) => void,
) {
  const list = element(
    'select',
    '',
    ...options.map(([id, name]) => {
      const option = element('option', '', name);
      option.value = id;
      return option;
    }),
  );
  list.value = value;
  list.addEventListener('change', () => {
    change(list.value);
    update();
  });
  return element('label', '', `${title} `, list);
}

function choices(): void {
  const names = sweep.axes.map((axis, i): [string, string] => [String(i), axis.name]);
  const figures = sweep.figures.map(({ title }, i): [string, string] => [String(i), title]);
  const made = [
    choice('Figure', figures, String(chosen.figure), value => {
      chosen.figure = Number(value);
    }),
    choice('Across', names, String(chosen.x), value => {
      chosen.x = Number(value);
    }),
    choice('Up', names, String(chosen.y), value => {
      chosen.y = Number(value);
    }),
  ];
  for (const i of varying) {
    if (i === chosen.x || i === chosen.y) continue;
    const values = sweep.axes[i].values.map((value, at): [string, string] => [String(at), value]);
    made.push(
      choice(sweep.axes[i].name, [[BEST, 'best of all'], ...values], String(chosen.others[i]), value => {
        chosen.others[i] = value === BEST ? BEST : Number(value);
      }),
    );
  }
  form.replaceChildren(...made);
}

/** The best run of each cell among those that the other choices leave. */
function cellsOf(): HeatCells {
  const { x, y } = chosen;
  const flat = x === y;
  const { values, better } = sweep.figures[chosen.figure];
  const columns = sweep.axes[x].values;
  const rows = flat ? [''] : sweep.axes[y].values;
  const runs = new Int32Array(columns.length * rows.length).fill(-1);
  const sign = better === 'higher' ? 1 : -1;
  const score = (run: number) => (values[run] === '' ? Number.NEGATIVE_INFINITY : sign * Number(values[run]));
  for (let run = 0; run < sweep.numbers.length; run++) {
    const isOff = varying.some(i => {
      const other = chosen.others[i];
      return i !== x && i !== y && other !== BEST && sweep.positions[i][run] !== other;
    });
    if (isOff) continue;
    const cell = (flat ? 0 : sweep.positions[y][run]) * columns.length + sweep.positions[x][run];
    if (runs[cell] < 0 || score(run) > score(runs[cell])) runs[cell] = run;
  }
  return {
    columns,
    rows,
    runs,
    value: run => (values[run] === '' ? Number.NaN : Number(values[run])),
    better,
    written: run => written(chosen.figure, run),
    across: sweep.axes[x].name,
    up: flat ? '' : sweep.axes[y].name,
  };
}

function written(figure: number, run: number): string {
  const { unit, values } = sweep.figures[figure];
  if (values[run] === '') return '–';
  const value = Number(values[run]);
  if (unit === 'fraction') return percent(value);
  return unit === 'money' ? money(value) : number(value, unit === 'count' ? 0 : 2);
}

function tell(run: number): void {
  if (run < 0) {
    setText(output, 'Point at a cell.');
    return;
  }
  const params = sweep.axes.map((axis, i) => `${axis.name}=${axis.values[sweep.positions[i][run]]}`);
  const figures = sweep.figures.slice(0, 6).map(({ title }, i) => `${title} ${written(i, run)}`);
  setText(output, `${params.join(' ')}   ·   ${figures.join(' · ')}`);
}

function update(): void {
  choices();
  cells = cellsOf();
  redraw();
  tell(-1);
}

let at: (x: number, y: number) => number = () => -1;

function redraw(): void {
  if (cells !== undefined) at = drawHeat(canvas, cells);
}

form.addEventListener('submit', event => event.preventDefault());
canvas.addEventListener('pointermove', event => {
  const box = canvas.getBoundingClientRect();
  tell(at(event.clientX - box.left, event.clientY - box.top));
});
new ResizeObserver(redraw).observe(find('.map'));
onThemeChange(redraw);
update();
