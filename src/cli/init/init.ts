import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { CliError, EXIT } from '../output/failure.ts';
import { packageRoot, version } from '../version.ts';
import { DEV_DEPENDENCIES, projectFiles } from './project-files.ts';

const EXAMPLES = `
Examples:
  qt init my-strategies      a new folder
  qt init                    this folder, around what is there

No file is ever overwritten. A package.json, tsconfig.json or .gitignore that exists is kept as it is.
`;

export function initCommand(): Command {
  return new Command('init')
    .description('Make a project: a strategy, its config, a test and sample data.')
    .argument('[folder]', 'where', '.')
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(runInit);
}

async function runInit(given: string): Promise<void> {
  const folder = resolve(given);
  const files = projectFiles(packageName(folder), dependency(folder));
  const existing = files.filter(({ path }) => existsSync(join(folder, path)));
  const inTheWay = existing.filter(({ kept }) => !kept).map(({ path }) => path);
  if (inTheWay.length > 0) {
    throw new CliError(
      EXIT.cannotCreate,
      'FILES_EXIST',
      `already there: ${inTheWay.join(', ')}; nothing was written`,
      {
        value: inTheWay,
        fix: 'move them away, or give another folder: qt init my-project',
      },
    );
  }
  for (const file of files) {
    const target = join(folder, file.path);
    if (existing.includes(file)) {
      process.stdout.write(`  kept     ${file.path}\n`);
      continue;
    }
    try {
      await mkdir(dirname(target), { recursive: true });
      // wx: a file that appeared in the meantime is not overwritten either.
      await writeFile(target, file.content(), { flag: 'wx' });
    } catch (error) {
      throw new CliError(EXIT.cannotCreate, 'NOT_WRITABLE', `${target}: ${(error as Error).message}`, {
        fix: 'check the permissions of the folder',
        cause: error,
      });
    }
    process.stdout.write(`  created  ${file.path}\n`);
  }
  process.stdout.write(
    await nextSteps(
      folder,
      existing.some(({ path }) => path === 'package.json'),
    ),
  );
}

async function nextSteps(folder: string, hadManifest: boolean): Promise<string> {
  const steps = [];
  const path = relative(process.cwd(), folder);
  if (path !== '') steps.push(`cd ${path}`);
  const missing = hadManifest ? await missingPackages(folder) : [];
  if (!hadManifest) steps.push('npm install');
  else if (missing.length > 0) steps.push(`npm install --save-dev ${missing.join(' ')}`);
  steps.push('npx qt backtest', hadManifest ? 'npx vitest run' : 'npm test');
  return `\nNext:\n${steps.map(step => `  ${step}\n`).join('')}`;
}

/** What the test and the type check need and a package.json that was there does not have. */
async function missingPackages(folder: string): Promise<string[]> {
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const present = { ...dependencies, ...devDependencies };
  return Object.entries(DEV_DEPENDENCIES)
    .filter(([name]) => !(name in present))
    .map(([name, range]) => `${name}@${range}`);
}

/** A checkout is depended on by its path: its version need not be on the registry. */
function dependency(folder: string): string {
  return /[\\/]node_modules[\\/]/.test(packageRoot)
    ? `^${version}`
    : `file:${relative(folder, packageRoot).replaceAll('\\', '/')}`;
}

/** A name that npm accepts. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '');
  return name === '' || name === 'qt-trader' ? 'my-strategies' : name;
}
