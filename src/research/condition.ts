import { InputError, suggestion } from '../model/errors.ts';
import type { ParameterValue } from '../model/parameters.ts';

/** Says whether a combination of parameters is to be tried. */
export type Condition = (params: Readonly<Record<string, ParameterValue>>) => boolean;

type Value = ParameterValue;
type Expression = (params: Readonly<Record<string, ParameterValue>>) => Value;

/** Longer ones are no conditions that somebody wrote. */
const MOST_CHARACTERS = 1000;

const FUNCTIONS: Readonly<Record<string, (...values: number[]) => number>> = {
  abs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  round: Math.round,
  min: Math.min,
  max: Math.max,
};

const TOKEN =
  /\s*(?:(\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?)|([A-Za-z_$][\w$]*)|('[^']*'|"[^"]*")|(&&|\|\||[<>=!]=|[-+*/%()<>!,]))/iy;

/**
 * Reads a condition such as `fast < slow`, `2 * fast <= slow and mode == 'long'`, `10 < fast < slow`: parameters by their names,
 * numbers, texts in quotes, `true`, `false`; `+ - * / %`, comparisons, `and or not` (or `&& || !`), parentheses, and
 * `abs floor ceil round min max`. Nothing else can be said in it, so nothing in it can do harm. Throws `CONDITION_INVALID`.
 */
export function parseCondition(text: string, names: readonly string[]): Condition {
  const expression = new Parser(text, names).parse();
  return params => {
    const value = expression(params);
    if (typeof value === 'boolean') return value;
    throw invalid(
      text,
      `gives ${JSON.stringify(value)}, not true or false`,
      'compare it with something: fast < slow',
    );
  };
}

interface Token {
  readonly kind: 'number' | 'name' | 'text' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

/** Recursive descent, one method a level of precedence, loosest first. */
class Parser {
  readonly #text: string;
  readonly #names: readonly string[];
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string, names: readonly string[]) {
    if (text.length > MOST_CHARACTERS) {
      throw invalid(
        `${text.slice(0, 40)}…`,
        `has ${text.length} characters`,
        `use at most ${MOST_CHARACTERS}`,
      );
    }
    this.#text = text;
    this.#names = names;
    this.#tokens = tokensOf(text);
  }

  parse(): Expression {
    const expression = this.#or();
    if (this.#peek.kind !== 'end') throw this.#unexpected();
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take('||', 'or')) {
      const [a, b] = [left, this.#and()];
      left = params => this.#truth(a(params)) || this.#truth(b(params));
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#take('&&', 'and')) {
      const [a, b] = [left, this.#not()];
      left = params => this.#truth(a(params)) && this.#truth(b(params));
    }
    return left;
  }

  #not(): Expression {
    if (!this.#take('!', 'not')) return this.#comparison();
    const inner = this.#not();
    return params => !this.#truth(inner(params));
  }

  /** `a < b < c` means both, as in mathematics. */
  #comparison(): Expression {
    const operands = [this.#sum()];
    const signs: string[] = [];
    for (;;) {
      const sign = this.#take('<', '<=', '>', '>=', '==', '!=');
      if (sign === undefined) break;
      signs.push(sign);
      operands.push(this.#sum());
    }
    if (signs.length === 0) return operands[0];
    return params =>
      signs.every((sign, i) => this.#compare(sign, operands[i](params), operands[i + 1](params)));
  }

  #compare(sign: string, a: Value, b: Value): boolean {
    if (sign === '==' || sign === '!=') return (String(a) === String(b)) === (sign === '==');
    const [x, y] = [this.#number(a), this.#number(b)];
    if (sign === '<') return x < y;
    if (sign === '<=') return x <= y;
    return sign === '>' ? x > y : x >= y;
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const sign = this.#take('+', '-');
      if (sign === undefined) return left;
      const [a, b] = [left, this.#product()];
      left = params => this.#number(a(params)) + (sign === '+' ? 1 : -1) * this.#number(b(params));
    }
  }

  #product(): Expression {
    let left = this.#unary();
    for (;;) {
      const sign = this.#take('*', '/', '%');
      if (sign === undefined) return left;
      const [a, b] = [left, this.#unary()];
      left = params => {
        const [x, y] = [this.#number(a(params)), this.#number(b(params))];
        return sign === '*' ? x * y : sign === '/' ? x / y : x % y;
      };
    }
  }

  #unary(): Expression {
    if (!this.#take('-')) return this.#primary();
    const inner = this.#unary();
    return params => -this.#number(inner(params));
  }

  #primary(): Expression {
    const token = this.#peek;
    if (this.#take('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    if (token.kind === 'sign' || token.kind === 'end') throw this.#unexpected();
    this.#next++;
    const { kind, text } = token;
    if (kind === 'number') return () => Number(text);
    if (kind === 'text') return () => text.slice(1, -1);
    if (Object.hasOwn(FUNCTIONS, text) && this.#take('(')) return this.#call(FUNCTIONS[text]);
    if (this.#names.includes(text)) return params => params[text];
    if (text === 'true' || text === 'false') return () => text === 'true';
    throw invalid(this.#text, `names "${text}", which is no parameter`, suggestion(text, this.#names));
  }

  #call(of: (...values: number[]) => number): Expression {
    const given = [this.#sum()];
    while (this.#take(',')) given.push(this.#sum());
    this.#expect(')');
    return params => of(...given.map(one => this.#number(one(params))));
  }

  get #peek(): Token {
    return this.#tokens[this.#next];
  }

  /** Goes on if the next token is one of these. */
  #take(...texts: readonly string[]): string | undefined {
    const { kind, text } = this.#peek;
    if (kind !== 'sign' && kind !== 'name') return undefined;
    if (!texts.includes(text)) return undefined;
    this.#next++;
    return text;
  }

  #expect(text: string): void {
    if (this.#take(text) === undefined) throw this.#unexpected(text);
  }

  #unexpected(wanted?: string): InputError {
    const { kind, text, at } = this.#peek;
    const what = kind === 'end' ? 'ends too early' : `has "${text}" at character ${at + 1}`;
    return invalid(
      this.#text,
      what,
      wanted === undefined ? 'write it like fast < slow and slow <= 100' : `put "${wanted}" there`,
    );
  }

  #number(value: Value): number {
    if (typeof value === 'number') return value;
    throw invalid(this.#text, `reckons with ${JSON.stringify(value)}`, 'compare texts with == or !=');
  }

  #truth(value: Value): boolean {
    if (typeof value === 'boolean') return value;
    throw invalid(
      this.#text,
      `takes ${JSON.stringify(value)} for true or false`,
      'compare it with something: fast < slow',
    );
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ''; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(text);
    if (match === null) {
      const rest = text.slice(at).trimStart();
      throw invalid(text, `has "${rest[0]}" at character ${text.length - rest.length + 1}`, HOW);
    }
    const [, number, name, quoted, sign] = match;
    const kind =
      number !== undefined ? 'number' : name !== undefined ? 'name' : quoted !== undefined ? 'text' : 'sign';
    const found = number ?? name ?? quoted ?? sign;
    tokens.push({ kind, text: found, at: TOKEN.lastIndex - found.length });
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

const HOW = 'use names of parameters, numbers, comparisons, and, or, not and + - * / %';

function invalid(text: string, problem: string, fix: string): InputError {
  return new InputError('CONDITION_INVALID', `the condition "${text}" ${problem}`, { value: text, fix });
}
