import { type Colour, paint, plain, type TerminalStyle } from './format.ts';

/** Something that was looked at. */
export interface ShownCheck {
  readonly code: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly text: string;
  readonly fix: string;
}

const MARKS: Readonly<Record<ShownCheck['state'], readonly [text: string, colour: Colour]>> = {
  ok: ['ok', 'green'],
  warning: ['warning', 'yellow'],
  failed: ['FAILED', 'red'],
};

/** `  ok       the clock … `, with what to do behind it. */
export function checkLine({ state, text, fix }: ShownCheck, style: TerminalStyle): string {
  const [mark, colour] = MARKS[state];
  const rest = fix === '' ? text : `${text}: ${fix}`;
  return plain(style, `  ${paint(style, colour, mark.padEnd(8))} ${rest}`);
}
