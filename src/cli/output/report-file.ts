import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BacktestResult } from '../../backtest/result.ts';
import { writeHtmlReport } from '../../report/html/report.ts';
import { CliError, EXIT, interrupted } from './failure.ts';

/** Fails before a long run, not after it, when the report could never be written there. */
export async function checkReportFile(file: string): Promise<void> {
  const folder = await stat(dirname(file)).catch(() => undefined);
  if (!folder?.isDirectory()) {
    throw cannotWrite(file, 'its folder does not exist', 'create the folder, or give another path');
  }
  if ((await stat(file).catch(() => undefined))?.isDirectory()) {
    throw cannotWrite(file, 'it is a folder', 'give a file name, such as qt-report.html');
  }
}

/** Writes a file of results; what the file system says against it becomes `REPORT_NOT_WRITABLE`. */
export async function writeOrFail<R>(file: string, write: () => Promise<R>): Promise<R> {
  try {
    return await write();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
    throw cannotWrite(file, message, 'check the permissions and the free space, or use --no-report');
  }
}

/** Writes the HTML report, all of it or nothing. Returns its bytes. */
export async function writeReportFile(
  result: BacktestResult,
  file: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    const { bytes } = await writeOrFail(file, () => writeHtmlReport(result, file, { signal }));
    return bytes;
  } catch (error) {
    if (signal.aborted) throw interrupted();
    throw error;
  }
}

function cannotWrite(file: string, problem: string, fix: string): CliError {
  return new CliError(
    EXIT.cannotCreate,
    'REPORT_NOT_WRITABLE',
    `the report ${file} cannot be written: ${problem}`,
    {
      value: file,
      fix,
    },
  );
}
