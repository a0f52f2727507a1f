import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../model/errors.ts';
import { type Lock, takeLock } from '../../store/lock.ts';

/** The file that stands for an account's symbol. */
export function accountLock(folder: string, account: string, symbol: string): string {
  return join(folder, `${account.replace(/[^a-zA-Z0-9]+/g, '-')}-${symbol}.lock`);
}

/**
 * Takes the locks of an account's symbols, all or none: one process at a time trades a symbol of an account, whatever
 * store it keeps its session in. Throws `ACCOUNT_BUSY`, and `LOCK_NOT_WRITABLE` when the folder cannot be made.
 */
export function lockAccount(folder: string, account: string, symbols: readonly string[]): Lock[] {
  const locks: Lock[] = [];
  try {
    mkdirSync(folder, { recursive: true });
    for (const symbol of symbols) {
      const lock = takeLock(accountLock(folder, account, symbol));
      if (lock === undefined) {
        throw new InputError('ACCOUNT_BUSY', `another process trades ${symbol} on this account`, {
          value: `${account} ${symbol}`,
          fix: 'stop that one, or trade another symbol',
        });
      }
      locks.push(lock);
    }
    return locks;
  } catch (error) {
    for (const lock of locks) lock.release();
    if (error instanceof InputError) throw error;
    throw new InputError(
      'LOCK_NOT_WRITABLE',
      `the folder of locks cannot be used: ${(error as Error).message}`,
      {
        value: folder,
        fix: 'check its permissions',
        cause: error,
      },
    );
  }
}
