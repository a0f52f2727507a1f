import { backtraderIndicators, talib } from '../../src/index.ts';
import { GROUPS, type IndicatorDefinition } from '../../src/indicators/definition.ts';
import type { DialectFunction } from '../../src/indicators/dialects/dialect.ts';
import type { Parameter } from '../../src/model/parameters.ts';

/** What is told of an indicator beside its definition. */
export interface Told {
  readonly definition: IndicatorDefinition;
  readonly colors: readonly (readonly [line: string, color: string])[];
  readonly minPeriods: Readonly<Record<string, number>>;
}

type Named = Pick<DialectFunction, 'definition' | 'defaults' | 'aliases' | 'terms'>;

const TALIB = Object.entries(talib as Readonly<Record<string, Named>>);
const BACKTRADER = Object.entries(backtraderIndicators as Readonly<Record<string, Named>>);

const INTRODUCTION = `# Indicators

Written by \`npm run docs:indicators\` from the declarations in \`src/indicators\`; a test fails when it is out of date.

An indicator is called in a field of a strategy, with what it is computed from and its options:

<!-- file: strategies/indicators-example.ts -->
\`\`\`ts
import { bollinger, patterns, sma, strategy, talib } from 'qt-trader';

export default class Example extends strategy() {
  average = sma(this.data.close, 20); // a number is the first parameter
  bands = bollinger(this.data, { bars: 20, width: 2 }); // bands.upper, bands.middle, bands.lower
  fast = talib.EMA(this.data.close, { timeperiod: 12 }); // by TA-Lib's names
  hammer = patterns.hammer(this.data); // all candlestick patterns are in \`patterns\`

  next() {
    if (this.bands.lower.now > this.data.close.now && this.hammer.now > 0) this.buy();
  }
}
\`\`\`

- Where a line is wanted, a data stands for its close. Where columns are wanted, it is a data, or an object of your own lines
  by those names.
- Before its first value, which is told at its defaults below, a line is NaN. On lines that begin later it begins later by as much.
- Values are the same whether they are computed over a whole history, in chunks, or bar by bar.
- \`talib\` and \`backtraderIndicators\` have the same indicators under TA-Lib's and backtrader's names, with their parameters,
  defaults and lines: see [the tables at the end](#names-of-ta-lib). Where these define a thing differently, \`convention\` chooses.
- In the pictures the price is gray, and made up. A pattern's candles are marked; green ones close higher than they opened
  (the rules call them white), red ones lower (black).
- What "long", "short" or "near" mean for candles is one table of settings, \`CANDLE_SETTINGS\`; \`candlePatterns({ bodyDoji:
  { factor: 0.05 } })\` makes all patterns with settings of your own.
`;

/** The whole document. */
export function pageOf(all: readonly Told[]): string {
  const parts = [INTRODUCTION, contents(all)];
  for (const group of GROUPS) {
    const members = ofGroup(all, group);
    if (members.length === 0) continue;
    // A heading of the group's name alone would take the anchor of an indicator of that name.
    parts.push(`## Family: ${group}\n`, ...members.map(entry));
  }
  parts.push(names('TA-Lib', TALIB, all), names('backtrader', BACKTRADER, all));
  return `${parts.join('\n').trimEnd()}\n`;
}

const ofGroup = (all: readonly Told[], group: string) =>
  all
    .filter(({ definition }) => definition.group === group)
    .sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));

function contents(all: readonly Told[]): string {
  const rows = GROUPS.map(group => {
    const links = ofGroup(all, group).map(({ definition: { name } }) => `[${name}](#${name.toLowerCase()})`);
    return links.length === 0 ? '' : `| ${capital(group)} | ${links.join(', ')} |`;
  });
  return `| group | indicators |\n|---|---|\n${rows.filter(row => row !== '').join('\n')}\n`;
}

function entry({ definition, colors, minPeriods }: Told): string {
  const { name, title, formula, source, parameters } = definition;
  if (formula === undefined || source === undefined)
    throw new Error(`${name} declares no formula or no source`);
  const lines = [
    `### ${name}`,
    '',
    `**${title}** · \`${signature(definition)}\``,
    '',
    `![${title}](images/indicators/${name}.svg)`,
    '',
    `${capital(formula)}.`,
    '',
  ];
  const rows = Object.entries(parameters).map(([key, parameter]) => parameterRow(key, parameter));
  if (rows.length > 0) lines.push('| parameter | default | values |', '|---|---|---|', ...rows, '');
  lines.push(`- Lines: ${lineList(definition, colors, minPeriods)}`);
  lines.push(`- Source: ${source}`);
  const others = [
    ...namesFor('TA-Lib', TALIB, definition),
    ...namesFor('backtrader', BACKTRADER, definition),
  ];
  if (others.length > 0) lines.push(`- Also: ${others.join('; ')}`);
  return `${lines.join('\n')}\n`;
}

