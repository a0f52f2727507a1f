import { createHash } from 'node:crypto';

/** 32 characters that an exchange takes in an id; without vowels, so that no id holds a word that a firewall minds. */
const DIGITS = '0123456789bcdfghjklmnpqrstvwxyz_';

/** What an id stands for: an order, or a list of orders. */
export type Role = 'order' | 'list';

/**
 * The id under which an order is placed: 33 characters that follow from the session, the strategy's order, and how often
 * something has been placed for it. The same decision has the same id in each life of a session, and no other has it.
 */
export function clientOrderId(session: string, order: number, role: Role, attempt: number): string {
  const hash = createHash('sha1')
    .update(JSON.stringify([session, order, role, attempt]))
    .digest();
  let id = 'q';
  let bits = 0;
  let held = 0;
  for (const byte of hash) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      id += DIGITS[(held >> bits) & 31];
      held &= (1 << bits) - 1;
    }
  }
  return id;
}
