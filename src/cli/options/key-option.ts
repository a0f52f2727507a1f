import type { Command } from 'commander';
import type { Keys } from '../../brokers/binance/gateway/keys.ts';
import { loadKeys } from '../../brokers/binance/gateway/load-keys.ts';

export interface KeyFlags {
  readonly keyFile?: string;
}

export function addKeyOption(command: Command): Command {
  return command.option(
    '--key-file <file>',
    'JSON file with apiKey and apiSecret or privateKeyFile, readable by you alone (default: BINANCE_API_KEY and so on)',
  );
}

/** The keys that the file, or else the environment, holds; throws `KEYS_MISSING`, `KEY_FILE_*`. */
export function keysOf({ keyFile }: KeyFlags): Keys {
  return loadKeys({ file: keyFile, environment: process.env });
}
