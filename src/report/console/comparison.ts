import { FIGURES } from '../../research/figures.ts';
import { bestBy, COMPARED, type Comparison } from '../comparison.ts';
import { number, paint, plain, type TerminalStyle } from './format.ts';
import { figureText } from './sweep.ts';
import { tableLines } from './table.ts';

const INDENT = '  ';

/** Figures as rows, runs as columns; the best of each row is marked. */
export function comparisonLines(comparison: Comparison, terminal: TerminalStyle): string[] {
  const { runs, names, bars, notes } = comparison;
  const style = { ...terminal, width: terminal.width - INDENT.length };
  const mark = terminal.unicode ? '●' : '*';
  const rows = COMPARED.map(name => {
    const best = bestBy(name, runs);
    return [
      FIGURES[name].title,
      ...runs.map((run, i) => `${figureText(name, run.figures[name])} ${i === best ? mark : ' '}`),
    ];
  });
  const columns = [
    { title: '' },
    ...runs.map(run => ({ title: `${run.label}  `, align: 'right' as const, least: 10 })),
  ];
  const lines = [
    paint(style, 'bold', `${runs.length} runs on ${names.join(', ')}`),
    `${number(bars, 0)} bars; ${mark} is best of its row`,
    '',
    ...tableLines(columns, rows, style),
    '',
    ...notes.map(note => `Note: ${note}`),
  ];
  while (lines.at(-1) === '') lines.pop();
  return lines.map(line => plain(style, line === '' ? '' : INDENT + line));
}
