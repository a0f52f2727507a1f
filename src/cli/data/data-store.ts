import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BarStore, type DataStoreOptions } from '../../store/bars.ts';
import type { LoadedConfig } from '../config/config.ts';
import { addConfigOptions, configOf } from '../config/config-options.ts';

/** Where bars are kept unless --data-store or the config says otherwise; relative to the current folder. */
export const DEFAULT_DATA_STORE = '.qt/data.sqlite';

export interface DataStoreFlags {
  readonly dataStore?: string;
  readonly config?: string;
}

/** What every command has that works on the store of bars. */
export function addDataStoreOptions(command: Command): Command {
  return addConfigOptions(
    command.option('--data-store <file>', `SQLite file of the bars (default: ${DEFAULT_DATA_STORE})`),
  ).option('--debug', 'show the stack of an error');
}

/** The path of the store, absolute or relative to the current folder: the flag's, else the config's, else the default. */
export function dataStoreOf(
  { dataStore }: Pick<DataStoreFlags, 'dataStore'>,
  { config, folder }: LoadedConfig,
): string {
  return (
    dataStore ?? (config.dataStore === undefined ? DEFAULT_DATA_STORE : resolve(folder, config.dataStore))
  );
}

/** Opens the store of bars for as long as `act` takes. Throws `STORE_*`. */
export async function withDataStore<R>(
  flags: DataStoreFlags,
  options: DataStoreOptions,
  act: (store: BarStore) => R | Promise<R>,
): Promise<R> {
  const store = new BarStore(dataStoreOf(flags, await configOf(flags)), options);
  try {
    return await act(store);
  } finally {
    store.close();
  }
}
