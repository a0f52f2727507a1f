import { createHash } from 'node:crypto';
import type { BacktestResult } from '../../backtest/result.ts';
import { number } from './data/format.ts';
import type { ChartLibrary } from './library.ts';
import { html, jsonForScript, Markup, scriptText } from './markup.ts';
import type { PageBundle } from './page-bundle.ts';
import { REFUSALS_LISTED, type ReportData } from './sections.ts';
import { keyFigures, monthlyReturns, period, setup } from './summary.ts';

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M4 2v12M12 1v13' stroke='%23888'/%3E%3Cpath fill='%230072b2' d='M2 5h4v6H2z'/%3E%3Cpath fill='%23d55e00' d='M10 3h4v7h-4z'/%3E%3C/svg%3E";

/** Everything before the data. */
export function opening(
  result: BacktestResult,
  data: ReportData,
  library: ChartLibrary,
  page: PageBundle,
): string {
  const { strategy, datas } = result.settings;
  const { head } = data;
  const refused = Object.values(result.metrics.orders.refused).reduce((sum, n) => sum + n, 0);
  const names = [...new Set(datas.map(one => `${one.instrument.symbol} ${one.interval}`))];
  const trades = result.trades.length + result.openTrades.length;
  const notes = [
    ...new Set(result.notes),
    ...(data.rounded
      ? ['Indicator and equity values are shown to eight significant digits; prices are exact.']
      : []),
  ];
  return `<!doctype html>
${
  html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(library, page)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="qt-trader">
<title>${`${strategy} on ${names.join(', ')}`}</title>
<link rel="icon" href="${ICON}">
<style>${new Markup(page.style.replaceAll('</', '<\\/'))}</style>
</head>
<body>
<header class="top">
<h1>${strategy}</h1>
<p class="about"><span>${names.length > 4 ? `${names.length} datas` : names.join(', ')}</span><span>${period(result)}</span><span>${number(result.stats.bars)} bars</span></p>
</header>
${keyFigures(result)}
${notes.length === 0 ? '' : html`<ul class="notes" aria-label="Notes on the data">${notes.map(note => html`<li>${note}</li>`)}</ul>`}
<main>
<section class="chart-card" aria-label="Charts">
<div class="toolbar">
<div class="datas" role="tablist" aria-label="Data" ${new Markup(head.datas.length > 1 ? '' : 'hidden')}>${head.datas.map(
    (one, i) =>
      html`<button type="button" role="tab" data-data="${i}" aria-selected="${i === 0 ? 'true' : 'false'}" tabindex="${i === 0 ? 0 : -1}">${one.label}</button>`,
  )}</div>
<output class="level"></output>
<div class="zoom"><button type="button" data-zoom="in" aria-label="Zoom in" title="Zoom in (+)">+</button><button type="button" data-zoom="out" aria-label="Zoom out" title="Zoom out (−)">−</button><button type="button" data-zoom="all" title="Show the whole run (0)">All</button></div>
</div>
<div class="chart" tabindex="0" role="application" aria-label="Price chart. Arrow keys pan, plus and minus zoom, 0 shows the whole run."></div>
<noscript><p class="empty">The charts and lists need JavaScript.</p></noscript>
</section>
<section class="panel" aria-label="Results">
<div class="tabs" role="tablist" aria-label="Results">${[
    ['trades', 'Trades', trades],
    ['months', 'Months', undefined],
    ['refusals', 'Refused', refused],
    ['setup', 'Setup', undefined],
    ['log', 'Log', result.log.length],
  ].map(
    ([id, name, count], i) =>
      html`<button type="button" role="tab" id="tab-${id!}" aria-controls="pane-${id!}" aria-selected="${i === 0 ? 'true' : 'false'}" tabindex="${i === 0 ? 0 : -1}">${name!}${count === undefined ? '' : html` <small>${number(count as number)}</small>`}</button>`,
  )}<button type="button" class="widen" aria-pressed="false" title="Widen the panel" aria-label="Widen the panel">⇤</button></div>
<div role="tabpanel" id="pane-trades" aria-labelledby="tab-trades"></div>
<div role="tabpanel" id="pane-months" aria-labelledby="tab-months" hidden>${monthlyReturns(result)}</div>
<div role="tabpanel" id="pane-refusals" aria-labelledby="tab-refusals" hidden>${
    refused > REFUSALS_LISTED
      ? html`<p class="hint">The first ${number(REFUSALS_LISTED)} of ${number(refused)}.</p>`
      : ''
  }</div>
<div role="tabpanel" id="pane-setup" aria-labelledby="tab-setup" hidden>${setup(result)}
<section class="list"><h3>About</h3><p class="credit">Written by qt-trader. Charts: <a href="https://www.tradingview.com/" rel="noopener noreferrer" target="_blank">TradingView Lightweight Charts™</a> ${library.version}, Copyright © TradingView, Inc., under the Apache License 2.0, whose text is in this file.</p></section></div>
<div role="tabpanel" id="pane-log" aria-labelledby="tab-log" hidden>${
    result.logDropped > 0
      ? html`<p class="hint">The first ${number(result.log.length)} of ${number(result.log.length + result.logDropped)} entries.</p>`
      : ''
  }</div>
</section>
</main>
<script type="application/json" id="head">${new Markup(jsonForScript(head))}</script>
`.text
}`;
}

/** Everything after the data: the programs, and the licence of the embedded library. */
export function closing(library: ChartLibrary, page: PageBundle): string {
  return `<script>${scriptText(library.script)}</script>
<script>${scriptText(page.script)}</script>
<script type="text/plain" id="licence">Licence of TradingView Lightweight Charts™ ${library.version}, embedded above:

${scriptText(library.licence)}</script>
</body>
</html>
`;
}

/** Nothing may be loaded, and no script may run but the two that belong to the report. */
function policy(library: ChartLibrary, page: PageBundle): string {
  const hash = (script: string) =>
    `'sha256-${createHash('sha256').update(scriptText(script)).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(library.script)} ${hash(page.script)}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
