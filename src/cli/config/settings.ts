import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Command, Option } from 'commander';
import { QtError, suggestion } from '../../model/errors.ts';
import { requireFile } from '../files/input-file.ts';
import { CliError, EXIT } from '../output/failure.ts';
import { configOf } from './config-options.ts';
import { type IniEntry, parseIni } from './ini.ts';

/** Sections of config.ini, and the commands that read them. */
const SECTIONS = ['server', 'collect'] as const;
type Section = (typeof SECTIONS)[number];

export const INI_FILE = 'config.ini';

export interface SettingsFlags {
  readonly ini?: string;
  readonly config?: string;
}

export interface SettingsOptions {
  readonly section: Section;
  /** Options, by their long names, that files may give. */
  readonly names: readonly string[];
  /** Other names for some of them. */
  readonly aliases?: Readonly<Record<string, string>>;
}

/** `--ini FILE`. */
export function addIniOption(command: Command): Command {
  return command.option('--ini <file>', `settings (default: ${INI_FILE} in this folder, if there is one)`);
}

/**
 * Gives a command the settings that its flags leave open: those of config.ini, then those of qt.config.ts; its own
 * defaults come last. Throws CliError `CONFIG_*`, InputError `INI_LINE`.
 */
export async function applySettings(
  command: Command,
  flags: SettingsFlags,
  options: SettingsOptions,
): Promise<void> {
  const { config } = await configOf(flags);
  for (const [key, value] of Object.entries(config[options.section] ?? {})) {
    if (value === undefined) continue;
    give(command, options, dashed(key), Array.isArray(value) ? value.join(',') : String(value), {
      where: `${options.section}.${key} in the config`,
      source: 'config',
    });
  }
  const file = flags.ini === undefined ? INI_FILE : await requireFile(flags.ini, 'settings file');
  if (flags.ini === undefined && !existsSync(file)) return;
  for (const entry of parseIni(await readFile(file, 'utf8'), file)) {
    checkSection(entry, file);
    if (entry.section !== options.section) continue;
    const where = `${file}, line ${entry.line}: ${entry.key}`;
    give(command, options, dashed(entry.key), entry.value, { where, source: 'env' });
  }
}

/** `tokenFile`, `token_file` → `token-file`. */
const dashed = (key: string) =>
  key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`).replaceAll('_', '-');

function checkSection({ line, section }: IniEntry, file: string): void {
  if (SECTIONS.includes(section as Section)) return;
  throw new CliError(
    EXIT.config,
    'CONFIG_UNKNOWN_KEY',
    `${file}, line ${line}: the section "${section}" is unknown`,
    {
      value: section,
      fix: suggestion(section, SECTIONS),
    },
  );
}

function give(
  command: Command,
  { aliases = {}, names }: SettingsOptions,
  key: string,
  text: string,
  { source, where }: { readonly where: string; readonly source: 'config' | 'env' },
): void {
  const name = aliases[key] ?? key;
  const option = names.includes(name) ? command.options.find(one => one.long === `--${name}`) : undefined;
  if (option === undefined) {
    throw new CliError(EXIT.config, 'CONFIG_UNKNOWN_KEY', `${where} is unknown`, {
      value: key,
      fix: suggestion(key, [...names, ...Object.keys(aliases)]),
    });
  }
  const attribute = option.attributeName();
  if (command.getOptionValueSource(attribute) === 'cli') return;
  try {
    command.setOptionValueWithSource(attribute, given(option, text), source);
  } catch (error) {
    if (!(error instanceof QtError)) throw error;
    throw new CliError(EXIT.config, 'CONFIG_INVALID', `${where}: ${error.message}`, {
      value: text,
      cause: error,
    });
  }
}

function given(option: Option, text: string): unknown {
  if (option.isBoolean()) {
    if (/^(true|yes|on|1)$/i.test(text)) return true;
    if (/^(false|no|off|0)$/i.test(text)) return undefined;
    throw new CliError(EXIT.config, 'CONFIG_INVALID', `it was "${text}"`, {
      value: text,
      fix: 'give yes or no',
    });
  }
  if (option.variadic) return text.split(',').map(part => part.trim());
  return option.parseArg === undefined ? text : option.parseArg(text, undefined);
}
