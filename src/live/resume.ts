import type { DataFeed } from '../feeds/feed.ts';
import { InputError, type QtError, StrategyError } from '../model/errors.ts';
import type { SessionRecord } from '../store/journal.ts';
import { type Lock, sessionLock, takeLock } from '../store/lock.ts';
import { silentFeed } from './inputs.ts';
import type { Divergence } from './replay.ts';
import { changesOf, type SessionSettings } from './settings.ts';

/** Throws `SESSION_CHANGED` when a session that is to go on began with other settings. */
export function checkUnchanged({ id, settings }: SessionRecord<SessionSettings>, now: SessionSettings): void {
  const changes = changesOf(settings, now);
  if (changes.length === 0) return;
  throw new InputError('SESSION_CHANGED', `session ${id} began with other settings: ${changes.join(', ')}`, {
    value: changes,
    fix: 'run it as it was, or begin a new session with --new',
  });
}

/** Feeds with the terms that the session began with: what was decided then must come out again. They say nothing. */
export function recordedFeeds(feeds: readonly DataFeed[], settings: SessionSettings): DataFeed[] {
  return feeds.map(({ interval, stamps, columns, growsBy }, i) =>
    silentFeed({ instrument: settings.datas[i].instrument, interval, stamps, columns, growsBy }),
  );
}

/** Throws `SESSION_BUSY` while another process runs the session. */
export function lockSession(store: string, id: number): Lock {
  const lock = takeLock(sessionLock(store, id));
  if (lock !== undefined) return lock;
  throw new InputError('SESSION_BUSY', `session ${id} is running in another process`, {
    value: id,
    fix: 'stop that one, or begin another session beside it with --new',
  });
}

/** Why a session cannot go on that decides otherwise, living through its journal again, than it did. */
export function diverged(id: number, first: Divergence, codeChanged: boolean): QtError {
  const when = Number.isNaN(first.time) ? 'at its start' : `at ${new Date(first.time).toISOString()}`;
  return codeChanged
    ? new InputError(
        'SESSION_CHANGED',
        `session ${id} cannot go on: the strategy's code has changed, and ${when} it decides otherwise than before`,
        { value: first, fix: 'go back to the code it began with, or begin a new session with --new' },
      )
    : new StrategyError(
        'SESSION_DIVERGED',
        `session ${id} cannot go on: ${when} the same inputs led to other decisions than before`,
        {
          value: first,
          fix: 'take clocks, random numbers and files out of the strategy, or begin a new session with --new',
        },
      );
}
