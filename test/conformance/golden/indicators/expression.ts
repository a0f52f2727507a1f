/** What a name or a step of an expression stands for: a number, a line, a data, a function. */
export type Operation = (a: unknown, b: unknown) => unknown;

/** What an expression is computed with. */
export interface Meaning {
  /** What a name stands for; undefined for one that is not known. */
  readonly name: (name: string) => unknown;
  readonly call: (name: string, args: readonly unknown[]) => unknown;
  /** By their signs: `+ - * / > < >= <= == !=`. */
  readonly operations: Readonly<Record<string, Operation>>;
}

const TOKEN = /\s*(\d+\.?\d*(?:e[-+]?\d+)?|[A-Za-z_]\w*|[<>=!]=|[-+*/<>(),])/y;
/** Signs that bind alike, the weakest first. */
const LEVELS = [
  ['>', '<', '>=', '<=', '==', '!='],
  ['+', '-'],
  ['*', '/'],
];

/** Computes a recorded expression such as `SMA(close,7)`, `(close>open)` or `max(x)-min(x)`. */
export function evaluate(source: string, meaning: Meaning): unknown {
  const tokens = tokensOf(source);
  let at = 0;
  const fail = () => {
    throw new Error(`the expression "${source}" is not understood at "${tokens[at] ?? 'its end'}"`);
  };
  const expect = (token: string) => {
    if (tokens[at] !== token) fail();
    at++;
  };

  function level(depth: number): unknown {
    if (depth === LEVELS.length) return unit();
    let value = level(depth + 1);
    while (LEVELS[depth].includes(tokens[at])) {
      const operation = meaning.operations[tokens[at]];
      if (operation === undefined) fail();
      at++;
      value = operation(value, level(depth + 1));
    }
    return value;
  }

  function unit(): unknown {
    const token = tokens[at];
    if (token === undefined) fail();
    if (token === '(') {
      at++;
      const value = level(0);
      expect(')');
      return value;
    }
    if (token === '-') {
      at++;
      return meaning.operations['-'](0, unit());
    }
    at++;
    if (/^\d/.test(token)) return Number(token);
    if (tokens[at] === '(') return meaning.call(token, list());
    const value = meaning.name(token);
    if (value === undefined) throw new Error(`"${token}" in the expression "${source}" is not known`);
    return value;
  }

  function list(): unknown[] {
    expect('(');
    const args: unknown[] = [];
    while (tokens[at] !== ')') {
      args.push(level(0));
      if (tokens[at] !== ')') expect(',');
    }
    at++;
    return args;
  }

  const value = level(0);
  if (at < tokens.length) fail();
  return value;
}

function tokensOf(source: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = source.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null)
      throw new Error(`the expression "${source}" is not understood at "${source.slice(from)}"`);
    tokens.push(match[1]);
  }
  return tokens;
}

/** A recorded function of a window, `max(x)-min(x)`, as a function of its values. */
export function windowFunction(source: string): (values: readonly number[]) => number {
  const calls: Readonly<Record<string, (...args: readonly unknown[]) => number>> = {
    max: (...args) => Math.max(...args.flat().map(Number)),
    min: (...args) => Math.min(...args.flat().map(Number)),
    sum: (...args) => args.flat().reduce<number>((sum, value) => sum + Number(value), 0),
    len: values => (values as readonly number[]).length,
    abs: value => Math.abs(Number(value)),
  };
  return values =>
    Number(
      evaluate(source, {
        name: name => (name === 'x' ? values : undefined),
        call: (name, args) => {
          if (calls[name] === undefined) throw new Error(`the function ${name} of "${source}" is not known`);
          return calls[name](...args);
        },
        operations: NUMBERS,
      }),
    );
}

const NUMBERS: Readonly<Record<string, Operation>> = {
  '+': (a, b) => Number(a) + Number(b),
  '-': (a, b) => Number(a) - Number(b),
  '*': (a, b) => Number(a) * Number(b),
  '/': (a, b) => Number(a) / Number(b),
  '>': (a, b) => Number(Number(a) > Number(b)),
  '<': (a, b) => Number(Number(a) < Number(b)),
  '>=': (a, b) => Number(Number(a) >= Number(b)),
  '<=': (a, b) => Number(Number(a) <= Number(b)),
  '==': (a, b) => Number(Number(a) === Number(b)),
  '!=': (a, b) => Number(Number(a) !== Number(b)),
};
