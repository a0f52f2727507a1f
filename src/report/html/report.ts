import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { BacktestResult } from '../../backtest/result.ts';
import { InputError } from '../../model/errors.ts';
import { closing, opening } from './document.ts';
import { readChartLibrary } from './library.ts';
import { readPageBundle } from './page-bundle.ts';
import { layOut } from './sections.ts';
import { writeWhole } from './write-file.ts';

// Not gzip: its header names the operating system, and the same run is to give the same file everywhere.
const compress = promisify(deflate);

/**
 * Writes the report of a recorded run (`backtest({ record: true })`) as one HTML file that needs nothing else: no
 * network, no other file. The same result gives the same bytes. The folder is created, an existing file replaced
 * once the new one is complete.
 *
 * Throws `REPORT_NEEDS_RECORDING` for a run that was not recorded, the signal's reason when it is aborted
 * (the file is then as it was), and the file system's own errors.
 */
export async function writeHtmlReport(
  result: BacktestResult,
  file: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly bytes: number }> {
  const { signal } = options;
  return writeWhole(file, abortable(renderHtmlReport(result), signal));
}

async function* abortable(parts: AsyncIterable<string>, signal?: AbortSignal): AsyncGenerator<string> {
  for await (const part of parts) {
    signal?.throwIfAborted();
    yield part;
  }
  signal?.throwIfAborted();
}

/** The report's text in parts, to be joined without anything between; see {@link writeHtmlReport}. */
export async function* renderHtmlReport(result: BacktestResult): AsyncGenerator<string> {
  if (result.recording === undefined) {
    throw new InputError('REPORT_NEEDS_RECORDING', 'the run was made without recording its bars', {
      fix: 'run backtest({ …, record: true }) for a report with charts',
    });
  }
  const [library, page] = await Promise.all([readChartLibrary(), readPageBundle()]);
  const data = layOut(result, result.recording);
  yield opening(result, data, library, page);
  for (const section of data.sections) {
    const compressed = await compress(section.bytes());
    yield `<script type="application/octet-stream" id="${section.id}">${compressed.toString('base64')}</script>\n`;
  }
  yield closing(library, page);
}
