import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { AccountOptions } from '../../exchange/trading/account.ts';
import { DataError, InputError, OutputError } from '../../model/errors.ts';
import { requireFile } from '../files/input-file.ts';
import { shown } from '../files/shown.ts';

/** Where the key of a rehearsal's account is written unless told otherwise. */
export const KEYS_FILE = '.qt/local-key.json';

/** Accounts from JSON files, each an object or an array of objects. */
export async function readAccounts(files: readonly string[]): Promise<AccountOptions[]> {
  const accounts: AccountOptions[] = [];
  for (const file of files) {
    const path = await requireFile(file, 'account file');
    let given: unknown;
    try {
      given = JSON.parse(await readFile(path, 'utf8'));
    } catch (cause) {
      throw invalid(path, cause);
    }
    for (const account of [given].flat()) {
      const { balances } = (account ?? {}) as { balances?: unknown };
      if (typeof balances !== 'object' || balances === null) throw invalid(path);
      accounts.push(account as AccountOptions);
    }
  }
  return accounts;
}

/**
 * An account with these balances (`USDT=10000`) and a new key, which is written to a file that its owner alone may
 * read: `{ "apiKey": …, "apiSecret": … }`, as `qt live` takes it.
 */
export async function rehearsalAccount(
  entries: readonly string[],
  file: string,
): Promise<{ readonly account: AccountOptions; readonly file: string }> {
  const balances = Object.fromEntries(entries.map(readBalance));
  const text = (bytes: number) => randomBytes(bytes).toString('hex');
  const key = { apiKey: text(32), apiSecret: text(32) };
  const path = resolve(file);
  try {
    await mkdir(dirname(path), { recursive: true });
    // A file that is there keeps its mode when it is written: this one must never be readable by others.
    await writeFile(path, '', { mode: 0o600 });
    await chmod(path, 0o600);
    await writeFile(path, `${JSON.stringify(key, null, 2)}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new OutputError('KEYS_NOT_WRITABLE', `the key cannot be written to ${shown(path)}`, {
      value: shown(path),
      fix: 'give --keys a file in a folder that you may write to',
      cause,
    });
  }
  return { account: { ...key, balances }, file: shown(path) };
}

function readBalance(entry: string): readonly [string, string] {
  const [, asset, amount] = /^([A-Z0-9]{1,20})=(\d{1,20}(?:\.\d{1,8})?)$/.exec(entry) ?? [];
  if (asset === undefined) {
    throw new InputError('BALANCE_INVALID', `the balance was "${entry}"`, {
      value: entry,
      limit: 'ASSET=AMOUNT, with at most 8 decimals',
      fix: 'write --balance USDT=10000 BTC=0.5',
    });
  }
  return [asset, amount];
}

function invalid(path: string, cause?: unknown): DataError {
  return new DataError('ACCOUNT_INVALID', 'this is no account', {
    file: shown(path),
    limit: '{"apiKey":"…","apiSecret":"…","balances":{"USDT":"10000"}}',
    fix: 'give a JSON file with keys and balances',
    cause,
  });
}
