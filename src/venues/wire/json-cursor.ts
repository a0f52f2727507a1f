/** A frame that is not what its venue's protocol says: not JSON, or JSON of another shape. */
export class FrameError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FrameError';
  }
}

/** Whether a text is JSON at all. Slow; for frames that were refused. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Digits that a double holds exactly, whatever they are. */
const MOST_DIGITS = 15;
/** Nesting that no protocol needs. */
const MOST_DEPTH = 64;

/** Texts that are longer are not read as bytes. */
const LONGEST_ASCII = 1 << 20;
/** Zeros behind the last byte, so that four bytes can be looked at from any place on. */
const PADDING = 8;

/** A text of ASCII characters only, a byte each, with zeros behind it. */
export interface Ascii {
  readonly bytes: Uint8Array;
  /** Of the same bytes. */
  readonly view: DataView;
}

/**
 * Reads JSON in one pass and without making objects: the caller asks for what the protocol says comes next. Numbers are
 * read as the decimals that the text shows (`mantissa` × 10^-`decimals`), never as doubles, and strings that hold numbers
 * likewise. All syntax is checked, also of what is skipped. Throws FrameError.
 */
export class JsonCursor {
  text = '';
  at = 0;
  /** Bounds of the value or key that was read last, without quotes. */
  start = 0;
  end = 0;
  /** Of the decimal that was read last: its digits as an integer. Beyond 2^53 see `isExact`. */
  mantissa = 0;
  /** Of the decimal that was read last: digits after the point. */
  decimals = 0;
  /** False when the last decimal has more digits than a double holds; `value()` has them all. */
  isExact = true;
  #escaped = false;
  #bytes = Buffer.alloc(0);
  #ascii: Ascii = { bytes: this.#bytes, view: new DataView(new ArrayBuffer(0)) };
  #isEncoded = false;
  #isAscii = false;
  /** One bit a level of nesting: 1 before its first member. */
  #first = true;

  /** Begins with another text. */
  open(text: string): void {
    this.text = text;
    this.at = 0;
    this.#isEncoded = false;
  }

  /** The text as bytes, which are read faster than characters, until the next `open`; undefined where it is not plain. */
  ascii(): Ascii | undefined {
    if (!this.#isEncoded) {
      this.#isEncoded = true;
      this.#isAscii = this.#encode();
    }
    return this.#isAscii ? this.#ascii : undefined;
  }

