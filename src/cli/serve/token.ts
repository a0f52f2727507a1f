import { readFile } from 'node:fs/promises';
import { InputError } from '../../model/errors.ts';
import { requireFile } from '../files/input-file.ts';

const LEAST = 8;

/** What clients must show: from a file, else from QT_SERVE_TOKEN; undefined for none. Throws InputError `TOKEN_INVALID`. */
export async function serveToken(
  file: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const from = file === undefined ? 'QT_SERVE_TOKEN' : file;
  const text =
    file === undefined ? env.QT_SERVE_TOKEN : await readFile(await requireFile(file, 'token file'), 'utf8');
  if (text === undefined || (file === undefined && text === '')) return undefined;
  const token = text.trim();
  if (token.length >= LEAST && /^[\x21-\x7e]+$/.test(token)) return token;
  // The token itself is nobody's business.
  throw new InputError('TOKEN_INVALID', `the token of ${from} cannot be used`, {
    value: token.length,
    limit: LEAST,
    fix: `give one line of at least ${LEAST} ASCII characters without spaces`,
  });
}
