import { backtest, bool, choice, float, int, memoryFeed, numbers, strategy, text } from 'qt-trader';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { parseParameter } from '../../src/model/parameters.ts';
import { closes } from '../support/bars.ts';

class Sample extends strategy({
  fast: int(10, { min: 2, max: 50, help: 'bars' }),
  width: float(1.5),
  long: bool(true),
  mode: choice(['trend', 'revert']),
  note: text('none'),
}) {
  next() {
    seen = { ...this.params };
  }
}
let seen: object = {};
const data = memoryFeed(closes([1, 2]));

describe('declared parameters', () => {
  test('have the types of their declarations', () => {
    type Params = InstanceType<typeof Sample>['params'];
    expectTypeOf<Params['fast']>().toEqualTypeOf<number>();
    expectTypeOf<Params['long']>().toEqualTypeOf<boolean>();
    expectTypeOf<Params['mode']>().toEqualTypeOf<'trend' | 'revert'>();
    expectTypeOf<Params['note']>().toEqualTypeOf<string>();
    // @ts-expect-error: a misspelt parameter does not compile
    type Misspelt = Params['fats'];
    expectTypeOf<Misspelt>().toBeAny();
  });

  test('have their defaults, and what a run gives instead', async () => {
    await backtest({ strategy: Sample, data });
    expect(seen).toEqual({ fast: 10, width: 1.5, long: true, mode: 'trend', note: 'none' });
    await backtest({ strategy: Sample, data, params: { fast: 5, mode: 'revert' } });
    expect(seen).toMatchObject({ fast: 5, mode: 'revert' });
  });

  test('a misspelt one given to a run is an error with a suggestion', async () => {
    await expect(backtest({ strategy: Sample, data, params: { fats: 5 } })).rejects.toMatchObject({
      code: 'PARAMETER_UNKNOWN',
      message: expect.stringContaining('did you mean "fast"?'),
    });
  });

  test('a misspelt one read at run time is an error too', async () => {
    class Wrong extends strategy({ fast: int(10) }) {
      next() {
        // @ts-expect-error: this does not compile; untyped code gets the error at run time
        this.params.fats;
      }
    }
    await expect(backtest({ strategy: Wrong, data })).rejects.toMatchObject({ code: 'PARAMETER_UNKNOWN' });
  });

  test.each([
    ['fast', 1, 'a whole number from 2 to 50'],
    ['fast', 51, 'a whole number from 2 to 50'],
    ['fast', 2.5, 'a whole number from 2 to 50'],
    ['fast', '5', 'a whole number from 2 to 50'],
    ['width', Number.NaN, 'a number'],
    ['long', 1, 'true or false'],
    ['mode', 'sideways', 'one of trend, revert'],
  ])('%s = %o is outside its declaration', async (name, value, limit) => {
    await expect(backtest({ strategy: Sample, data, params: { [name]: value } })).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
      limit,
    });
  });

  test('cannot be changed by the strategy', async () => {
    class Changing extends strategy({ fast: int(10) }) {
      next() {
        (this.params as { fast: number }).fast = 3;
      }
    }
    await expect(backtest({ strategy: Changing, data })).rejects.toMatchObject({ code: 'STRATEGY_THREW' });
  });

  test('are read from text by their type', () => {
    const { parameters } = Sample;
    expect(parseParameter(parameters, 'fast', '5')).toBe(5);
    expect(parseParameter(parameters, 'long', 'false')).toBe(false);
    expect(parseParameter(parameters, 'note', '5')).toBe('5');
    for (const [name, source] of [
      ['fast', 'five'],
      ['fast', ''],
      ['long', 'yes'],
    ] as const) {
      expect(() => parseParameter(parameters, name, source)).toThrow(
        expect.objectContaining({ code: 'PARAMETER_INVALID' }),
      );
    }
  });

  test('may be lists of numbers, each within the limits', async () => {
    const weights = numbers([1, 2], { min: 0 });
    class Weighted extends strategy({ weights }) {
      next() {
        seen = { weights: this.params.weights };
      }
    }
    await backtest({ strategy: Weighted, data, params: { weights: [3] } });
    expect(seen).toEqual({ weights: [3] });
    expect(parseParameter({ weights }, 'weights', '1, 2.5,0')).toEqual([1, 2.5, 0]);
    for (const source of ['', '1,', '1;2', 'x']) {
      expect(() => parseParameter({ weights }, 'weights', source)).toThrow(
        expect.objectContaining({ code: 'PARAMETER_INVALID' }),
      );
    }
    for (const wrong of [[1, -1], [Number.NaN], 1]) {
      await expect(
        backtest({ strategy: Weighted, data, params: { weights: wrong as number[] } }),
      ).rejects.toMatchObject({ code: 'PARAMETER_INVALID', limit: 'a list of numbers from 0' });
    }
  });

  test('a default outside its own limits is refused where it is declared', () => {
    expect(() => int(1, { min: 2 })).toThrow(expect.objectContaining({ code: 'PARAMETER_INVALID' }));
  });
});
