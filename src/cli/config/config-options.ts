import type { Command } from 'commander';
import { type LoadedConfig, loadConfig } from './config.ts';

export function addConfigOptions(command: Command): Command {
  return command
    .option('--config <file>', 'config file (default: the nearest qt.config.ts, here or in a folder above)')
    .option('--no-config', 'use no config file');
}

export async function configOf(flags: { readonly config?: string }): Promise<LoadedConfig> {
  // Commander has one name for --config FILE and --no-config; the latter makes it false.
  if ((flags.config as string | false | undefined) === false) {
    return { config: {}, file: undefined, folder: process.cwd(), codeHash: undefined, code: undefined };
  }
  return loadConfig(flags.config);
}
