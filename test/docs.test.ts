import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';
import { type Outcome, qt, ROOT, run, sampleRows } from './cli/qt.ts';

/**
 * The documents are run. A fence marked `ts` is a whole file: it is type-checked, and executed if it is a strategy or a
 * program. Lines of a fence marked `sh` that call `qt` are run on copies of the strategies and data. Two comments before
 * a fence change that: `<!-- file: PATH -->` says where in the repository the file would lie (it is then only checked),
 * `<!-- not run: REASON -->` leaves a fence out.
 */
interface Fence {
  readonly document: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** From `<!-- file: … -->`. */
  readonly path: string | undefined;
  readonly skipped: boolean;
}

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
].filter(document => existsSync(join(ROOT, document)));

const read = (document: string) => readFileSync(join(ROOT, document), 'utf8');

function fencesOf(document: string): Fence[] {
  const text = read(document);
  return [...text.matchAll(/^(?:<!-- (file|not run): (.+) -->\n+)?```(\w+)\n([\s\S]*?)^```$/gm)].map(
    match => ({
      document,
      line: text.slice(0, match.index + match[0].indexOf('```')).split('\n').length,
      language: match[3],
      text: match[4],
      path: match[1] === 'file' ? match[2] : undefined,
      skipped: match[1] === 'not run',
    }),
  );
}

const FENCES = DOCUMENTS.flatMap(fencesOf).filter(fence => !fence.skipped);
const place = ({ document, line }: Fence) => `${document}:${line}`;
const TS = FENCES.filter(({ language }) => language === 'ts');
const SH = FENCES.filter(({ language }) => language === 'sh');

