import { add, type Data, mul } from 'qt-trader';
import type { AnyIndicator } from '../../src/indicators/registry.ts';

/** The inputs of an indicator as a strategy would choose them: nothing but its definition says what they are. */
export function inputsOf({ definition }: AnyIndicator, data: Data): readonly unknown[] {
  if (definition.inputs === 'two lines') return [data.high, data.low];
  if (definition.domain !== undefined) {
    // Prices from 0 to 200 become the values from one end of the domain to the other.
    const [from, to] = definition.domain;
    return [add(mul(data.close, (to - from) / 200), from)];
  }
  if (definition.inputs === 'line and level') return [data.close, data.open];
  return [data];
}
