import { stripVTControlCharacters } from 'node:util';

const SEGMENTS = new Intl.Segmenter('en', { granularity: 'grapheme' });
const ESCAPE = '\u001b';
/** Changes of colour, which a cut keeps. */
const COLOUR = new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g');
const ASCII = /^[ -~]*$/;
/** What terminals draw two columns wide. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303F\uFE30-\uFE4F\uFF01-\uFF60\uFFE0-\uFFE6])/u;
const NONE = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u;

/** How many columns of a terminal the text takes; colours take none. */
export function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (ASCII.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of SEGMENTS.segment(plain)) width += widthOf(segment);
  return width;
}

/** The text, or as much of its beginning as fits into so many columns; colours are closed behind a cut. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let cut = '';
  let width = 0;
  let from = 0;
  const colours = [...text.matchAll(COLOUR)].map(({ index, 0: code }) => ({ index, code }));
  for (const { index, code } of [...colours, { index: text.length, code: '' }]) {
    for (const { segment } of SEGMENTS.segment(text.slice(from, index))) {
      width += widthOf(segment);
      if (width > columns) return colours.length === 0 ? cut : `${cut}${ESCAPE}[0m`;
      cut += segment;
    }
    cut += code;
    from = index + code.length;
  }
  return cut;
}

/** On one line, and without what would move a terminal's cursor, change its colours or turn its text around. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ')
    .replace(/\t/g, ' ')
    .replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, '');
}

function widthOf(segment: string): number {
  if (NONE.test(segment)) return 0;
  return WIDE.test(segment) ? 2 : 1;
}
