import { Console } from 'node:console';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { sessionResult } from '../../live/session-result.ts';
import { number } from '../../report/console/format.ts';
import { addConfigOptions } from '../config/config-options.ts';
import { shown } from '../files/shown.ts';
import { addStoreOption, type StoreFlags } from '../options/store-option.ts';
import { interrupted } from '../output/failure.ts';
import { onInterrupt } from '../output/interrupt.ts';
import { checkReportFile, writeReportFile } from '../output/report-file.ts';
import { addSessionArgument, openSession, runOf, type SessionFlags } from './session-run.ts';
import { statusOf } from './sessions.ts';

interface ReportFlags extends StoreFlags {
  readonly out?: string;
  readonly config?: string;
}

const EXAMPLES = `
Examples:
  qt report last                                       qt-session-3.html, also while the session runs
  qt report 3 --out paper.html
`;

export function reportCommand(): Command {
  const command = addSessionArgument(new Command('report'))
    .description('Write the HTML report of a live session.')
    .argument('[strategy]', 'strategy file (default: that of the session)');
  addStoreOption(command).option('--out <file>', 'where it goes (default: qt-session-ID.html)');
  return addConfigOptions(command)
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(runReport);
}

async function runReport(which: string, path: string | undefined, flags: ReportFlags): Promise<void> {
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort());
  // The strategy said it when the session ran.
  const { console } = globalThis;
  globalThis.console = new Console(process.stderr);
  const opened = await openSession(which, flags as SessionFlags);
  try {
    const { journal, session, store } = opened;
    const file = resolve(flags.out ?? `qt-session-${session.id}.html`);
    await checkReportFile(file);
    const status = statusOf(session, store);
    const result = sessionResult(journal, session, await runOf(opened, path, flags), status === 'running');
    if (controller.signal.aborted) throw interrupted();
    const bytes = await writeReportFile(result, file, controller.signal);
    process.stdout.write(
      `Report of session ${session.id} (${status}): ${shown(file)} (${number(bytes / 1024, 0)} kB)\n`,
    );
  } finally {
    opened.journal.close();
    globalThis.console = console;
    release();
  }
}
