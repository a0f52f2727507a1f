import { resolve } from 'node:path';
import type { Command } from 'commander';

/** Where sessions are kept unless told otherwise, from the current folder. */
export const DEFAULT_STORE = '.qt/sessions.sqlite';

export function addStoreOption(command: Command): Command {
  return command.option('--store <file>', `SQLite file of the sessions (default: ${DEFAULT_STORE})`);
}

/** The store's absolute path. */
export function storeOf(given: string | undefined): string {
  return resolve(given ?? DEFAULT_STORE);
}
