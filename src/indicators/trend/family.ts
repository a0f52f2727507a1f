import { aroon } from './aroon.ts';
import {
  adx,
  adxr,
  directionalIndicator,
  directionalMovement,
  directionalSystem,
  dmi,
  dx,
} from './directional.ts';
import { fractal } from './fractal.ts';
import { heikinAshi, heikinAshiDelta } from './heikin-ashi.ts';
import { ichimoku } from './ichimoku.ts';
import { demarkPivotPoints, fibonacciPivotPoints, pivotPoints } from './pivot-points.ts';
import { vortex } from './vortex.ts';

/** This family, for the registry. */
export const TREND = [
  adx,
  adxr,
  aroon,
  demarkPivotPoints,
  directionalIndicator,
  directionalMovement,
  directionalSystem,
  dmi,
  dx,
  fibonacciPivotPoints,
  fractal,
  heikinAshi,
  heikinAshiDelta,
  ichimoku,
  pivotPoints,
  vortex,
] as const;
