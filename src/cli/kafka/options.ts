import { InputError } from '../../model/errors.ts';

/** A port, 0 for a free one. Throws InputError `OPTION_INVALID`. */
export function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InputError('OPTION_INVALID', `--metrics-port was "${text}"`, {
    value: text,
    limit: 65_535,
    fix: 'give a port, or 0 for a free one',
  });
}
