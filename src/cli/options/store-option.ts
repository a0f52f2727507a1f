import type { Command } from 'commander';
import { Journal } from '../../store/journal.ts';

/** Where sessions are kept unless --store or the config says otherwise; relative to the current folder. */
export const DEFAULT_STORE = '.qt/sessions.sqlite';

export interface StoreFlags {
  readonly store?: string;
}

export function addStoreOption(command: Command): Command {
  return command.option('--store <file>', `SQLite file of the sessions (default: ${DEFAULT_STORE})`);
}

/** The store's path, absolute or relative to the current folder: the flag's, else the config's, else the default. */
export function storeOf(flags: StoreFlags, configured?: string): string {
  return flags.store ?? configured ?? DEFAULT_STORE;
}

/** Opens a store that must exist, for reading; throws `STORE_NOT_FOUND`. */
export function openStore(store: string): Journal {
  return new Journal(store, { mustExist: true });
}
