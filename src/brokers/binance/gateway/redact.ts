const MARK = '[redacted]';

/** Anything shorter is no secret worth the name, and its letters may stand in any word. */
const SHORTEST_SECRET = 8;
const LONGEST_LINE = 300;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // The rest of a URL behind its path is all parameters.
  [/\?[^\s"'<>]*=[^\s"'<>]*/g, `?${MARK}`],
  [
    /((?:signature|api-?key|api-?secret|secret-?key|x-mbx-apikey)["']?\s*[=:]\s*["']?)[^\s&"',;<>}\]]+/gi,
    `$1${MARK}`,
  ],
  [/-----BEGIN[^-]*-----[\s\S]*?(?:-----END[^-]*-----|$)/g, MARK],
  // No word and no order id is as long as the shortest key or signature.
  [/[A-Za-z0-9+/=_%-]{40,}/g, MARK],
];

/** Takes secrets out of what is told to people and files. */
export class Redactor {
  readonly #secrets: readonly string[];

  constructor(secrets: readonly string[]) {
    const forms = secrets.flatMap(secret => [secret, encodeURIComponent(secret)]);
    this.#secrets = [...new Set(forms)]
      .filter(({ length }) => length >= SHORTEST_SECRET)
      .sort((a, b) => b.length - a.length);
  }

  /** The text in one line of at most 300 characters, without keys, signatures and query strings. */
  line(text: string): string {
    for (const secret of this.#secrets) text = text.replaceAll(secret, MARK);
    for (const [pattern, replacement] of PATTERNS) text = text.replace(pattern, replacement);
    // Also what would be read as a command by a terminal.
    const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
    return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line;
  }
}