  #encode(): boolean {
    const { length } = this.text;
    if (length > LONGEST_ASCII) return false;
    if (this.#bytes.length < length + PADDING) {
      this.#bytes = Buffer.alloc(2 * length + PADDING);
      const { buffer, byteLength, byteOffset } = this.#bytes;
      this.#ascii = {
        bytes: new Uint8Array(buffer, byteOffset, byteLength),
        view: new DataView(buffer, byteOffset, byteLength),
      };
    }
    // Any other character takes more bytes than it takes places in a text.
    if (this.#bytes.write(this.text) !== length) return false;
    this.#ascii.view.setFloat64(length, 0);
    return true;
  }

  /** Steps into an object; then ask for its keys until there are no more. */
  object(): void {
    this.#expect(OPEN_BRACE, '{');
    this.#first = true;
  }

  /** Steps to the next key of the object that was stepped into, and past its colon; false at the object's end. */
  key(): boolean {
    let code = this.#token();
    if (code === CLOSE_BRACE) {
      this.at++;
      this.#first = false;
      return false;
    }
    if (this.#first) this.#first = false;
    else {
      if (code !== COMMA) this.#fail('a comma or }');
      this.at++;
      code = this.#token();
    }
    if (code !== QUOTE) this.#fail('a key');
    this.#string();
    const { start, end } = this;
    this.#expect(COLON, ':');
    this.start = start;
    this.end = end;
    return true;
  }

  /** Steps into an array; then ask for its items until there are no more. */
  array(): void {
    this.#expect(OPEN_BRACKET, '[');
    this.#first = true;
  }

  /** Steps to the next item of the array that was stepped into; false at the array's end. */
  item(): boolean {
    const code = this.#token();
    if (code === CLOSE_BRACKET) {
      this.at++;
      this.#first = false;
      return false;
    }
    if (this.#first) {
      this.#first = false;
      return true;
    }
    if (code !== COMMA) this.#fail('a comma or ]');
    this.at++;
    if (this.#token() === CLOSE_BRACKET) this.#fail('an item');
    return true;
  }

  /** The first character of the value that comes next. */
  peek(): number {
    return this.#token();
  }

  get isObject(): boolean {
    return this.#token() === OPEN_BRACE;
  }

  get isArray(): boolean {
    return this.#token() === OPEN_BRACKET;
  }

  get isString(): boolean {
    return this.#token() === QUOTE;
  }

  /** The key or value that was read last is `text`. */
  is(text: string): boolean {
    return this.end - this.start === text.length && this.text.startsWith(text, this.start);
  }

  /** The code of the key that was read last where it is of one character; 0 where it is longer. */
  get letter(): number {
    return this.end - this.start === 1 ? this.text.charCodeAt(this.start) : 0;
  }

  /** The text of the value or key that was read last. */
  value(): string {
    const raw = this.text.slice(this.start, this.end);
    if (!this.#escaped) return raw;
    try {
      return JSON.parse(`"${raw}"`) as string;
    } catch {
      throw new FrameError(`a string with an escape that JSON does not have, at ${this.start}`);
    }
  }

  /** Reads a string, a number, true, false or null as text; null gives null. */
  scalar(): string | null {
    this.#scalar();
    return this.text.charCodeAt(this.start - 1) !== QUOTE && this.is('null') ? null : this.value();
  }

  /** Reads a string. */
  string(): string {
    this.stringBounds();
    return this.value();
  }

  /** Reads a string of which only the bounds are wanted. */
  stringBounds(): void {
    if (this.#token() !== QUOTE) this.#fail('a string');
    this.#string();
  }

  /** Reads true or false. */
  boolean(): boolean {
    this.#scalar();
    if (this.is('true')) return true;
    if (!this.is('false')) this.#fail('true or false');
    return false;
  }

  /** Reads a number, bare or in quotes, as a double. */
  number(): number {
    this.decimal();
    if (!this.isExact) return Number(this.text.slice(this.start, this.end));
    return this.decimals === 0 ? this.mantissa : Number(this.text.slice(this.start, this.end));
  }

  /** Reads a number, bare or in quotes, into `mantissa` and `decimals`. */
  decimal(): void {
    const { text } = this;
    let code = this.#token();
    let at = this.at;
    const quoted = code === QUOTE;
    if (quoted) code = text.charCodeAt(++at);
    const start = at;
    let negative = false;
    if (code === MINUS) {
      negative = true;
      code = text.charCodeAt(++at);
    }
    const first = at;
    let mantissa = 0;
    while (code >= ZERO && code <= NINE) {
      mantissa = mantissa * 10 + (code - ZERO);
      code = text.charCodeAt(++at);
    }
    let digits = at - first;
    // JSON has no leading zeros, and no number without a digit before its point.
    if (digits === 0 || (!quoted && digits > 1 && text.charCodeAt(first) === ZERO)) this.#fail('a number');
    let decimals = 0;
    if (code === DOT) {
      const point = at;
      code = text.charCodeAt(++at);
      while (code >= ZERO && code <= NINE) {
        mantissa = mantissa * 10 + (code - ZERO);
        code = text.charCodeAt(++at);
      }
      decimals = at - point - 1;
      if (decimals === 0) this.#fail('a digit after the point');
      digits += decimals;
    }
    this.start = start;
    this.#escaped = false;
    this.decimals = decimals;
    this.isExact = true;
    // e or E
    if ((code | 0x20) === 0x65) {
      at = this.#exponent(at, mantissa, digits);
      code = text.charCodeAt(at);
    } else {
      this.mantissa = mantissa;
      if (digits > MOST_DIGITS) this.#long(first, at);
    }
    if (negative) this.mantissa = -this.mantissa;
    this.end = at;
    if (quoted) {
      if (code !== QUOTE) this.#fail('a number');
      at++;
    }
    this.at = at;
  }

  /** Reads a string, a number, true, false or null, of which only the bounds are wanted. */
  bounds(): void {
    this.#scalar();
  }

  /** Passes over a value of any kind, checking its syntax. */
  skip(): void {
    this.#skip(0);
  }

  /** Nothing but blanks may follow. */
  close(): void {
    const { text } = this;
    while (this.at < text.length) {
      const code = text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) this.#fail('the end');
      this.at++;
    }
  }

  #skip(depth: number): void {
    if (depth > MOST_DEPTH) throw new FrameError(`nested more than ${MOST_DEPTH} deep`);
    const code = this.#token();
    if (code === OPEN_BRACE) {
      this.object();
      while (this.key()) this.#skip(depth + 1);
    } else if (code === OPEN_BRACKET) {
      this.array();
      while (this.item()) this.#skip(depth + 1);
    } else this.#scalar();
  }

  #scalar(): void {
    const code = this.#token();
    if (code === QUOTE) {
      this.#string();
      return;
    }
    if (code === MINUS || (code >= ZERO && code <= NINE)) {
      this.decimal();
      return;
    }
    for (const word of ['true', 'false', 'null']) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.start = this.at;
      this.at += word.length;
      this.end = this.at;
      this.#escaped = false;
      return;
    }
    this.#fail('a value');
  }

  #string(): void {
    const { text } = this;
    let at = this.at + 1;
    this.start = at;
    this.#escaped = false;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        this.#escaped = true;
        at += 2;
      } else if (code >= 0x20) at++;
      else {
        // NaN at the end of the text, or a control character.
        this.at = at;
        this.#fail('the end of a string');
      }
    }
    this.end = at;
    this.at = at + 1;
  }

  /** Reads an exponent at `at`: 9.121E-7 → 9121 and ten decimals. */
  #exponent(at: number, mantissa: number, digits: number): number {
    const { text } = this;
    let next = at + 1;
    let code = text.charCodeAt(next);
    const sign = code === MINUS ? -1 : 1;
    if (code === MINUS || code === 0x2b) code = text.charCodeAt(++next);
    const first = next;
    let exponent = 0;
    while (code >= ZERO && code <= NINE) {
      exponent = exponent * 10 + (code - ZERO);
      code = text.charCodeAt(++next);
    }
    if (next === first || next - first > 3) this.#fail('an exponent');
    let decimals = this.decimals - sign * exponent;
    this.mantissa = mantissa;
    this.isExact = digits <= MOST_DIGITS;
    // 1E3 has no decimals, and three zeros more.
    while (decimals < 0) {
      this.mantissa *= 10;
      decimals++;
      if (this.mantissa > Number.MAX_SAFE_INTEGER) this.isExact = false;
    }
    this.decimals = decimals;
    return next;
  }

  /** Many digits may still be few that count: 1500000000.00000000 has two. Zeros at the end are then left out. */
  #long(first: number, end: number): void {
    if (Number.isSafeInteger(this.mantissa)) return;
    const [whole, fraction = ''] = this.text.slice(first, end).split('.');
    const kept = fraction.replace(/0+$/, '');
    this.mantissa = Number(whole + kept);
    this.decimals = kept.length;
    this.isExact = Number.isSafeInteger(this.mantissa);
  }

  /** Passes over blanks; the code of what comes then, NaN at the end. */
  #token(): number {
    const { text } = this;
    let code = text.charCodeAt(this.at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09)
      code = text.charCodeAt(++this.at);
    return code;
  }

  #expect(code: number, name: string): void {
    if (this.#token() !== code) this.#fail(name);
    this.at++;
  }

  #fail(wanted: string): never {
    const { at, text } = this;
    const found = at >= text.length ? 'the end' : JSON.stringify(text.slice(at, at + 12));
    throw new FrameError(`${wanted} was expected at ${at}, found ${found}`);
  }
}
