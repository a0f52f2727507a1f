import { createHash } from 'node:crypto';
import { FIGURES, type FigureName } from '../../research/figures.ts';
import type { SweepResult } from '../../research/optimize.ts';
import type { SweepRun } from '../../research/sweep.ts';
import { columnsBeside, type SweepOrigin } from '../sweep.ts';
import { money, number, percent } from './data/format.ts';
import type { SweepPayload } from './data/sweep-payload.ts';
import { html, jsonForScript, Markup, scriptText } from './markup.ts';
import { type PageBundle, readPageBundle } from './page-bundle.ts';
import { writeWhole } from './write-file.ts';

/** A page with more runs would be slow to open; the best of them are on it. */
const MOST_RUNS = 50_000;
const MOST_LISTED = 100;
/** Axes of numbers that were drawn have a value a run: the page puts them into this many bins. */
const BINS = 30;

/** Writes a sweep as one HTML file that needs no network: heat map, the best runs, how it was made. */
export async function writeSweepReport(
  result: SweepResult,
  origin: SweepOrigin,
  file: string,
): Promise<{ readonly bytes: number }> {
  const page = await readPageBundle('sweep-page');
  return writeWhole(file, [renderSweep(result, origin, page)]);
}

function renderSweep(result: SweepResult, origin: SweepOrigin, page: PageBundle): string {
  const { table, strategy } = result;
  const { combinations, objective } = table;
  const figures = listed(result);
  const runs = table.best(MOST_RUNS);
  const payload = payloadOf(result, runs, figures);
  const notes = [
    ...result.notes,
    ...(table.done < table.total ? [`Stopped: ${number(table.done)} of ${number(table.total)} runs.`] : []),
    ...(table.done > MOST_RUNS
      ? [`The best ${number(MOST_RUNS)} of ${number(table.done)} runs are on this page.`]
      : []),
    'The best of many runs is best by chance too: look at its neighbours, and try it on data that the sweep has not seen.',
  ];
  const hash = createHash('sha256').update(scriptText(page.script)).digest('base64');
  const policy = [
    ...["default-src 'none'", `script-src 'sha256-${hash}'`, "style-src 'unsafe-inline'"],
    ...['img-src data:', "base-uri 'none'", "form-action 'none'"],
  ].join('; ');
  return `<!doctype html>
${
  html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="qt-trader">
<title>${`Sweep of ${strategy} on ${origin.names.join(', ')}`}</title>
<style>${new Markup(page.style.replaceAll('</', '<\\/'))}</style>
</head>
<body class="sweep">
<header class="top">
<h1>${strategy}</h1>
<p class="about"><span>${origin.names.join(', ')}</span><span>${number(table.done)} runs</span><span>${number(result.bars)} bars</span><span>best by ${objective.label}</span></p>
</header>
<ul class="notes" aria-label="Notes">${notes.map(note => html`<li>${note}</li>`)}</ul>
<main>
<section class="panel heat" aria-label="Heat map">
<form class="choices"></form>
<div class="map"><canvas tabindex="0" role="img" aria-label="Heat map: each cell is a combination of two parameters"></canvas></div>
<output class="cell"></output>
<noscript><p class="empty">The heat map needs JavaScript.</p></noscript>
</section>
<section class="panel" aria-label="Best runs">${bestRuns(result, runs.slice(0, MOST_LISTED), figures)}
${setup(result, origin)}</section>
</main>
<script type="application/json" id="sweep">${new Markup(jsonForScript(payload))}</script>
`.text
}<script>${scriptText(page.script)}</script>
</body>
</html>
`;

  function setup({ fixed }: SweepResult, { where, search, strategyFile, codeHash }: SweepOrigin): Markup {
    const excluded = combinations.excluded;
    const rows: [string, string][] = [
      ...combinations.axes.map((axis): [string, string] => [
        axis.name,
        'values' in axis ? shortList(axis.values.map(String)) : `${axis.from} to ${axis.to}`,
      ]),
      ...Object.entries(fixed).map(([name, value]): [string, string] => [name, String(value)]),
      ...(where === undefined ? [] : [['Condition', where] as [string, string]]),
      ...(search === undefined ? [] : [['Search', Object.values(search).join(', ')] as [string, string]]),
      ...(excluded === undefined ? [] : [['Ruled out', number(excluded)] as [string, string]]),
      ['Failed', number(table.failed)],
      ...(strategyFile === undefined ? [] : [['Strategy', strategyFile] as [string, string]]),
      ...(codeHash === undefined ? [] : [['Code', codeHash.slice(0, 12)] as [string, string]]),
    ];
    return html`<section class="list"><h3>Setup</h3><dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>`;
  }
}

/** The figures on the page: the objective first. */
function listed({ table }: SweepResult): FigureName[] {
  const { figure } = table.objective;
  return [...(figure === undefined ? [] : [figure]), ...columnsBeside(figure), 'exposure', 'fees'].filter(
    (name, i, all): name is FigureName => all.indexOf(name) === i,
  );
}

function bestRuns({ table }: SweepResult, runs: readonly SweepRun[], figures: readonly FigureName[]): Markup {
  const names = table.combinations.axes.map(axis => axis.name);
  return html`<table class="runs"><caption>${runs.length < table.done ? `The best ${number(runs.length)} runs` : 'All runs, best first'}</caption><thead><tr><th scope="col">#</th>${[...names, ...figures.map(name => FIGURES[name].title)].map(title => html`<th scope="col">${title}</th>`)}</tr></thead><tbody>${runs.map(
    ({ params, figures: values, error }, i) =>
      html`<tr><th scope="row">${i + 1}</th>${names.map(name => html`<td>${String(params[name])}</td>`)}${
        values === undefined
          ? html`<td class="down" colspan="${figures.length}">${error?.code ?? ''}: ${error?.message ?? ''}</td>`
          : figures.map(name => html`<td>${written(name, values[name])}</td>`)
      }</tr>`,
  )}</tbody></table>`;
}

export function written(name: FigureName, value: number): string {
  const { unit } = FIGURES[name];
  if (unit === 'fraction') return percent(value);
  if (unit === 'money') return money(value);
  return number(value, unit === 'count' ? 0 : 2);
}

function payloadOf(
  { table }: SweepResult,
  runs: readonly SweepRun[],
  figures: readonly FigureName[],
): SweepPayload {
  const axes = table.combinations.axes.map(axis => {
    if ('values' in axis) return { name: axis.name, values: axis.values.map(String) };
    const width = (axis.to - axis.from) / BINS;
    const middle = (i: number) => String(Number((axis.from + (i + 0.5) * width).toPrecision(4)));
    return { name: axis.name, values: Array.from({ length: BINS }, (_, i) => middle(i)) };
  });
  const positions = table.combinations.axes.map((axis, a) => {
    const places = new Map(axes[a].values.map((value, i) => [value, i]));
    return runs.map(({ params }) => {
      const value = params[axis.name];
      if ('values' in axis) return places.get(String(value)) ?? -1;
      return Math.min(BINS - 1, Math.floor(((Number(value) - axis.from) / (axis.to - axis.from)) * BINS));
    });
  });
  const { objective } = table;
  return {
    axes,
    positions,
    numbers: runs.map(run => run.number),
    figures: figures.map(name => ({
      name,
      title: FIGURES[name].title,
      unit: FIGURES[name].unit,
      better: objective.figure === name ? objective.better : FIGURES[name].better,
      values: runs.map(run => {
        const value = run.figures?.[name] ?? Number.NaN;
        if (Number.isNaN(value)) return '';
        return Number.isFinite(value) ? Number(value.toPrecision(6)) : String(value);
      }),
    })),
  };
}

function shortList(values: readonly string[]): string {
  return values.length <= 12
    ? values.join(', ')
    : `${values.slice(0, 4).join(', ')} … ${values.at(-1)} (${number(values.length)})`;
}
