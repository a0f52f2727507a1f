import { InputError } from '../../model/errors.ts';

/** `key = value` in a section. */
export interface IniEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/**
 * Reads `[section]` and `key = value`; `#` and `;` begin a line that is a comment, or one behind a value and a space.
 * Throws InputError `INI_LINE`.
 */
export function parseIni(text: string, file: string): IniEntry[] {
  const entries: IniEntry[] = [];
  let section = '';
  for (const [at, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const content = raw.trim();
    if (content === '' || /^[#;]/.test(content)) continue;
    const name = /^\[\s*([^\]]*?)\s*\]\s*([#;].*)?$/.exec(content)?.[1];
    if (name !== undefined) {
      section = name;
      continue;
    }
    const [, key, text] = /^([^=]+?)\s*=\s*(.*)$/.exec(content) ?? [];
    if (key === undefined) {
      throw new InputError('INI_LINE', `${file}, line ${at + 1}: "${content}" is no setting`, {
        value: content,
        fix: 'write "key = value", below a [section]',
      });
    }
    // Quotes keep what they hold.
    const quoted = /^(["'])(.*?)\1\s*([#;].*)?$/.exec(text)?.[2];
    const value = quoted ?? text.replace(/(^|\s)[#;].*$/, '').trim();
    entries.push({ section, key, value, line: at + 1 });
  }
  return entries;
}
