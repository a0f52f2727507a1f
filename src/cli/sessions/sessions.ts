import { Command } from 'commander';
import { isReal } from '../../live/real/settings.ts';
import type { SessionSettings } from '../../live/settings.ts';
import { plain } from '../../report/console/format.ts';
import { type ListedSession, sessionLines } from '../../report/console/sessions.ts';
import { Halts } from '../../store/halts.ts';
import type { SessionRecord } from '../../store/journal.ts';
import { isLocked, sessionLock } from '../../store/lock.ts';
import { addConfigOptions, configOf } from '../config/config-options.ts';
import { addStoreOption, openStore, type StoreFlags } from '../options/store-option.ts';
import { styleOf } from '../output/terminal.ts';
import { storeFor } from './session-run.ts';

interface SessionsFlags extends StoreFlags {
  readonly json?: boolean;
  readonly config?: string;
}

const EXAMPLES = `
Examples:
  qt sessions
  qt sessions --store paper.sqlite --json | jq '.sessions[-1]'

A session that says "running" is running now; "interrupted" was killed. Both "stopped" and "interrupted" ones go on when
the same "qt live" is run again.
`;

export function sessionsCommand(): Command {
  const command = new Command('sessions').description('List the live sessions of a store.');
  return addConfigOptions(addStoreOption(command).option('--json', 'one JSON document on stdout'))
    .option('--debug', 'show the stack of an error')
    .addHelpText('after', EXAMPLES)
    .action(listSessions);
}

async function listSessions(flags: SessionsFlags): Promise<void> {
  const store = await storeFor(flags, await configOf(flags));
  const journal = openStore(store);
  const recorded = journal.sessions<SessionSettings>();
  journal.close();
  const halts = new Halts(store, { mustExist: true });
  const sessions = recorded.map(session => ({
    ...session,
    status: statusOf(session, store),
    ...accountState(session.settings, halts),
  }));
  halts.close();
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ format: 1, sessions: sessions.map(asJson) })}\n`);
    return;
  }
  if (sessions.length === 0) {
    process.stdout.write('No sessions yet: qt live --paper makes one.\n');
    return;
  }
  const terminal = styleOf(process.stdout);
  // Who reads it from a pipe wants all columns.
  const style = process.stdout.isTTY ? terminal : { ...terminal, width: Number.POSITIVE_INFINITY };
  process.stdout.write(
    `${sessionLines(sessions, style)
      .map(line => plain(style, line))
      .join('\n')}\n`,
  );
}

/** What a session's lock tells: one that says that it runs, and does not, was killed. */
export function statusOf({ id, status }: SessionRecord, store: string): ListedSession['status'] {
  return status === 'running' && !isLocked(sessionLock(store, id)) ? 'interrupted' : status;
}

function accountState(settings: SessionSettings, halts: Halts): Pick<ListedSession, 'account' | 'halted'> {
  if (!isReal(settings)) return { account: undefined, halted: undefined };
  const { account } = settings;
  const halt = halts.of(account);
  if (halt === undefined) return { account, halted: undefined };
  const { time, code, message } = halt;
  return { account, halted: { time, code, message } };
}

function asJson({ identity: _, ...session }: ListedSession) {
  return { ...session, return: session.value / session.settings.cash - 1 };
}
