/**
 * How often `b` goes into `a` as a whole number, rounded down. The remainder is exact, where the rounded quotient of the
 * two may be one too many: 0.6 / 0.1 is 6 and more than goes into it.
 */
export function floorDivide(a: number, b: number): number {
  const rest = a % b;
  const whole = Math.round((a - rest) / b);
  return rest !== 0 && rest < 0 !== b < 0 ? whole - 1 : whole;
}
