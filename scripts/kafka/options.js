import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BrokerFailure } from './jars.js';

/** Where the broker of `npm run kafka:start` is unless told otherwise: one for each user. */
const FOLDER = join(tmpdir(), `qt-trader-kafka-${userInfo().username}`);

/**
 * @param {string} help @param {Record<string, { type: 'string' | 'boolean' }>} more
 * @returns {Record<string, string | boolean | undefined> & { folder: string }}
 */
export function optionsOf(help, more) {
  const options = {
    folder: { type: /** @type {const} */ ('string') },
    help: { type: /** @type {const} */ ('boolean') },
  };
  let values;
  try {
    ({ values } = parseArgs({ options: { ...options, ...more } }));
  } catch (error) {
    throw new BrokerFailure(`${error instanceof Error ? error.message : error}`.split('\n')[0], 2);
  }
  if (values.help === true) {
    console.log(help);
    process.exit(0);
  }
  return { ...values, folder: resolve(String(values.folder ?? FOLDER)) };
}

/** @param {() => Promise<void>} act */
export async function main(act) {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof BrokerFailure)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}
