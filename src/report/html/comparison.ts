import { FIGURES } from '../../research/figures.ts';
import { bestBy, COMPARED, type ComparedRun, type Comparison } from '../comparison.ts';
import { date, money, number } from './data/format.ts';
import { html, Markup } from './markup.ts';
import { readPageBundle } from './page-bundle.ts';
import { written } from './sweep.ts';
import { writeWhole } from './write-file.ts';

const WIDTH = 1200;
const HEIGHT = 420;
const LEFT = 80;
const BOTTOM = 24;
const COLOURS = 8;

/** Writes runs beside each other as one HTML file without a program: curves on one chart, figures in one table. */
export async function writeComparison(
  comparison: Comparison,
  file: string,
): Promise<{ readonly bytes: number }> {
  const { style } = await readPageBundle('sweep-page');
  return writeWhole(file, [render(comparison, style)]);
}

function render({ runs, names, bars, notes, cash }: Comparison, style: string): string {
  const policy = [
    ...["default-src 'none'", "style-src 'unsafe-inline'", "base-uri 'none'", "form-action 'none'"],
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
<title>${`${runs.map(run => run.label).join(', ')} on ${names.join(', ')}`}</title>
<style>${new Markup(style.replaceAll('</', '<\\/'))}</style>
</head>
<body class="comparison">
<header class="top">
<h1>${runs.map(run => run.label).join(' · ')}</h1>
<p class="about"><span>${names.join(', ')}</span><span>${number(bars)} bars</span><span>${money(cash)} to start with</span></p>
</header>
${notes.length === 0 ? '' : html`<ul class="notes" aria-label="Notes on the data">${notes.map(note => html`<li>${note}</li>`)}</ul>`}
<main>
<section class="panel" aria-label="Account value">${curves(runs)}</section>
<section class="panel" aria-label="Figures">
<table class="runs"><caption>The best of a row is bold</caption><thead><tr><th scope="col"></th>${runs.map((run, i) => html`<th scope="col" style="color:${colour(i)}">${run.label}</th>`)}</tr></thead><tbody>${COMPARED.map(
    name => {
      const best = bestBy(name, runs);
      return html`<tr><th scope="row">${FIGURES[name].title}</th>${runs.map((run, i) => html`<td class="${i === best ? 'best' : ''}">${written(name, run.figures[name])}</td>`)}</tr>`;
    },
  )}<tr><th scope="row">Parameters</th>${runs.map(
    run =>
      html`<td>${Object.entries(run.params)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ')}</td>`,
  )}</tr></tbody></table>
</section>
</main>
</body>
</html>
`.text
}`;
}

function colour(run: number): string {
  return `var(--line-${run % COLOURS})`;
}

/** All curves on one scale. Beyond eight runs, lines are dashed to be told apart. */
function curves(runs: readonly ComparedRun[]): Markup {
  const times = runs.flatMap(run => run.equity.time);
  const values = runs.flatMap(run => run.equity.value);
  if (times.length === 0) return html`<p class="empty">No run made a step.</p>`;
  const [from, to] = extent(times);
  const [low, high] = extent(values);
  const x = (time: number) => LEFT + ((time - from) / Math.max(1, to - from)) * (WIDTH - LEFT);
  const span = high - low || Math.max(1, Math.abs(high));
  const y = (value: number) => (HEIGHT - BOTTOM) * (1 - (value - low) / span);
  const ticks = Array.from({ length: 5 }, (_, i) => low + (span * (i + 0.5)) / 5);
  const days = Array.from({ length: 5 }, (_, i) => from + ((to - from) * i) / 4);
  return html`<svg class="curves" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Account value of each run over time">
${ticks.map(value => html`<line x1="${LEFT}" x2="${WIDTH}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="var(--grid)"/><text x="${LEFT - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end" font-size="12" fill="var(--muted)">${money(value)}</text>`)}
${days.map((time, i) => html`<text x="${x(time).toFixed(1)}" y="${HEIGHT - 6}" text-anchor="${i === 0 ? 'start' : i === 4 ? 'end' : 'middle'}" font-size="12" fill="var(--muted)">${date(time)}</text>`)}
${runs.map(
  ({ label, equity }, i) =>
    html`<polyline fill="none" stroke="${colour(i)}" stroke-width="1.6" stroke-dasharray="${i < COLOURS ? 'none' : '6 3'}" points="${equity.time.map((time, at) => `${x(time).toFixed(1)},${y(equity.value[at]).toFixed(1)}`).join(' ')}"><title>${label}</title></polyline>`,
)}
</svg>`;
}

function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}