test('every ts fence has the types of the library', () => {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const files = new Map(TS.map((fence, i) => [join(ROOT, fence.path ?? `document-${i}.ts`), fence] as const));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = file => files.has(file) || fileExists(file);
  host.readFile = file => files.get(file)?.text ?? readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const fence = files.get(file);
    return fence === undefined
      ? getSourceFile(file, ...rest)
      : ts.createSourceFile(file, fence.text, rest[0]);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const wrong = [...files].flatMap(([file, fence]) =>
    [
      ...program.getSyntacticDiagnostics(program.getSourceFile(file)),
      ...program.getSemanticDiagnostics(program.getSourceFile(file)),
    ].map(({ start = 0, messageText }) => {
      const line = fence.line + fence.text.slice(0, start).split('\n').length;
      return `${fence.document}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    }),
  );
  expect(wrong).toEqual([]);
});

const FOLDERS = mkdtempSync(join(tmpdir(), 'qt-docs-'));
afterAll(() => rmSync(FOLDERS, { recursive: true, force: true }));
let checkouts = 0;
const HOURS = sampleRows(8760);

/** A folder like a checkout as far as the documents use one: strategies, data, and the files that they name. */
function checkout(): string {
  // Inside a folder of its own, so that `../` of a document leads nowhere else.
  const folder = join(FOLDERS, String(checkouts++), 'checkout');
  for (const name of ['strategies', 'data'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  copyFileSync(join(ROOT, 'qt.config.ts'), join(folder, 'qt.config.ts'));
  // What a reader installs to follow a document.
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(
    join(ROOT, 'node_modules/technicalindicators'),
    join(folder, 'node_modules/technicalindicators'),
  );
  for (const name of ['btcusdt-1h.csv', 'btc.csv', 'eth.csv']) writeFileSync(join(folder, name), HOURS);
  return folder;
}

/** As Node runs it from source: the library by its path, since nothing is installed around the file. */
const fromSource = (source: string) =>
  source.replaceAll("from 'qt-trader'", `from '${pathToFileURL(join(ROOT, 'src/index.ts')).href}'`);

/** What a command prints on stdout; the test fails with its stderr when it does. */
async function succeeds(command: Promise<Outcome>): Promise<string> {
  const { code, stdout, stderr } = await command;
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}${stdout}`);
  return stdout;
}

const PROGRAMS = TS.filter(
  ({ text, path }) =>
    path === undefined && /^(const|test\().*\bawait\b|\basync\b|^console\.log\(/m.test(text),
);
const STRATEGIES = TS.filter(
  ({ text, path }) =>
    path === undefined && /^export default class .* extends (strategy|signalStrategy)\(/m.test(text),
);

describe('a program of the documents runs', () => {
  test.concurrent.each(PROGRAMS.map(fence => [place(fence), fence] as const))('%s', async (_, { text }) => {
    const folder = checkout();
    writeFileSync(join(folder, 'program.ts'), fromSource(text));
    const sma = join(folder, 'strategies/sma.ts');
    writeFileSync(sma, fromSource(readFileSync(sma, 'utf8')));
    await succeeds(run(process.execPath, ['program.ts'], { cwd: folder }));
  });
});

describe('a strategy of the documents trades', () => {
  test.concurrent.each(STRATEGIES.map(fence => [place(fence), fence] as const))('%s', async (_, { text }) => {
    const folder = checkout();
    writeFileSync(join(folder, 'strategy.ts'), text);
    const args = [
      'backtest',
      'strategy.ts',
      '--data',
      'btc.csv',
      'eth.csv',
      '--symbol',
      'A',
      'B',
      '--json',
      '--quiet',
    ];
    const stdout = await succeeds(qt(args, { cwd: folder }));
    expect(JSON.parse(stdout).metrics.trades.total).toBeGreaterThan(0);
  });
});

describe('a config of the documents is one', () => {
  const configs = TS.filter(({ text }) => text.includes('export default defineConfig('));
  test.each(configs.map(fence => [place(fence), fence] as const))('%s', async (_, { text }) => {
    const folder = checkout();
    copyFileSync(join(folder, 'btc.csv'), join(folder, 'data/btcusdt-1h.csv'));
    copyFileSync(join(folder, 'eth.csv'), join(folder, 'data/eth.csv'));
    writeFileSync(join(folder, 'qt.config.ts'), text);
    await succeeds(qt(['backtest', '--json'], { cwd: folder }));
  });
});

/** The arguments of a line that calls `qt`; undefined for one that does not. */
function qtArguments(line: string): string[] | undefined {
  const words = /^(?:npm ci && )?(?:npx )?qt (.+)$/.exec(line)?.[1].match(/"[^"]*"|\S+/g);
  return words?.map(word => word.replace(/^"(.*)"$/, '$1'));
}

describe('the commands of the documents run', () => {
  const fences = SH.filter(({ text }) => text.split('\n').some(line => qtArguments(line) !== undefined));
  test.concurrent.each(fences.map(fence => [place(fence), fence] as const))('%s', async (_, { text }) => {
    let cwd = checkout();
    for (const line of text.split('\n')) {
      const args = qtArguments(line);
      if (line.startsWith('cd ')) cwd = resolve(cwd, line.slice(3));
      else if (args !== undefined) {
        await succeeds(qt(args, { cwd }));
      }
    }
  });
});

describe('README.md', () => {
  const fences = fencesOf('README.md');

  test('begins with the two commands that a newcomer runs', () => {
    const [first, second] = fences;
    expect([first.language, first.text]).toEqual(['sh', 'npm ci && npx qt backtest strategies/sma.ts\n']);
    expect([second.language, second.text]).toEqual(['sh', 'npm ci && npm test\n']);
  });

  test('quotes strategies/sma.ts exactly', () => {
    expect(fences[2].text).toBe(read('strategies/sma.ts'));
  });

  test('shows what the first command prints, but for its speed', async () => {
    const folder = checkout();
    const { stdout } = await qt(['backtest', 'strategies/sma.ts'], { cwd: folder });
    const steady = (text: string) =>
      text
        .trim()
        .replace(/\(\d+ kB\)/, '(… kB)')
        .replace(/ in [\d.]+ s \(.+ bars\/s\)/, ' in … s');
    expect(fences[3].language).toBe('text');
    expect(steady(fences[3].text)).toBe(steady(stdout));
  });
});

/** The anchor that a heading gets. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

test.each([...DOCUMENTS, 'data/README.md', 'bench/peers/README.md'])(
  '%s: every relative link leads somewhere',
  document => {
    const text = read(document).replace(/^```[\s\S]*?^```$/gm, '');
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target)
      .filter(target => !/^[a-z]+:/.test(target))
      .filter(target => {
        const [path, heading] = target.split('#');
        const file = path === '' ? join(ROOT, document) : resolve(ROOT, dirname(document), path);
        if (!existsSync(file) || relative(ROOT, file).startsWith('..')) return true;
        if (heading === undefined) return false;
        const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
          anchor(title),
        );
        return !headings.includes(heading);
      });
    expect(broken).toEqual([]);
  },
);

test.each(['docs/fills.md', 'docs/fills-backtrader.md'])('%s cites tests that exist', document => {
  const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.test.ts'))
    .map(file => readFileSync(join(ROOT, 'test', file), 'utf8'))
    .join('\n');
  const cited = [...read(document).matchAll(/"([^"\n]+)"/g)].map(([, name]) => name);
  expect(cited.length).toBeGreaterThan(40);
  expect(cited.filter(name => !tests.includes(name))).toEqual([]);
});

describe('error codes', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => ({ file, text: readFileSync(join(ROOT, 'src', file), 'utf8') }));
  const mentioned = (text: string) =>
    new Set([...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code));
  const documented = mentioned(
    ['strategies', 'data', 'dataframes', 'timeframes', 'fills', 'fills-backtrader', 'metrics']
      .map(name => read(`docs/${name}.md`))
      .join('\n'),
  );

  test('that a strategy, its orders or its data can meet are documented', () => {
    const codes = sources
      .filter(({ file }) => /^(model|series|indicators|feeds|brokers|engine)\//.test(file))
      // The words of an exchange look the same, and so do the names that other libraries have for indicators.
      .filter(({ file }) => !/^(brokers\/binance|indicators\/dialects)\//.test(file))
      .flatMap(({ text }) => [...text.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'|^ {2}([A-Z]+(?:_[A-Z]+)+): '/gm)])
      .map(([, quoted, key]) => quoted ?? key);
    // Reading past a table of results is a mistake of code around the library.
    expect([...new Set(codes)].filter(code => !documented.has(code) && code !== 'ROW_UNKNOWN')).toEqual([]);
  });

  test('that are documented exist', () => {
    const all = sources.map(({ text }) => text).join('\n');
    expect([...documented].filter(code => !all.includes(code))).toEqual([]);
  });
});
