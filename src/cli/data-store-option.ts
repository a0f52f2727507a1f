import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { LoadedConfig } from './config.ts';

/** Where downloaded and imported data is kept unless --data-store or the config says otherwise; relative to the current folder. */
export const DEFAULT_DATA_STORE = '.qt/data.sqlite';

export interface DataStoreFlags {
  readonly dataStore?: string;
}

export function addDataStoreOption(command: Command): Command {
  return command.option('--data-store <file>', `SQLite file of the data (default: ${DEFAULT_DATA_STORE})`);
}

/** The data store's path, absolute: the flag's, else the config's, else the default. */
export function dataStoreOf(flags: DataStoreFlags, loaded?: LoadedConfig): string {
  const configured = loaded?.config.dataStore;
  if (flags.dataStore === undefined && configured !== undefined) return resolve(loaded!.folder, configured);
  return resolve(flags.dataStore ?? DEFAULT_DATA_STORE);
}
