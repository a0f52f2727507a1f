import type { TerminalStyle } from '../../report/console/format.ts';

/** What the stream's reader can show. A pipe or file gets 80 columns and no colours. */
export function styleOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): TerminalStyle {
  const tty = stream.isTTY === true;
  return {
    width: tty && stream.columns > 0 ? stream.columns : 80,
    colour: tty && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
    unicode: isUnicode(env),
  };
}

/** POSIX: the first of these that is set decides. Windows has a terminal for it, and consoles that lack it. */
function isUnicode(env: NodeJS.ProcessEnv): boolean {
  if (process.platform === 'win32') return env.WT_SESSION !== undefined || env.TERM_PROGRAM === 'vscode';
  const locale =
    [env.LC_ALL, env.LC_CTYPE, env.LANG].find(value => value !== undefined && value !== '') ?? '';
  // Without any locale, only macOS's terminals are known to be UTF-8 all the same.
  return locale === '' ? process.platform === 'darwin' : /utf-?8/i.test(locale);
}