/** `bollinger(line, { bars = 20, width = 2 })`. */
function signature({ name, inputs, parameters, group }: IndicatorDefinition): string {
  const taken =
    inputs === 'line'
      ? 'line'
      : inputs === 'two lines'
        ? 'line, line'
        : inputs === 'line and level'
          ? 'line, line or number'
          : `{ ${inputs.join(', ')} }`;
  const options = Object.entries(parameters).map(([key, { default: value }]) => `${key} = ${shown(value)}`);
  const owner = group === 'candlestick patterns' ? 'patterns.' : '';
  return `${owner}${name}(${taken}${options.length === 0 ? '' : `, { ${options.join(', ')} }`})`;
}

const shown = (value: unknown) => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value));

function parameterRow(name: string, parameter: Parameter): string {
  const { default: value, help } = parameter;
  return `| \`${name}\` | ${shown(value)} | ${limits(parameter)}${help === '' ? '' : `: ${help.replaceAll('|', '\\|')}`} |`;
}

function limits({ kind, min, max, choices }: Parameter): string {
  if (kind === 'choice') return (choices ?? []).map(one => `'${one}'`).join(', ');
  if (kind === 'bool') return 'true, false';
  if (kind === 'text') return 'text';
  const what = kind === 'int' ? 'whole number' : 'number';
  if (min !== undefined && max !== undefined) return `${what}, ${grouped(min)} … ${grouped(max)}`;
  if (min !== undefined) return `${what}, ${grouped(min)} or more`;
  return max === undefined ? what : `${what}, ${grouped(max)} or less`;
}

const grouped = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 20 });

/** `upper` (blue) and `lower` (green) from bar 20. */
function lineList(
  { lines, plotShift, parameters }: IndicatorDefinition,
  colors: Told['colors'],
  minPeriods: Told['minPeriods'],
): string {
  const named = lines.map(line => {
    const found = colors.find(([name]) => name === line);
    const color = found === undefined ? '' : ` (${found[1]})`;
    const shift = plotShift[line];
    const bars = typeof shift === 'number' ? shift : -Number(parameters[shift]?.default);
    const drawn = shift === undefined ? '' : `, drawn ${Math.abs(bars)} bars ${bars < 0 ? 'back' : 'ahead'}`;
    return { text: `\`${line}\`${color}${drawn}`, from: minPeriods[line] };
  });
  const same = named.every(({ from }) => from === named[0].from);
  if (same) return `${named.map(({ text }) => text).join(', ')}; first value at bar ${named[0].from}`;
  return named.map(({ text, from }) => `${text} from bar ${from}`).join(', ');
}

function namesFor(
  library: string,
  table: readonly (readonly [string, Named])[],
  definition: IndicatorDefinition,
) {
  const found = table.filter(([, one]) => one.definition === definition);
  if (found.length === 0) return [];
  return [`${library} ${found.map(([name, { aliases }]) => withAliases(name, aliases)).join(', ')}`];
}

const withAliases = (name: string, aliases: readonly string[]) =>
  `\`${name}\`${aliases.length === 0 ? '' : ` (${aliases.map(alias => `\`${alias}\``).join(', ')})`}`;

/** Which of ours a library's names stand for, with the parameters that differ. */
function names(library: string, table: readonly (readonly [string, Named])[], all: readonly Told[]): string {
  const known = new Map(all.map(({ definition }) => [definition.name, definition]));
  const rows = [...table]
    .sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .map(([name, { definition, defaults, aliases, terms }]) => {
      const link = `[${definition.name}](#${definition.name.toLowerCase()})`;
      const isOurs = known.get(definition.name) === definition;
      const ours = isOurs ? link : `${known.has(definition.name) ? `${link}: ` : ''}${definition.title}`;
      const parameters = Object.entries(defaults).map(([key, value]) => {
        const own = terms.parameters[key];
        const our = own === undefined || own === key ? '' : ` (${own})`;
        return `\`${key}\`${our} = ${shown(value)}`;
      });
      const fixed = Object.entries(terms.fixed).map(([key, value]) => `${key} is ${shown(value)}`);
      const lines = Object.entries(terms.lines).map(([key, own]) =>
        key === own ? `\`${key}\`` : `\`${key}\` (${own})`,
      );
      return `| ${withAliases(name, aliases)} | ${ours} | ${[...parameters, ...fixed].join(', ')} | ${lines.join(', ')} |`;
    });
  const words = 'In brackets: our names of parameters and lines. What "is" something is fixed by that name.';
  return `## Names of ${library}\n\n${words}\n\n| name | ours | parameters | lines |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
